#include "engine/remote/failure.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::engine {

namespace {

using base::Errc;

constexpr int64_t kMessageBytesMax = 400;
constexpr int64_t kPageBytesMax = 200;

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return lower;
}

template <size_t N>
bool containsAny(const std::string& text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// One line, without control characters, of at most `bytesMax` bytes.
std::string oneLine(std::string_view text, int64_t bytesMax) {
    std::string line;
    for (const char c : base::toValidUtf8(text)) {
        const bool isSpace = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
        if (isSpace && (line.empty() || line.back() == ' ')) continue;
        line.push_back(isSpace ? ' ' : c);
    }
    return std::string(base::trim(base::cutUtf8(line, bytesMax)));
}

// A web page as one line: its text without tags, scripts and styles.
std::string pageText(std::string_view page) {
    std::string text;
    const std::string lower = lowerCase(page);
    for (size_t i = 0; i < page.size(); ++i) {
        if (page[i] != '<') {
            text.push_back(page[i]);
            continue;
        }
        size_t end = page.find('>', i);
        for (const std::string_view name : {"script", "style"})
            if (lower.compare(i + 1, name.size(), name) == 0) {
                const size_t close = lower.find(fmt::format("</{}", name), i);
                end = close == std::string::npos ? close : page.find('>', close);
            }
        if (end == std::string_view::npos) break;
        text.push_back(' ');
        i = end;
    }
    return oneLine(text, kPageBytesMax);
}

// What a provider says in an error object; the shapes of several servers.
struct ProviderWord {
    std::string message;
    std::string type;   // "rate_limit_error", "invalid_request_error"
    std::string code;   // "context_length_exceeded", or a number as text
    std::string param;  // OpenAI: the parameter that was refused
};

ProviderWord wordOf(const Json& body) {
    ProviderWord word;
    const Json& error = member(body, "error");
    const Json& object = error.is_object() ? error : body;
    word.message = stringMember(object, "message");
    if (error.is_string()) word.message = error.get<std::string>();
    for (const char* key : {"detail", "msg", "error_msg"})
        if (word.message.empty()) word.message = stringMember(object, key);
    word.type = stringMember(object, "type");
    word.param = stringMember(object, "param");
    word.code = stringMember(object, "code");
    if (const auto number = countMember(object, "code")) word.code = std::to_string(*number);
    if (word.message.empty() && (object.is_object() || object.is_array()) && !object.empty())
        word.message = dumpJson(object);
    word.message = oneLine(word.message, kMessageBytesMax);
    return word;
}

bool saysContextFull(const ProviderWord& word) {
    static constexpr std::array<std::string_view, 11> kSigns = {
        "context_length_exceeded",
        "exceed_context_size",
        "maximum context length",
        "context length",
        "context window",
        "prompt is too long",
        "input is too long",
        "available context size",
        "request_too_large",
        "too many tokens",
        "exceeds the maximum number of tokens"};
    return containsAny(lowerCase(word.type + " " + word.code + " " + word.message), kSigns);
}

bool saysQuotaSpent(const ProviderWord& word) {
    static constexpr std::array<std::string_view, 4> kSigns = {
        "insufficient_quota", "billing_hard_limit", "insufficient balance",
        "exceeded your current quota"};
    return containsAny(lowerCase(word.type + " " + word.code + " " + word.message), kSigns);
}

// The optional parameter that a server says it does not take, or "".
std::string refusedParameter(const ProviderWord& word) {
    static constexpr std::array<std::string_view, 14> kOptional = {"max_completion_tokens",
                                                                   "max_tokens",
                                                                   "stream_options",
                                                                   "reasoning_effort",
                                                                   "cache_control",
                                                                   "thinking",
                                                                   "output_config",
                                                                   "temperature",
                                                                   "response_format",
                                                                   "seed",
                                                                   "stop_sequences",
                                                                   "parallel_tool_calls",
                                                                   "effort",
                                                                   "stop"};
    static constexpr std::array<std::string_view, 10> kSigns = {
        "unsupported", "not supported", "unknown",     "unrecognized", "unexpected",
        "extra",       "not permitted", "not allowed", "no such",      "does not support"};
    const std::string text = lowerCase(word.message + " " + word.code);
    if (!containsAny(text, kSigns)) return {};
    // The one named first: "'max_tokens' is not supported, use 'max_completion_tokens'".
    std::string_view refused;
    size_t refusedPos = std::string::npos;
    for (const std::string_view name : kOptional) {
        size_t pos = word.param == name ? 0 : std::string::npos;
        if (text.starts_with(fmt::format("{}:", name))) pos = 0;
        for (const std::string_view form : {"'{}'", "\"{}\"", "`{}`", "parameter: {}"})
            pos = std::min(pos, text.find(fmt::format(fmt::runtime(form), name)));
        if (pos >= refusedPos) continue;
        refused = name;
        refusedPos = pos;
    }
    return refused == "effort" ? "output_config" : std::string(refused);
}

Failure tryAgain(std::string message) {
    return {.action = Failure::Action::retry, .error = base::Error(Errc::io, std::move(message))};
}

std::string told(const ProviderWord& word) {
    return word.message.empty() ? std::string() : ": " + word.message;
}

Failure failureOfRefusal(const ProviderWord& word, int64_t status, const std::string& where) {
    if (saysContextFull(word))
        return {
            .action = Failure::Action::contextFull,
            .error = base::Error(Errc::invalidInput, fmt::format("HTTP {}{}", status, told(word)))};
    if (saysQuotaSpent(word))
        return giveUp(Errc::denied,
                      fmt::format("the account at {} has no credit left{}", where, told(word)));
    std::string parameter = refusedParameter(word);
    const std::string message =
        fmt::format("{} refused the request (HTTP {}){}", where, status, told(word));
    if (parameter.empty()) return giveUp(Errc::invalidInput, message);
    return {.action = Failure::Action::adapt,
            .error = base::Error(Errc::invalidInput, message),
            .parameter = std::move(parameter)};
}

ProviderWord wordOfBody(const Reply& reply) {
    if (const std::optional<Json> json = parseJson(reply.body)) {
        if (json->is_array() && !json->empty()) return wordOf(json->front());
        return wordOf(*json);
    }
    ProviderWord word;
    const bool isPage = base::trim(reply.body).starts_with('<');
    word.message = isPage ? pageText(reply.body) : oneLine(reply.body, kPageBytesMax);
    return word;
}

bool isRetryableStatus(int64_t status) {
    return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

}  // namespace

Failure giveUp(Errc kind, std::string message) {
    return {.action = Failure::Action::giveUp, .error = base::Error(kind, std::move(message))};
}

Failure failureOfReply(const Reply& reply, const std::string& model, const std::string& where,
                       int64_t wallMs) {
    const ProviderWord word = wordOfBody(reply);
    const int64_t status = reply.status;
    if (status >= 300 && status < 400)
        return giveUp(Errc::invalidInput,
                      fmt::format("{} redirects to {}; redirects are not followed, because the key "
                                  "belongs to one address: put the right address into the base URL",
                                  where, oneLine(reply.location, kPageBytesMax)));
    if (status == 401 || status == 403)
        return giveUp(Errc::denied, fmt::format("{} did not accept the key (HTTP {}){}; check the "
                                                "API key and what it may use",
                                                where, status, told(word)));
    if (status == 402)
        return giveUp(Errc::denied,
                      fmt::format("the account at {} has no balance left (HTTP 402){}; top it up",
                                  where, told(word)));
    if (status == 404)
        return giveUp(Errc::notFound,
                      fmt::format("{} knows no model '{}' or has no API there (HTTP 404){}; check "
                                  "the model's name and the base URL",
                                  where, model, told(word)));
    if (status == 413)
        return {.action = Failure::Action::contextFull,
                .error = base::Error(Errc::invalidInput, "HTTP 413" + told(word))};
    if (status == 429 && saysQuotaSpent(word))
        return giveUp(Errc::denied, fmt::format("the account at {} has no credit left (HTTP 429){}",
                                                where, told(word)));
    if (!isRetryableStatus(status)) return failureOfRefusal(word, status, where);
    // llama.cpp's server answers an overflow with 500 in some versions.
    if (status == 500 && saysContextFull(word)) return failureOfRefusal(word, status, where);

    Failure failure = tryAgain(fmt::format("HTTP {} from {}{}", status, where, told(word)));
    double ms = 0;
    const std::string& text = reply.retryAfterMs;
    if (std::from_chars(text.data(), text.data() + text.size(), ms).ec == std::errc() && ms >= 0 &&
        ms < 1e12)
        failure.retryAfterMs = int64_t(ms);
    else
        failure.retryAfterMs = parseRetryAfter(reply.retryAfter, wallMs);
    return failure;
}

Failure failureOfErrorObject(const Json& error, const std::string& model,
                             const std::string& where) {
    const ProviderWord word = wordOf(error);
    int64_t status = 0;
    std::from_chars(word.code.data(), word.code.data() + word.code.size(), status);
    static constexpr std::array<std::pair<std::string_view, int64_t>, 8> kTypes = {{
        {"authentication_error", 401},
        {"permission_error", 403},
        {"not_found_error", 404},
        {"request_too_large", 413},
        {"billing_error", 402},
        {"rate_limit_error", 429},
        {"invalid_request_error", 400},
        {"overloaded_error", 529},
    }};
    for (const auto& [type, code] : kTypes)
        if (word.type == type) status = code;
    if (status >= 400 && status < 600) {
        Reply reply{.status = status};
        reply.body = dumpJson(error);
        return failureOfReply(reply, model, where, 0);
    }
    if (saysContextFull(word)) return failureOfRefusal(word, 200, where);
    return tryAgain(fmt::format("{} reported an error in its answer{}", where, told(word)));
}

std::optional<int64_t> parseRetryAfter(std::string_view value, int64_t wallMs) {
    const std::string text(base::trim(value));
    if (text.empty()) return std::nullopt;
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size()) {
        if (!(seconds >= 0) || seconds > 1e9) return std::nullopt;
        return int64_t(seconds * 1000.0);
    }
    const time_t date = curl_getdate(text.c_str(), nullptr);
    if (date < 0) return std::nullopt;
    return std::max<int64_t>(0, int64_t(date) * 1000 - wallMs);
}

int64_t backoffMs(int32_t attempt, double random01) {
    constexpr double kLeastMs = 500;
    constexpr double kMostMs = 30'000;
    const double bound =
        std::min(kMostMs, 1000.0 * double(int64_t(1) << std::clamp(attempt - 1, 0, 10)));
    return int64_t(kLeastMs + (bound - kLeastMs) * random01);
}

}  // namespace moxie::engine

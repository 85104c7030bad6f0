// openRemoteModel(): checks what the user configured and makes requests of it.
#include "engine/remote/remote_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "engine/chat_images.h"
#include "engine/open_model.h"
#include "engine/remote/remote_stream.h"

namespace moxie::engine {

namespace {

// A path that already ends at an API version or at a vendor's place for this API.
bool hasVersion(std::string_view path) {
    while (!path.empty()) {
        const size_t slash = path.rfind('/');
        const std::string_view part = path.substr(slash + 1);
        const bool isVersion = part.size() >= 2 && part[0] == 'v' &&
                               std::isdigit(static_cast<unsigned char>(part[1])) != 0;
        if (isVersion || part == "beta") return true;
        path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    }
    return false;
}

void removeEnding(std::string& path, std::string_view ending) {
    if (path.ends_with(ending)) path.resize(path.size() - ending.size());
}

std::string endpointOf(HttpAddress address, RemoteApi api) {
    std::string& path = address.path;
    if (api == RemoteApi::anthropic) {
        removeEnding(path, "/messages");
        removeEnding(path, "/v1");
        path += "/v1/messages";
    } else {
        removeEnding(path, "/chat/completions");
        path += hasVersion(path) ? "/chat/completions" : "/v1/chat/completions";
    }
    return address.origin + path + address.query;
}

bool isPrintable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// What a character adds to a high estimate, in 1/12 tokens. Source code has 3 to 4 bytes a token
// in byte-pair vocabularies of 50k and more; digits and signs are worse, Chinese is near one token
// a character.
int64_t twelfths(unsigned char c) {
    if (c >= 0x80) return 6;  // per byte: a Chinese character has three
    if (std::isalpha(c) != 0 || c == '_') return 4;
    if (c == ' ') return 3;
    return 8;
}

}  // namespace

RemoteModel::RemoteModel(RemoteConfig config, base::Clock& clock)
    : config_(std::move(config)),
      clock_(clock),
      http_(clock),
      random_(std::random_device{}()) {}

base::Result<std::unique_ptr<ChatStream>> RemoteModel::start(ChatRequest request,
                                                             std::stop_token stop) {
    if (request.messages.empty())
        return base::fail(base::Errc::invalidInput, "a request without messages");
    TRY(checkImages(request, limits()));
    return std::make_unique<RemoteStream>(*this, std::move(request), std::move(stop));
}

ModelLimits RemoteModel::limits() const {
    ModelLimits limits;
    limits.model = config_.model;
    limits.contextTokens = config_.contextTokens;
    limits.outputTokensMax = config_.outputTokensMax;
    limits.hasReasoning = knownModel(config_.model).hasReasoning;
    limits.takesImages = config_.takesImages;
    limits.price = config_.price;
    if (limits.price) return limits;
    std::lock_guard lock(mutex_);
    const int64_t nowMs = clock_.wallMs();
    limits.price = knownPrice(answeredModel_, nowMs);
    if (!limits.price) limits.price = knownPrice(config_.model, nowMs);
    return limits;
}

int64_t RemoteModel::countTokens(std::string_view text) const {
    int64_t sum = 0;
    for (const char c : text)
        sum += twelfths(static_cast<unsigned char>(c));
    return (sum + 11) / 12;
}

std::string RemoteModel::serialise(const ChatRequest& request) const {
    RequestShape shape;
    shape.model = config_.model;
    shape.known = knownModel(config_.model);
    shape.outputTokensMax = config_.outputTokensMax;
    shape.isVendorHost = config_.isVendorHost;
    {
        std::lock_guard lock(mutex_);
        shape.refused = refused_;
    }
    return config_.api == RemoteApi::openai ? openAiBody(request, shape)
                                            : anthropicBody(request, shape);
}

RemoteModel::Adapted RemoteModel::adapt(const std::string& parameter) {
    std::lock_guard lock(mutex_);
    return refused_.insert(parameter).second ? Adapted::now : Adapted::before;
}

void RemoteModel::noteAnsweredModel(const std::string& name) {
    std::lock_guard lock(mutex_);
    answeredModel_ = name;
}

double RemoteModel::random01() {
    std::lock_guard lock(mutex_);
    return std::uniform_real_distribution<double>(0.0, 1.0)(random_);
}

std::string RemoteModel::withoutKey(std::string text) const {
    const std::string& key = config_.apiKey;
    if (key.size() < 4) return text;
    for (size_t pos = text.find(key); pos != std::string::npos; pos = text.find(key, pos))
        text.replace(pos, key.size(), "[key]");
    return text;
}

base::Result<std::unique_ptr<ChatModel>> openRemoteModel(const RemoteModelOptions& options,
                                                         base::Clock& clock) {
    using base::Errc;
    TRY_ASSIGN(const HttpAddress address, parseHttpAddress(options.baseUrl));
    if (base::trim(options.model).empty())
        return base::fail(Errc::invalidInput, "no model name was given for " + address.origin);
    if (!isPrintable(options.apiKey))
        return base::fail(Errc::invalidInput,
                          "the API key for " + address.origin + " holds a blank or a line break");
    const bool isOpenAi = options.api == RemoteApi::openai;
    const KnownModel known = knownModel(options.model);
    RemoteConfig config;
    config.api = options.api;
    config.endpoint = endpointOf(address, options.api);
    config.where = config.endpoint.substr(0, config.endpoint.find('?'));
    config.isLoopback = address.isLoopback;
    config.isVendorHost = address.host == (isOpenAi ? "api.openai.com" : "api.anthropic.com");
    config.model = options.model;
    config.apiKey = options.apiKey;
    config.contextTokens = options.contextTokens > 0 ? options.contextTokens : known.contextTokens;
    config.outputTokensMax =
        options.outputTokensMax > 0 ? options.outputTokensMax : known.outputTokensMax;
    config.takesImages = options.takesImages.value_or(known.takesImages);
    config.price = options.price;
    config.attemptsMax = std::max(1, options.attemptsMax);
    config.idleTimeoutMs = std::max<int64_t>(1, options.idleTimeoutMs);
    config.retryBudgetMs = options.retryBudgetMs;
    return std::make_unique<RemoteModel>(std::move(config), clock);
}

}  // namespace moxie::engine

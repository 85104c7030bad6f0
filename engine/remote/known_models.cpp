#include "engine/remote/known_models.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "engine/open_model.h"

namespace moxie::engine {

namespace {

struct Row {
    std::string_view prefix;
    KnownModel model;
};

// The first row whose prefix fits counts.
constexpr std::array kRows = {
    Row{"deepseek", {1'000'000, 384'000, true, ThinkingControl::deepseek, true, false}},
    Row{"claude", {200'000, 64'000, true, ThinkingControl::adaptive, false, true}},
    Row{"gpt-5", {400'000, 128'000, true, ThinkingControl::reasoningEffort, false, true}},
    Row{"gpt-4.1", {1'000'000, 32'768, false, ThinkingControl::none, false, true}},
    Row{"gpt-4o", {128'000, 16'384, false, ThinkingControl::none, false, true}},
    Row{"gpt-oss", {128'000, 32'768, true, ThinkingControl::reasoningEffort, false, false}},
    Row{"o1", {200'000, 100'000, true, ThinkingControl::reasoningEffort, false, true}},
    Row{"o3", {200'000, 100'000, true, ThinkingControl::reasoningEffort, false, true}},
    Row{"o4", {200'000, 100'000, true, ThinkingControl::reasoningEffort, false, true}},
    Row{"kimi", {256'000, 65'536, true, ThinkingControl::none, true, false}},
    Row{"glm-4.5v", {64'000, 16'384, true, ThinkingControl::thinkingSwitch, true, true}},
    Row{"glm-", {200'000, 98'304, true, ThinkingControl::thinkingSwitch, true, false}},
    Row{"qwen3-vl", {256'000, 32'768, true, ThinkingControl::none, false, true}},
    Row{"qwen2.5-vl", {128'000, 8'192, false, ThinkingControl::none, false, true}},
    Row{"qwen3-coder", {256'000, 65'536, false, ThinkingControl::none, false, false}},
    Row{"qwen", {128'000, 32'768, true, ThinkingControl::none, false, false}},
    Row{"minimax", {200'000, 65'536, true, ThinkingControl::none, false, false}},
    Row{"gemini", {1'000'000, 65'536, true, ThinkingControl::none, false, true}},
};

std::string plainName(std::string_view name) {
    const size_t slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    std::string plain(name);
    std::transform(plain.begin(), plain.end(), plain.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return plain;
}

// "claude-opus-4-6", "claude-sonnet-5": 406, 500. "claude-3-5-sonnet-20241022": 305. Dates are no
// versions.
int claudeVersion(std::string_view name) {
    int version[2] = {0, 0};
    int found = 0;
    for (size_t i = 0; i < name.size() && found < 2;) {
        if (std::isdigit(static_cast<unsigned char>(name[i])) == 0) {
            ++i;
            continue;
        }
        size_t end = i;
        while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end])) != 0)
            ++end;
        if (end - i > 2) break;
        version[found++] = std::stoi(std::string(name.substr(i, end - i)));
        i = end;
    }
    return version[0] * 100 + version[1];
}

// Peak: 01:00-04:00 and 06:00-10:00 UTC, Monday to Friday. Chinese public holidays are not known
// here and count as peak, so that a budget errs on the safe side.
bool isDeepseekPeak(int64_t wallMs) {
    constexpr int64_t kHourMs = 3'600'000;
    const int64_t hours = wallMs / kHourMs;
    const int64_t weekday = (hours / 24 + 4) % 7;  // 1970-01-01 was a Thursday; Sunday is 0
    const int64_t hour = hours % 24;
    const bool isWorkday = weekday >= 1 && weekday <= 5;
    return isWorkday && ((hour >= 1 && hour < 4) || (hour >= 6 && hour < 10));
}

}  // namespace

KnownModel knownModel(std::string_view name) {
    const std::string plain = plainName(name);
    for (const Row& row : kRows) {
        if (!plain.starts_with(row.prefix)) continue;
        KnownModel model = row.model;
        if (row.prefix == "claude" && claudeVersion(plain) < 406)
            model.thinking = ThinkingControl::tokenBudget;
        if (row.prefix == "claude" && claudeVersion(plain) < 307) {
            model.thinking = ThinkingControl::none;
            model.hasReasoning = false;
            model.outputTokensMax = 8'192;
            model.takesImages = claudeVersion(plain) >= 300 || claudeVersion(plain) == 0;
        }
        return model;
    }
    return {};
}

std::optional<ModelLimits::Price> knownPrice(std::string_view name, int64_t wallMs) {
    const std::string plain = plainName(name);
    if (!plain.starts_with("deepseek")) return std::nullopt;
    const double factor = isDeepseekPeak(wallMs) ? 2.0 : 1.0;
    // api-docs.deepseek.com, price page of knownPricesDate(), US dollars per million tokens,
    // off-peak.
    if (plain.find("pro") != std::string::npos)
        return ModelLimits::Price{0.66 * factor, 0.022 * factor, 1.98 * factor};
    if (plain.find("flash") != std::string::npos)
        return ModelLimits::Price{0.15 * factor, 0.003 * factor, 0.60 * factor};
    return std::nullopt;
}

KnownModelFacts factsOfModel(std::string_view model, int64_t wallMs) {
    const KnownModel known = knownModel(model);
    return {.name = std::string(model),
            .contextTokens = known.contextTokens,
            .outputTokensMax = known.outputTokensMax,
            .takesImages = known.takesImages,
            .price = knownPrice(model, wallMs)};
}

std::vector<KnownModelFacts> knownModels(int64_t wallMs) {
    // A row stands for a family; where prices differ within one, each price has its line.
    std::vector<KnownModelFacts> all = {factsOfModel("deepseek-flash", wallMs),
                                        factsOfModel("deepseek-pro", wallMs)};
    for (const Row& row : kRows)
        if (row.prefix != "deepseek") all.push_back(factsOfModel(row.prefix, wallMs));
    return all;
}

std::string_view knownPricesDate() {
    return "2026-11-15";
}

}  // namespace moxie::engine

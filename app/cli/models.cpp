#include "app/cli/models.h"

#include <charconv>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "app/cli/stored_keys.h"
#include "base/paths.h"
#include "engine/logits.h"

namespace moxie::app {

namespace {

using engine::RemoteApi;
using nlohmann::json;

constexpr int64_t kBytesPerGigabyte = 1'000'000'000;

std::string environment(const std::string& variable) {
    const char* value = std::getenv(variable.c_str());
    return value != nullptr ? value : "";
}

bool startsWith(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool looksLikeFile(const std::string& name) {
    std::error_code ignored;
    const bool endsInGguf = name.size() > 5 && name.compare(name.size() - 5, 5, ".gguf") == 0;
    return endsInGguf || std::filesystem::is_regular_file(name, ignored);
}

// The servers that a key in the environment stands for. Model names as of 2026-11; MOXIE_MODEL or
// --model names another one.
struct KnownServer {
    RemoteApi api;
    const char* keyVariable;
    const char* baseVariable;  // overrides baseUrl; nullptr: none
    const char* baseUrl;
    const char* modelVariable;
    const char* model;        // nullptr: has to be named
    const char* modelPrefix;  // names that --model NAME takes to this server; "" takes all
};

constexpr KnownServer kServers[] = {
    {RemoteApi::openai, "DEEPSEEK_API_KEY", nullptr, "https://api.deepseek.com", nullptr,
     "deepseek-flash", "deepseek"},
    {RemoteApi::anthropic, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com",
     "ANTHROPIC_MODEL", nullptr, "claude"},
    {RemoteApi::openai, "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1",
     "OPENAI_MODEL", nullptr, ""},
};

// A server whose variables are set; `model` empty: its default one. nullopt: no key (and no own
// address), or no model named.
std::optional<ModelCandidate> fromEnvironment(const KnownServer& server, const std::string& model) {
    const std::string key = environment(server.keyVariable);
    const std::string ownBase =
        server.baseVariable != nullptr ? environment(server.baseVariable) : "";
    if (key.empty() && ownBase.empty()) return std::nullopt;
    std::string name = model;
    if (name.empty() && server.modelVariable != nullptr) name = environment(server.modelVariable);
    if (name.empty() && server.model != nullptr) name = server.model;
    if (name.empty()) return std::nullopt;
    ModelCandidate candidate;
    candidate.name = name;
    candidate.source = "environment";
    candidate.keyVariable = server.keyVariable;
    candidate.remote.api = server.api;
    candidate.remote.baseUrl = ownBase.empty() ? server.baseUrl : ownBase;
    candidate.remote.model = name;
    candidate.remote.apiKey = key;
    return candidate;
}

template <class T>
T memberOr(const json& object, const char* name, T fallback) {
    return object.contains(name) ? object[name].get<T>() : fallback;
}

// Requires: settingProblem() found nothing in `model`.
ModelCandidate fromConfig(const json& model) {
    ModelCandidate candidate;
    candidate.source = "config";
    candidate.file = memberOr<std::string>(model, "file", "");
    candidate.threads = memberOr<int32_t>(model, "threads", 0);
    engine::RemoteModelOptions& remote = candidate.remote;
    remote.api = memberOr<std::string>(model, "api", "openai") == "anthropic" ? RemoteApi::anthropic
                                                                              : RemoteApi::openai;
    remote.baseUrl = memberOr<std::string>(model, "base_url", "");
    remote.model = memberOr<std::string>(model, "model", "");
    remote.contextTokens = memberOr<int64_t>(model, "context_tokens", 0);
    remote.outputTokensMax = memberOr<int64_t>(model, "output_tokens_max", 0);
    if (model.contains("images")) remote.takesImages = model["images"].get<bool>();
    if (model.contains("price")) {
        const json& price = model["price"];
        const double input = memberOr<double>(price, "input", 0);
        remote.price = engine::ModelLimits::Price{
            .input = input,
            .cachedInput = memberOr<double>(price, "cached_input", input),
            .output = memberOr<double>(price, "output", 0)};
    }
    candidate.keyVariable = memberOr<std::string>(model, "key_env", "");
    if (!candidate.keyVariable.empty()) remote.apiKey = keyOf(candidate.keyVariable);
    candidate.name = memberOr<std::string>(model, "name",
                                           candidate.file.empty() ? remote.model : candidate.file);
    return candidate;
}

ModelCandidate localFile(const std::string& file, int32_t threads, const std::string& source) {
    ModelCandidate candidate;
    candidate.name = std::filesystem::path(file).filename().string();
    candidate.source = source;
    candidate.file = file;
    candidate.threads = threads;
    return candidate;
}

base::Result<ModelCandidate> namedModel(const ModelFlags& flags, const std::string& name,
                                        const Config& config, const Messages& say) {
    for (const json& model : config.value("models")) {
        ModelCandidate candidate = fromConfig(model);
        if (candidate.name == name || candidate.remote.model == name) return candidate;
    }
    if (looksLikeFile(name)) {
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(name, ignored))
            return base::fail(base::Errc::notFound, say(Msg::modelFileMissing, name));
        return localFile(name, flags.threads, "command line");
    }
    for (const KnownServer& server : kServers)
        if (startsWith(name, server.modelPrefix))
            if (auto candidate = fromEnvironment(server, name)) return *std::move(candidate);
    std::vector<std::string> names;
    for (const json& model : config.value("models"))
        names.push_back(fromConfig(model).name);
    const std::string nearest = nearestName(name, names);
    return base::fail(base::Errc::invalidInput, nearest.empty()
                                                    ? say(Msg::modelUnknown, name)
                                                    : say(Msg::modelUnknownNearest, name, nearest));
}

base::Result<ModelCandidate> modelByHand(const ModelFlags& flags, const Messages& say) {
    if (flags.model.empty())
        return base::fail(base::Errc::invalidInput, say(Msg::modelNameMissing));
    if (!startsWith(flags.baseUrl, "http://") && !startsWith(flags.baseUrl, "https://"))
        return base::fail(base::Errc::invalidInput, say(Msg::modelBadUrl, flags.baseUrl));
    ModelCandidate candidate;
    candidate.name = flags.model;
    candidate.source = "command line";
    candidate.keyVariable = "MOXIE_API_KEY";
    candidate.remote.api = flags.api == "anthropic" ? RemoteApi::anthropic : RemoteApi::openai;
    candidate.remote.baseUrl = flags.baseUrl;
    candidate.remote.model = flags.model;
    // Only this variable: a key of another server must not travel to an address typed by hand.
    candidate.remote.apiKey = environment("MOXIE_API_KEY");
    return candidate;
}

base::Result<ModelPlan> chooseModels(const ModelFlags& flags, const Config& config,
                                     const Messages& say) {
    ModelPlan plan;
    if (!flags.baseUrl.empty()) {
        TRY_ASSIGN(ModelCandidate candidate, modelByHand(flags, say));
        plan.candidates.push_back(std::move(candidate));
        return plan;
    }
    const std::string name = flags.model.empty() ? environment("MOXIE_MODEL") : flags.model;
    if (!name.empty()) {
        TRY_ASSIGN(ModelCandidate candidate, namedModel(flags, name, config, say));
        plan.candidates.push_back(std::move(candidate));
        return plan;
    }
    for (const json& model : config.value("models"))
        plan.candidates.push_back(fromConfig(model));
    if (!plan.candidates.empty()) return plan;
    for (const KnownServer& server : kServers)
        if (auto candidate = fromEnvironment(server, ""))
            plan.candidates.push_back(*std::move(candidate));
    if (!plan.candidates.empty()) return plan;
    const auto sample = engine::findSampleModel();
    if (!sample) return base::fail(base::Errc::notFound, say(Msg::modelNone));
    plan.candidates.push_back(localFile(sample->string(), flags.threads, "sample"));
    plan.isOnlySample = true;
    return plan;
}

engine::LocalModelOptions localOptions(const ModelCandidate& candidate) {
    engine::LocalModelOptions options = {.file = candidate.file,
                                         .threads = candidate.threads,
                                         .kvDirectory = base::cacheDir() / "kv",
                                         .kvDiskBytesMax = candidate.kvDiskBytes};
    applyLocalFlags(candidate.local, options);
    return options;
}

}  // namespace

std::vector<engine::AdapterFile> adapterFiles(const std::vector<std::string>& words) {
    std::vector<engine::AdapterFile> files;
    for (const std::string& word : words) {
        engine::AdapterFile& adapter = files.emplace_back();
        adapter.file = word;
        const size_t colon = word.rfind(':');
        std::error_code ignored;
        if (colon == std::string::npos || std::filesystem::exists(word, ignored)) continue;
        const char* const last = word.data() + word.size();
        double scale = 0;
        const auto [end, failed] = std::from_chars(word.data() + colon + 1, last, scale);
        if (failed != std::errc() || end != last) continue;
        adapter = {.file = word.substr(0, colon), .scale = scale};
    }
    return files;
}

void applyLocalFlags(const LocalFlags& flags, engine::LocalModelOptions& options) {
    options.draft = flags.draft;
    options.draftFile = flags.draftFile;
    options.kvFormat = flags.kvFormat;
    options.roundsPrompts = flags.prompts == "rounded";
    options.roundsAnswers = flags.answers == "fine";
    options.simulatesRounding = flags.simulation == "on";
    options.adapters = adapterFiles(flags.adapters);
    options.memoryBytesMax = flags.memoryBytesMax;
}

int64_t kvDiskBytes(const Config& config) {
    return config.integer("kv_disk_gb") * kBytesPerGigabyte;
}

base::Result<ModelPlan> planModels(const ModelFlags& flags, const Config& config,
                                   const Messages& say) {
    TRY_ASSIGN(ModelPlan plan, chooseModels(flags, config, say));
    for (ModelCandidate& candidate : plan.candidates) {
        candidate.remote.attemptsMax = int32_t(config.integer("retry.attempts"));
        candidate.remote.retryBudgetMs = config.integer("retry.wait_seconds") * 1000;
        candidate.remote.idleTimeoutMs = config.integer("retry.idle_seconds") * 1000;
        candidate.kvDiskBytes = kvDiskBytes(config);
        candidate.local = flags.local;
    }
    return plan;
}

base::Result<std::filesystem::path> modelOrSample(const std::string& model, const Messages& say) {
    if (!model.empty()) return std::filesystem::path(model);
    auto sample = engine::findSampleModel();
    if (!sample) return base::fail(base::Errc::notFound, say(Msg::modelNone));
    return sample;
}

base::Result<std::unique_ptr<engine::ChatModel>> openModels(const ModelPlan& plan,
                                                            base::Clock& clock, const Messages& say,
                                                            std::vector<std::string>& notes) {
    std::vector<std::unique_ptr<engine::ChatModel>> models;
    std::optional<base::Error> last;
    for (const ModelCandidate& candidate : plan.candidates) {
        auto model = candidate.file.empty() ? engine::openRemoteModel(candidate.remote, clock)
                                            : engine::openLocalModel(localOptions(candidate));
        if (model) {
            models.push_back(*std::move(model));
            continue;
        }
        last = std::move(model).error().within(candidate.name);
        notes.push_back(say(Msg::modelLeftOut, last->message()));
    }
    if (models.empty())
        return base::fail(last ? *last : base::Error(base::Errc::notFound, say(Msg::modelNone)));
    if (models.size() == 1) return std::move(models.front());
    return engine::makeChain(std::move(models));
}

engine::Products productsFromName(std::string_view name) {
    if (name == "fine") return engine::Products::fine;
    return name == "rounded" ? engine::Products::rounded : engine::Products::exact;
}

}  // namespace moxie::app

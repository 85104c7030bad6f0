// A model behind an HTTP API: what is fixed about it, and what it learns from the server's replies
// (refused parameters, the name of the model that really answers).
// Threads: any thread. Streams refer to their model: it must outlive them.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "base/clock.h"
#include "engine/chat_model.h"
#include "engine/open_model.h"
#include "engine/remote/http_client.h"
#include "engine/remote/request_body.h"

namespace moxie::engine {

struct RemoteConfig {
    RemoteApi api = RemoteApi::openai;
    std::string endpoint = {};  // the whole URL that is posted to
    std::string where = {};     // the same without query, for sentences
    bool isLoopback = false;
    bool isVendorHost = false;
    std::string model = {};
    std::string apiKey = {};
    int64_t contextTokens = 0;
    int64_t outputTokensMax = 0;
    bool takesImages = false;
    std::optional<ModelLimits::Price> price = {};
    int32_t attemptsMax = 6;
    int64_t idleTimeoutMs = 300'000;
    int64_t retryBudgetMs = 300'000;
};

class RemoteModel final : public ChatModel {
public:
    RemoteModel(RemoteConfig config, base::Clock& clock);

    base::Result<std::unique_ptr<ChatStream>> start(ChatRequest request,
                                                    std::stop_token stop) override;
    ModelLimits limits() const override;
    int64_t countTokens(std::string_view text) const override;
    std::string serialise(const ChatRequest& request) const override;

    // ---- for RemoteStream
    const RemoteConfig& config() const { return config_; }

    base::Clock& clock() { return clock_; }

    HttpClient& http() { return http_; }

    enum class Adapted { now, before };
    // From now on requests do without this parameter.
    Adapted adapt(const std::string& parameter);
    void noteAnsweredModel(const std::string& name);
    double random01();
    // A provider may echo the key in its error text.
    std::string withoutKey(std::string text) const;

private:
    const RemoteConfig config_;
    base::Clock& clock_;
    HttpClient http_;
    mutable std::mutex mutex_;  // guards everything below
    std::set<std::string> refused_;
    std::string answeredModel_;
    std::mt19937_64 random_;
};

}  // namespace moxie::engine

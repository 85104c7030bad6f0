#include <fmt/format.h>

#include <array>
#include <atomic>

#include "app/serve/access.h"
#include "app/serve/anthropic_request.h"
#include "app/serve/dialect.h"
#include "app/serve/exchange.h"
#include "app/serve/http_server.h"
#include "app/serve/serve.h"
#include "app/serve/turn_queue.h"
#include "base/log.h"

namespace moxie::serve {

namespace {

constexpr std::string_view kJsonType = "application/json";

// An address may end in /v1 or not, and clients add /v1 or not.
std::string withoutVersion(const std::string& path) {
    std::string rest = path;
    while (rest.starts_with("/v1/") || rest == "/v1")
        rest.erase(0, 3);
    while (rest.size() > 1 && rest.back() == '/')
        rest.pop_back();
    return rest.empty() ? "/" : rest;
}

bool isAnthropicStyle(const HttpRequest& request) {
    return withoutVersion(request.path).starts_with("/messages") ||
           request.hasHeader("anthropic-version");
}

int32_t turnsOf(const ServeOptions& options, const engine::ModelLimits& limits) {
    constexpr int32_t kRemoteTurns = 8;
    if (options.turnsMax > 0) return options.turnsMax;
    return limits.isLocal ? 1 : kRemoteTurns;
}

// What is at which path. Apart from the server, so that it is whole until the last connection
// ended.
class Api final : public HttpHandler {
public:
    Api(const ServeOptions& options, engine::ChatModel& model, base::Clock& clock)
        : model_(model),
          clock_(clock),
          access_(options.host, options.key),
          queue_(turnsOf(options, model.limits()), options.waitingMax),
          startedMs_(clock.wallMs()) {}

    int32_t running() const { return queue_.running(); }

    int32_t waiting() const { return queue_.waiting(); }

private:
    using Action = void (Api::*)(const HttpRequest&, HttpReply&, const std::stop_token&);

    struct Route {
        std::string_view method, path;
        Action action;
    };

    std::optional<HttpFailure> refuse(const HttpRequest& head) override {
        return access_.refuse(head);
    }

    void handle(const HttpRequest& request, HttpReply& reply, std::stop_token stop) override {
        static constexpr std::array kRoutes = {
            Route{"POST", "/chat/completions", &Api::chat},
            Route{"POST", "/responses", &Api::responses},
            Route{"POST", "/messages", &Api::messages},
            Route{"POST", "/messages/count_tokens", &Api::countTokens},
            Route{"GET", "/models", &Api::models},
            Route{"GET", "/health", &Api::health},
            Route{"GET", "/", &Api::health}};
        const int64_t beginMs = clock_.steadyMs();
        const std::string path = withoutVersion(request.path);
        const std::string method = request.method == "HEAD" ? "GET" : request.method;
        bool isKnownPath = false;
        Action action = nullptr;
        for (const Route& route : kRoutes) {
            if (route.path != path) continue;
            isKnownPath = true;
            if (route.method == method) action = route.action;
        }
        if (action != nullptr)
            (this->*action)(request, reply, stop);
        else if (isKnownPath)
            fail(request, reply, {405, fmt::format("{} takes no {}", path, request.method), {}});
        else
            fail(request, reply, {404, fmt::format("there is nothing at {}", request.path), {}});
        base::log(base::LogLevel::info, "serve",
                  fmt::format("answered path={} status={} bytes_in={} ms={}",
                              isKnownPath ? path : "other", reply.status(), request.body.size(),
                              clock_.steadyMs() - beginMs));
    }

    std::string errorBody(const HttpRequest& head, const HttpFailure& failure) override {
        const ApiError error = {failure.status, failure.message, {}};
        return isAnthropicStyle(head) ? anthropicErrorJson(error) : openAiErrorJson(error);
    }

    void fail(const HttpRequest& request, HttpReply& reply, const ApiError& error) {
        send(reply, error.status,
             isAnthropicStyle(request) ? anthropicErrorJson(error) : openAiErrorJson(error));
    }

    static void send(HttpReply& reply, int32_t status, std::string_view json) {
        if (!reply.whole(status, kJsonType, json)) reply.closeAfter();  // the client is gone
    }

    std::string nextId() {
        return fmt::format("{:x}{:04x}", startedMs_, nAnswers_.fetch_add(1) + 1);
    }

    void answer(const Dialect& dialect, const HttpRequest& request, HttpReply& reply,
                const std::stop_token& stop) {
        const auto body = parseJson(request.body);
        if (!body) return fail(request, reply, apiError(body.error()));
        auto question = dialect.read(*body, model_.limits());
        if (!question) return fail(request, reply, apiError(question.error()));
        Exchange exchange({dialect, model_, queue_, clock_}, *std::move(question), *body, nextId());
        exchange.run(reply, stop);
    }

    void chat(const HttpRequest& request, HttpReply& reply, const std::stop_token& stop) {
        answer(*chat_, request, reply, stop);
    }

    void responses(const HttpRequest& request, HttpReply& reply, const std::stop_token& stop) {
        answer(*responses_, request, reply, stop);
    }

    void messages(const HttpRequest& request, HttpReply& reply, const std::stop_token& stop) {
        answer(*messages_, request, reply, stop);
    }

    void countTokens(const HttpRequest& request, HttpReply& reply,
                     const std::stop_token& /*stop*/) {
        const auto body = parseJson(request.body);
        if (!body) return fail(request, reply, apiError(body.error()));
        const auto question =
            readAnthropicRequest(*body, model_.limits(), AnthropicUse::countTokens);
        if (!question) return fail(request, reply, apiError(question.error()));
        const int64_t tokens = model_.countTokens(model_.serialise(question->request));
        send(reply, 200, dumped(Json::object({{"input_tokens", tokens}})));
    }

    // One list that both kinds of client can read.
    void models(const HttpRequest& /*request*/, HttpReply& reply, const std::stop_token& /*stop*/) {
        const engine::ModelLimits limits = model_.limits();
        const Json entry = {{"id", limits.model},
                            {"object", "model"},
                            {"type", "model"},
                            {"display_name", limits.model},
                            {"created", startedMs_ / 1000},
                            {"owned_by", "moxie"},
                            {"context_length", limits.contextTokens},
                            {"max_output_tokens", limits.outputTokensMax}};
        const Json list = {{"object", "list"},
                           {"data", Json::array({entry})},
                           {"has_more", false},
                           {"first_id", limits.model},
                           {"last_id", limits.model}};
        send(reply, 200, dumped(list));
    }

    void health(const HttpRequest& /*request*/, HttpReply& reply, const std::stop_token& /*stop*/) {
        const Json json = {{"status", "ok"},
                           {"model", model_.limits().model},
                           {"running", running()},
                           {"waiting", waiting()}};
        send(reply, 200, dumped(json));
    }

    engine::ChatModel& model_;
    base::Clock& clock_;
    const Access access_;
    TurnQueue queue_;
    const int64_t startedMs_;
    std::atomic<uint32_t> nAnswers_ = 0;
    const std::unique_ptr<Dialect> chat_ = makeChatCompletions();
    const std::unique_ptr<Dialect> responses_ = makeResponses();
    const std::unique_ptr<Dialect> messages_ = makeAnthropicMessages();
};

class ModelServer final : public Server {
public:
    ModelServer(const ServeOptions& options, engine::ChatModel& model, base::Clock& clock)
        : options_(options),
          api_(options, model, clock) {}

    base::Status listen() {
        HttpServerOptions http{.host = options_.host,
                               .port = options_.port,
                               .connectionsMax = options_.connectionsMax,
                               .graceMs = options_.graceMs};
        http.limits.bodyBytesMax = options_.bodyBytesMax;
        http.limits.headMs = options_.headMs;
        TRY_ASSIGN(http_, HttpServer::start(http, api_));
        return {};
    }

    int32_t port() const override { return http_->port(); }

    std::string url() const override {
        const bool isSix = options_.host.find(':') != std::string::npos;
        return fmt::format("http://{}:{}", isSix ? "[" + options_.host + "]" : options_.host,
                           port());
    }

    int32_t running() const override { return api_.running(); }

    int32_t waiting() const override { return api_.waiting(); }

private:
    const ServeOptions options_;
    Api api_;
    std::unique_ptr<HttpServer> http_;  // last member: ends first
};

}  // namespace

base::Status Server::check(const ServeOptions& options) {
    TRY_ASSIGN(const bool isLoopback, isLoopbackAddress(options.host));
    if (!isLoopback && options.key.empty())
        return base::fail(
            base::Errc::denied,
            fmt::format("{} can be reached from other machines, so a key is needed", options.host));
    return {};
}

base::Result<std::unique_ptr<Server>> Server::start(const ServeOptions& options,
                                                    engine::ChatModel& model, base::Clock& clock) {
    TRY(check(options));
    auto server = std::make_unique<ModelServer>(options, model, clock);
    TRY(server->listen());
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace moxie::serve

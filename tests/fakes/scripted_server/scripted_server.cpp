#include "tests/fakes/scripted_server/scripted_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "tests/fakes/scripted_server/answer_script.h"
#include "tests/fakes/scripted_server/connection.h"

namespace moxie::tests {

namespace {

int64_t countAssistantTurns(const Json& request) {
    const auto messages = request.find("messages");
    if (messages == request.end() || !messages->is_array()) return 0;
    return std::count_if(messages->begin(), messages->end(), [](const Json& message) {
        return message.is_object() && message.value("role", "") == "assistant";
    });
}

class Server final : public ScriptedServer {
public:
    Server(ScriptedServerOptions options, int socket, int32_t port)
        : options_(std::move(options)),
          socket_(socket),
          port_(port),
          acceptor_([this] { run(); }) {}

    ~Server() override {
        shutdown(socket_, SHUT_RDWR);
        acceptor_.join();
        {
            std::lock_guard lock(mutex_);
            for (const auto& served : served_)
                served->connection.shutDown();
        }
        served_.clear();  // joins
        close(socket_);
    }

    int32_t port() const override { return port_; }

    std::vector<RecordedRequest> requests() const override {
        std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    struct Served {
        Served(int socket, Server& server)
            : connection(socket),
              thread([this, &server] { server.serve(connection); }) {}

        Connection connection;
        std::jthread thread;
    };

    void run() {
        for (;;) {
            const int socket = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) return;
            std::lock_guard lock(mutex_);
            served_.push_back(std::make_unique<Served>(socket, *this));
        }
    }

    void serve(Connection& connection) {
        while (const auto request = connection.read())
            if (!reply(connection, *request)) break;
        connection.shutDown();
    }

    bool reply(Connection& connection, const ServerRequest& request) {
        const bool isAnthropic = request.path.ends_with("/messages");
        if (request.method == "GET" && request.path.ends_with("/models"))
            return speakJson(connection, 200, modelList());
        if (request.method != "POST" ||
            (!isAnthropic && !request.path.ends_with("/chat/completions")))
            return refuse(connection, 404, "not_found_error", "no such path: " + request.path);
        const Json body = Json::parse(request.body, nullptr, false);
        if (!body.is_object() || !body.contains("model") || !body["model"].is_string())
            return refuse(connection, 400, "invalid_request_error", "not a request");
        const std::string model = body["model"].get<std::string>();
        AnswerFacts facts = record(request, model);
        facts.isAnthropic = isAnthropic;
        const auto script = scriptOf(model);
        if (!script)
            return refuse(connection, 404, "not_found_error",
                          "no script for '" + model + "': " + script.error().message());
        const int64_t place =
            script->by == Script::By::turns ? countAssistantTurns(body) : facts.number - 1;
        const auto last = int64_t(script->answers.size()) - 1;
        return speakAnswer(connection, script->answers[size_t(std::min(place, last))], facts);
    }

    // Writes the request down and numbers it.
    AnswerFacts record(const ServerRequest& request, const std::string& model) {
        std::lock_guard lock(mutex_);
        AnswerFacts facts;
        facts.model = model;
        facts.number = ++counts_[model];
        facts.inputTokens = int64_t(request.body.size() + 3) / 4;
        std::string& before = lastBody_[model];
        const auto differs =
            std::mismatch(before.begin(), before.end(), request.body.begin(), request.body.end());
        facts.cachedInputTokens = (differs.first - before.begin()) / 4;
        before = request.body;
        requests_.push_back({request.path, request.headers, request.body, model});
        if (!options_.recordFolder.empty()) {
            const auto file = options_.recordFolder / fmt::format("{:04}.json", requests_.size());
            // A test that needs the file notices that it is not there.
            (void)base::writeFileAtomically(file, request.body, base::Durability::renameOnly);
        }
        return facts;
    }

    base::Result<Script> scriptOf(const std::string& model) const {
        const auto given = options_.scripts.find(model);
        if (given != options_.scripts.end()) return parseScript(given->second);
        if (model == "playback" && !options_.playbackFile.empty()) {
            auto script = readScript(options_.playbackFile);
            if (script) script->by = Script::By::turns;
            return script;
        }
        const bool isPlain = std::all_of(model.begin(), model.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '-' || c == '_';
        });
        if (!isPlain) return base::fail(base::Errc::notFound, "not a script's name");
        return readScript(options_.scriptsFolder / (model + ".json"));
    }

    Json modelList() const {
        Json data = Json::array();
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(options_.scriptsFolder, error))
            data.push_back({{"id", entry.path().stem().string()},
                            {"object", "model"},
                            {"created", 1},
                            {"owned_by", "tests"}});
        return {{"object", "list"}, {"data", std::move(data)}};
    }

    static bool refuse(Connection& connection, int64_t status, const std::string& type,
                       const std::string& message) {
        return speakJson(connection, status,
                         {{"type", "error"}, {"error", {{"type", type}, {"message", message}}}});
    }

    const ScriptedServerOptions options_;
    const int socket_;
    const int32_t port_;
    mutable std::mutex mutex_;  // guards everything below but the threads themselves
    std::vector<RecordedRequest> requests_;
    std::map<std::string, int64_t> counts_;
    std::map<std::string, std::string> lastBody_;
    std::list<std::unique_ptr<Served>> served_;
    std::jthread acceptor_;
};

}  // namespace

base::Result<std::unique_ptr<ScriptedServer>> ScriptedServer::start(ScriptedServerOptions options) {
    for (const auto& [name, json] : options.scripts)
        if (auto script = parseScript(json); !script)
            return base::fail(std::move(script).error().within(name));
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return base::fail(base::errnoError(errno, "socket"));
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(uint16_t(options.port));
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket, plain, size) != 0 || listen(socket, 64) != 0 ||
        getsockname(socket, plain, &size) != 0) {
        const int savedErrno = errno;
        close(socket);
        return base::fail(base::errnoError(savedErrno, "listen on loopback"));
    }
    return std::make_unique<Server>(std::move(options), socket, ntohs(address.sin_port));
}

}  // namespace moxie::tests

// A server over a scripted model, and a client that speaks to it through a real socket.
// Threads: one test at a time; a Client belongs to one thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/serve/json_node.h"
#include "app/serve/serve.h"
#include "tests/fakes/fake_model.h"

namespace moxie::tests {

using serve::Json;

struct Response {
    int status = 0;  // 0: the server closed the connection without a reply
    std::string headers = {};
    std::string body = {};

    Json json() const;  // REQUIREs that it is JSON
};

struct ServerEvent {
    std::string name;  // "" if it has none
    std::string data;
    Json json() const;
};

// The events of a body; REQUIREs that every one is well formed. Comments are left out.
std::vector<ServerEvent> eventsOf(const std::string& body);

// One TCP connection.
class Client {
public:
    explicit Client(int port);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(const std::string& bytes);
    // One reply, chunks put together. Waits at most ten seconds.
    Response receive();
    // What has come until `text` is in it.
    std::string receiveUntil(const std::string& text);
    // Sends no more and reads until the server closes.
    void drain();

private:
    bool fill();

    int socket_;
    std::string buffer_;
};

using Headers = std::map<std::string, std::string>;

std::string requestText(const std::string& method, const std::string& path, const std::string& body,
                        const Headers& headers = {});

// A model with this script behind a server on a free port.
class ServeHarness {
public:
    explicit ServeHarness(std::vector<ScriptedTurn> script, serve::ServeOptions options = {});
    explicit ServeHarness(FakeModel::Answering answering, serve::ServeOptions options = {});

    Response get(const std::string& path, const Headers& headers = {});
    Response post(const std::string& path, const Json& body, const Headers& headers = {});
    Response postText(const std::string& path, const std::string& body,
                      const Headers& headers = {});

    serve::Server& server() { return *server_; }

    void stopServer() { server_.reset(); }

    // The requests that reached the model, newest last.
    std::vector<engine::ChatRequest> asked() const;

    FakeModel& model() { return model_; }

private:
    void startServer(serve::ServeOptions options);

    base::SystemClock clock_;
    mutable std::mutex mutex_;  // guards asked_
    std::vector<engine::ChatRequest> asked_;
    FakeModel model_;
    std::unique_ptr<serve::Server> server_;
};

// {"model":"any","messages":[{"role":"user","content":"hi"}]} and more members.
Json chatBody(const Json& more = Json::object());

}  // namespace moxie::tests

#include "tests/jobs/llama_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/paths.h"
#include "engine/open_model.h"
#include "tests/catch.h"

namespace moxie::tests {

namespace fs = std::filesystem;

namespace {

constexpr int kStartSeconds = 60;

fs::path serverProgram() {
    const char* peers = std::getenv("PEERS");
    return (peers != nullptr ? fs::path(peers) : base::cacheDir() / "peers") /
           "build/bin/llama-server";
}

sockaddr_in loopback(int32_t port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// A port that was free a moment ago.
int32_t freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(fd);
    return ntohs(address.sin_port);
}

// Starts the program with its output in the file; it dies with us.
pid_t spawn(const std::vector<std::string>& argv, const fs::path& output) {
    std::vector<char*> raw;
    for (const std::string& word : argv)
        raw.push_back(const_cast<char*>(word.c_str()));
    raw.push_back(nullptr);
    const int out =
        ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::execv(raw[0], raw.data());
        ::_exit(127);
    }
    ::close(out);
    return child;
}

}  // namespace

LlamaServer::LlamaServer(LlamaServerOptions options)
    : logFile_(folder_.path() / "server.log"),
      apiKey_(std::move(options.apiKey)) {
    const fs::path program = serverProgram();
    INFO("no " << program << ": tests/bench/peers/build_llama_cpp.sh builds it (./check --slow "
               << "does so)");
    REQUIRE(fs::exists(program));
    const auto model = engine::findSampleModel();
    REQUIRE(model.has_value());
    port_ = freePort();
    process_ =
        spawn({program, "--model", *model, "--alias", "sample", "--host", "127.0.0.1", "--port",
               std::to_string(port_), "--ctx-size", std::to_string(options.contextTokens),
               "--parallel", "1", "--threads", "2", "--jinja", "--metrics", "--api-key", apiKey_},
              logFile_);
    REQUIRE(process_ > 0);
    const auto begin = std::chrono::steady_clock::now();
    while (!isHealthy()) {
        CAPTURE(log());
        REQUIRE(::waitpid(process_, nullptr, WNOHANG) == 0);
        REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(kStartSeconds));
        // There is nothing to wait on but its answer.
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

LlamaServer::~LlamaServer() {
    kill();
}

bool LlamaServer::isHealthy() const {
    return get("/health").find("\"ok\"") != std::string::npos;
}

int64_t LlamaServer::counter(const std::string& name) const {
    const std::string metrics = get("/metrics");
    const std::string start = "\nllamacpp:" + name + " ";
    const size_t pos = metrics.find(start);
    if (pos == std::string::npos) return -1;
    double value = -1;
    std::from_chars(metrics.data() + pos + start.size(), metrics.data() + metrics.size(), value);
    return static_cast<int64_t>(value);
}

void LlamaServer::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

std::string LlamaServer::get(const std::string& path) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port_);
    std::string answer;
    const std::string request =
        "GET " + path + " HTTP/1.0\r\nAuthorization: Bearer " + apiKey_ + "\r\n\r\n";
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == ssize_t(request.size())) {
        char block[4096];
        for (ssize_t n = 0; (n = ::recv(fd, block, sizeof block, 0)) > 0;)
            answer.append(block, static_cast<size_t>(n));
    }
    ::close(fd);
    const size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 3);
}

std::string LlamaServer::log() const {
    const std::string all = base::readFile(logFile_).value_or("");
    return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

}  // namespace moxie::tests

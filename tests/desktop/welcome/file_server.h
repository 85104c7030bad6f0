// Serves one file over http on the loopback, as a test plays it: resumes, redirects, breaks off.
// Threads: the members may be changed between requests only.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.h"

namespace moxie::desktop::testing {

class FileServer {
public:
    std::string body = {}, etag = "\"v1\"", status = "200 OK", redirectTo = {};
    size_t cutAfter = std::string::npos;   // bytes of the body, then the connection ends
    bool isSlow = false;                   // never sends the rest
    std::vector<std::string> ranges = {};  // of the requests; "": none

    FileServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_, any, size) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        REQUIRE(::getsockname(socket_, any, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }

    ~FileServer() {
        thread_.request_stop();
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }

    FileServer(const FileServer&) = delete;
    FileServer& operator=(const FileServer&) = delete;

    std::string url(const std::string& path = "/m.gguf") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) return;
            answer(client, stop);
            ::close(client);
        }
    }

    static std::string headerOf(const std::string& request, const std::string& name) {
        const size_t at = request.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const size_t begin = at + name.size() + 4;
        return request.substr(begin, request.find("\r\n", begin) - begin);
    }

    void answer(int client, const std::stop_token& stop) {
        std::string request(8'192, '\0');
        request.resize(
            size_t(std::max<ssize_t>(0, ::recv(client, request.data(), request.size(), 0))));
        if (!redirectTo.empty() && request.starts_with("GET /moved")) {
            send(client,
                 "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + redirectTo + "\r\n\r\n");
            return;
        }
        const std::string range = headerOf(request, "Range");
        ranges.push_back(range);
        size_t begin = 0;
        if (!range.empty() && headerOf(request, "If-Range") == etag)
            begin = size_t(std::atoll(range.c_str() + std::string("bytes=").size()));
        std::string head = "HTTP/1.1 " + status + "\r\n";
        const std::string total = std::to_string(body.size());
        if (begin > 0)
            head =
                "HTTP/1.1 " + std::string(begin < body.size() ? "206 Partial Content" : "416 No") +
                "\r\nContent-Range: bytes " +
                (begin < body.size() ? std::to_string(begin) + "-" + std::to_string(body.size() - 1)
                                     : "*") +
                "/" + total + "\r\n";
        const std::string rest = body.substr(std::min(begin, body.size()));
        send(client, head + "ETag: " + etag + "\r\nConnection: close\r\nContent-Length: " +
                         std::to_string(rest.size()) + "\r\n\r\n" + rest.substr(0, cutAfter));
        char byte = 0;
        while (isSlow && !stop.stop_requested() && ::recv(client, &byte, 1, 0) > 0) {
        }
    }

    static void send(int client, const std::string& text) {
        for (size_t sent = 0; sent < text.size();) {
            const ssize_t n = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) return;
            sent += size_t(n);
        }
    }

    int socket_ = -1, port_ = 0;
    std::jthread thread_;
};

}  // namespace moxie::desktop::testing

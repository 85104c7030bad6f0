// Who may talk to the server. Without a key only programs of this machine: a web page that was
// tricked into sending requests here (DNS rebinding, cross-site posts) is known by its Host and
// Origin and refused. With a key, whoever shows it. Threads: any thread.
#pragma once
#include <optional>
#include <string>

#include "app/serve/http_connection.h"
#include "app/serve/http_request.h"

namespace moxie::serve {

class Access {
public:
    // `host`: where the server listens. `key` empty: none is asked for.
    Access(std::string host, std::string key) : host_(std::move(host)), key_(std::move(key)) {}

    // nullopt: let in. Else 400, 401 or 403.
    std::optional<HttpFailure> refuse(const HttpRequest& request) const;

private:
    std::optional<HttpFailure> refuseWithoutKey(const HttpRequest& request) const;
    bool isOwnName(std::string_view authority) const;

    const std::string host_;
    const std::string key_;
};

}  // namespace moxie::serve

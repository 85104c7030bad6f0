// Names of libraries that C files include and whose headers are not in the repository: of
// <gnutls/gnutls.h> the repository can only use what begins with gnutls_, and whether that is there
// nobody here can tell. Threads: any thread once it is filled.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace moxie::indexer {

class OutsideNames {
public:
    // A header that some file includes and that is neither here nor a part of the language.
    void addHeader(std::string_view module);
    // A name that C files here define, or only use.
    void addDefined(std::string_view name);
    void addUsed(std::string_view name);

    // `name` begins as a header's names do ("gnutls_init", "SSL_new" of openssl/ssl.h,
    // "BrotliDecoderState"), and here are fewer definitions with that beginning than uses of
    // others.
    bool has(std::string_view name) const;

private:
    struct Counts {
        int32_t defined = 0, used = 0;
    };

    std::unordered_set<std::string> headers_;         // "gnutls", "ssl", "libssh2", lower case
    std::unordered_map<std::string, Counts> counts_;  // by the beginning of names, as it stands
};

}  // namespace moxie::indexer

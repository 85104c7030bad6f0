#include "base/result.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace moxie::base {

std::string_view toString(Errc kind) {
    switch (kind) {
        case Errc::cancelled:
            return "cancelled";
        case Errc::notFound:
            return "notFound";
        case Errc::invalidInput:
            return "invalidInput";
        case Errc::io:
            return "io";
        case Errc::corrupt:
            return "corrupt";
        case Errc::unsupported:
            return "unsupported";
        case Errc::outOfMemory:
            return "outOfMemory";
        case Errc::busy:
            return "busy";
        case Errc::denied:
            return "denied";
        case Errc::internal:
            return "internal";
    }
    return "internal";
}

Error errnoError(int savedErrno, std::string_view step) {
    Errc kind = Errc::io;
    if (savedErrno == ENOENT || savedErrno == ENOTDIR) kind = Errc::notFound;
    if (savedErrno == EACCES || savedErrno == EPERM || savedErrno == EROFS) kind = Errc::denied;
    if (savedErrno == EBUSY || savedErrno == EAGAIN) kind = Errc::busy;
    if (savedErrno == ENOMEM) kind = Errc::outOfMemory;
    return {kind, fmt::format("{}: {}", step, std::strerror(savedErrno))};
}

void checkFailed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "moxie: internal check failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace moxie::base

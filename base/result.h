// Result<T>: a value or an Error with a kind and a sentence. Every fallible function of ours
// returns one. Threads: values; use like int.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace moxie::base {

// What the caller can act on. Add a kind only if a caller acts on it.
enum class Errc {
    cancelled,
    notFound,
    invalidInput,
    io,
    corrupt,
    unsupported,
    outOfMemory,
    busy,
    denied,
    internal,
};

std::string_view toString(Errc kind);

// A failure. Messages: lower case, no full stop, what was found and what was expected.
class Error {
public:
    Error(Errc kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    Errc kind() const { return kind_; }

    const std::string& message() const { return message_; }

    // Adds context on the way out: "load model: read index: file ends at 812 of 4096 bytes".
    Error within(std::string_view step) && {
        message_.insert(0, std::string(step) + ": ");
        return std::move(*this);
    }

private:
    Errc kind_;
    std::string message_;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// An Error ready to be returned from a function of any Result type.
inline tl::unexpected<Error> fail(Errc kind, std::string message) {
    return tl::unexpected<Error>(Error(kind, std::move(message)));
}

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

// Error of the last failed system call: "open /x: No such file or directory". Maps ENOENT, EACCES,
// EBUSY.
Error errnoError(int savedErrno, std::string_view step);

// For our own mistakes only, never for input. Always on: prints place and condition, then aborts.
[[noreturn]] void checkFailed(const char* condition, const char* file, int line);

}  // namespace moxie::base

#define BASE_CONCAT_INNER(a, b) a##b
#define BASE_CONCAT(a, b) BASE_CONCAT_INNER(a, b)

#define BASE_CHECK(condition) \
    ((condition) ? void(0) : ::moxie::base::checkFailed(#condition, __FILE__, __LINE__))

// Returns the error of a Status or Result; else goes on.
#define TRY(expr)                                                      \
    do {                                                               \
        if (auto baseStatus = (expr); !baseStatus)                     \
            return ::moxie::base::fail(std::move(baseStatus).error()); \
    } while (false)

// TRY_ASSIGN(const int n, parse(x)): declares n or returns the error.
#define TRY_ASSIGN(decl, expr) TRY_ASSIGN_INNER(BASE_CONCAT(baseResult, __LINE__), decl, expr)
#define TRY_ASSIGN_INNER(tmp, decl, expr)                         \
    auto tmp = (expr);                                            \
    if (!tmp) return ::moxie::base::fail(std::move(tmp).error()); \
    decl = std::move(*tmp)

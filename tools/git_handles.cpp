#include "tools/git_handles.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace moxie::tools {

void initGitLibrary() {
    [[maybe_unused]] static const int count = git_libgit2_init();
}

base::Error gitError(int code, std::string_view step) {
    const git_error* last = git_error_last();
    std::string words = last != nullptr && last->message != nullptr ? last->message : "git failed";
    words = base::stripTerminalControl(base::toValidUtf8(words));
    base::Errc kind = base::Errc::io;
    switch (code) {
        case GIT_ENOTFOUND:
            kind = base::Errc::notFound;
            break;
        case GIT_ELOCKED:
            kind = base::Errc::busy;
            break;
        case GIT_EOWNER:
            kind = base::Errc::denied;
            break;
        case GIT_EINVALIDSPEC:
        case GIT_EEXISTS:
            kind = base::Errc::invalidInput;
            break;
        default:
            break;
    }
    return {kind, fmt::format("{}: {}", step, words)};
}

base::Status gitCheck(int code, std::string_view step) {
    if (code < 0) return base::fail(gitError(code, step));
    return {};
}

std::string toHex(const git_oid& id) {
    std::array<char, GIT_OID_HEXSZ + 1> text{};
    git_oid_tostr(text.data(), text.size(), &id);
    return text.data();
}

base::Result<git_oid> oidFromHex(std::string_view hex) {
    git_oid id;
    if (hex.size() != GIT_OID_HEXSZ ||
        hex.find_first_not_of("0123456789abcdef") != std::string_view::npos ||
        git_oid_fromstrn(&id, hex.data(), hex.size()) != 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("'{}' is not a commit id of 40 digits",
                                      base::cutUtf8(base::toValidUtf8(hex), 60)));
    return id;
}

}  // namespace moxie::tools

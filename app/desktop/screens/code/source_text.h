// Reads a file of the repository for showing it. Threads: any thread; not the GUI thread, it reads
// the disk.
#pragma once
#include <filesystem>

#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

inline constexpr int64_t kSourceBytesMax = 32'000'000;

// `path` is relative to `root`, or absolute and inside it. Never null: what cannot be shown says
// why.
SourceTextSnapshot readSource(const std::filesystem::path& root, const QString& path);
// For texts that are not on disk.
SourceTextSnapshot makeSource(const QString& path, std::string text);

}  // namespace moxie::desktop

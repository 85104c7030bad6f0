// Whether the user wants diffs on one side or on two: one word in one small file of the data
// folder, so that each new screen begins as the last one was. Threads: any thread.
#pragma once
#include <filesystem>

#include "app/desktop/screens/changes/diff_rows.h"
#include "base/result.h"

namespace moxie::desktop {

std::filesystem::path diffLayoutFile();

// Nothing there, or something else: unified.
DiffLayout loadDiffLayout(const std::filesystem::path& file);
// Fails: denied, io.
base::Status saveDiffLayout(const std::filesystem::path& file, DiffLayout layout);

}  // namespace moxie::desktop

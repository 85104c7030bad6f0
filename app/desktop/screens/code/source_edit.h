// Writes the user's own lines into a file of the repository, as one may in the viewer: after a
// checkpoint that holds the file as it was, and only if it still is what was read.
// Threads: any thread; not the GUI thread, it reads and writes the disk.
#pragma once
#include <filesystem>

#include "app/desktop/screens/code/code_model.h"
#include "base/result.h"

namespace moxie::desktop {

// What the text becomes. Line ends are those of the text; the last line keeps its own.
std::string editedText(const SourceEdit& edit);

// Fails: busy (the file is not what was read any more), denied (no checkpoint would hold it), and
// as the checkpoint and the write do. Nothing is written then.
base::Status writeEdit(const std::filesystem::path& root, const SourceEdit& edit);

}  // namespace moxie::desktop

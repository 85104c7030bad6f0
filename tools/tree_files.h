// Writes and removes files below a folder without ever following a symlink on the way. Inside tools
// only. Threads: one thread at a time.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tools/spawn.h"

namespace moxie::tools {

class TreeFiles {
public:
    static base::Result<TreeFiles> open(const std::filesystem::path& root);

    // Replaces atomically; folders are made. Keeps the permissions of a file that is there, but for
    // the executable bits. Fails: io (a folder with files or a symlink is in the way), invalidInput
    // (".." or ".git" in the path).
    base::Status writeFile(const std::string& path, std::string_view bytes, bool isExecutable);
    base::Status writeLink(const std::string& path, const std::string& target);
    // Removes a file or link, and the folders that are empty then. What is gone already is no
    // error.
    base::Status remove(const std::string& path);

private:
    explicit TreeFiles(Fd root) : root_(std::move(root)) {}

    base::Result<Fd> parentOf(const std::string& path, bool isMade) const;

    Fd root_;
};

}  // namespace moxie::tools

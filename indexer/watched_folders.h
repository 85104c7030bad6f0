// Folders that the system reports changes of (inotify): which names in them came, went or were
// written. Not a queue of its own: events wait in the kernel, which says when it lost some.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace moxie::indexer {

// An open file of the system, closed with its owner; -1 is none.
class FileDescriptor {
public:
    explicit FileDescriptor(int number = -1) : number_(number) {}

    ~FileDescriptor();
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;

    int number() const { return number_; }

private:
    int number_ = -1;
};

struct FolderEvent {
    enum class Kind { fileChanged, folderCame, folderWent };
    Kind kind = Kind::fileChanged;
    std::string folder, name;  // "" is the root; other folders have no '/' at their end
};

class WatchedFolders {
public:
    enum class Added { isNew, isKnown, isGone, noSpace };

    // Without inotify (no instances left) every add() says noSpace. Folders are named relative to
    // `root`; an absolute one stands for itself.
    WatchedFolders(std::filesystem::path root, int64_t foldersMax);

    Added add(const std::string& folder);
    // It and all below: they moved away or are not wanted any more.
    void remove(const std::string& folder);

    bool contains(const std::string& folder) const { return wdByFolder_.contains(folder); }

    std::vector<std::string> folders() const;

    int64_t count() const { return int64_t(wdByFolder_.size()); }

    // What poll() waits for; -1 without inotify.
    int descriptor() const { return inotify_.number(); }

    // Everything that is there, without waiting. False: the kernel lost events.
    bool read(const std::function<void(FolderEvent)>& onEvent);

private:
    std::filesystem::path root_;
    int64_t foldersMax_ = 0;
    FileDescriptor inotify_;
    std::unordered_map<std::string, int> wdByFolder_;
    std::unordered_map<int, std::string> folderByWd_;
};

}  // namespace moxie::indexer

#include "indexer/watched_folders.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace moxie::indexer {
namespace {

// Not IN_MODIFY: a file that is being written is looked at once, when it is closed.
constexpr uint32_t kWatchedEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                    IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

bool isBelow(std::string_view folder, std::string_view top) {
    return folder == top || top.empty() ||
           (folder.size() > top.size() && folder.starts_with(top) && folder[top.size()] == '/');
}

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (number_ >= 0) close(number_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept : number_(other.number_) {
    other.number_ = -1;
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

WatchedFolders::WatchedFolders(std::filesystem::path root, int64_t foldersMax)
    : root_(std::move(root)),
      foldersMax_(foldersMax),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

WatchedFolders::Added WatchedFolders::add(const std::string& folder) {
    if (wdByFolder_.contains(folder)) return Added::isKnown;
    if (inotify_.number() < 0 || count() >= foldersMax_) return Added::noSpace;
    const int wd = inotify_add_watch(inotify_.number(), (root_ / folder).c_str(), kWatchedEvents);
    if (wd < 0) return errno == ENOSPC || errno == ENOMEM ? Added::noSpace : Added::isGone;
    // The same folder under another name: it moved, and the old name's event is still to come.
    if (const auto known = folderByWd_.find(wd); known != folderByWd_.end())
        wdByFolder_.erase(known->second);
    folderByWd_[wd] = folder;
    wdByFolder_[folder] = wd;
    return Added::isNew;
}

void WatchedFolders::remove(const std::string& folder) {
    for (auto at = wdByFolder_.begin(); at != wdByFolder_.end();) {
        if (!isBelow(at->first, folder)) {
            ++at;
            continue;
        }
        inotify_rm_watch(inotify_.number(), at->second);
        folderByWd_.erase(at->second);
        at = wdByFolder_.erase(at);
    }
}

std::vector<std::string> WatchedFolders::folders() const {
    std::vector<std::string> all;
    for (const auto& [folder, wd] : wdByFolder_)
        all.push_back(folder);
    return all;
}

bool WatchedFolders::read(const std::function<void(FolderEvent)>& onEvent) {
    bool isWhole = true;
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    while (true) {
        const ssize_t size = ::read(inotify_.number(), buffer.data(), buffer.size());
        if (size <= 0) return isWhole;  // nothing more: EAGAIN
        for (ssize_t at = 0; at + ssize_t(sizeof(inotify_event)) <= size;) {
            inotify_event event;
            std::memcpy(&event, buffer.data() + at, sizeof(event));
            const char* name = buffer.data() + at + sizeof(event);
            at += ssize_t(sizeof(event)) + ssize_t(event.len);
            if (event.mask & IN_Q_OVERFLOW) isWhole = false;
            const auto folder = folderByWd_.find(event.wd);
            if (folder == folderByWd_.end()) continue;
            if (event.mask & IN_IGNORED) {  // removed, or its file system is gone
                wdByFolder_.erase(folder->second);
                folderByWd_.erase(folder);
                continue;
            }
            if (event.len == 0) continue;
            FolderEvent made = {.folder = folder->second, .name = name};
            if (event.mask & IN_ISDIR)
                made.kind = event.mask & (IN_CREATE | IN_MOVED_TO) ? FolderEvent::Kind::folderCame
                                                                   : FolderEvent::Kind::folderWent;
            onEvent(std::move(made));
        }
    }
}

}  // namespace moxie::indexer

#include "app/desktop/session/folder_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <QFile>
#include <QSocketNotifier>
#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr uint32_t kWrites = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR;
constexpr uint32_t kEntries = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                              IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

FolderWatcher::FolderWatcher(QObject* parent)
    : QObject(parent),
      fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (fd_ < 0) return;  // watch() says so
    notifier_ = new QSocketNotifier(fd_, QSocketNotifier::Read, this);
    connect(notifier_, &QSocketNotifier::activated, this, &FolderWatcher::read);
}

FolderWatcher::~FolderWatcher() {
    delete notifier_;  // before its descriptor is closed
    if (fd_ >= 0) close(fd_);
}

bool FolderWatcher::watch(const std::filesystem::path& folder, What what) {
    if (fd_ < 0) return false;
    const int id =
        inotify_add_watch(fd_, folder.c_str(), what == What::writes ? kWrites : kEntries);
    if (id < 0) return false;
    folders_[id] = folder.string();
    return true;
}

void FolderWatcher::forget(const std::filesystem::path& folder) {
    const auto found = std::find_if(folders_.begin(), folders_.end(), [&](const auto& entry) {
        return entry.second == folder.string();
    });
    if (found == folders_.end()) return;
    inotify_rm_watch(fd_, found->first);
    folders_.erase(found);
}

void FolderWatcher::read() {
    std::set<std::pair<std::string, std::string>> told;  // each file once
    alignas(inotify_event) std::array<char, 16'384> buffer;
    const ssize_t length = ::read(fd_, buffer.data(), buffer.size());
    for (ssize_t at = 0; at < length;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += ssize_t(sizeof(inotify_event)) + event->len;
        if ((event->mask & IN_Q_OVERFLOW) != 0) {  // events are lost: everything may be different
            for (const auto& [id, folder] : folders_)
                told.emplace(folder, "");
            continue;
        }
        const auto found = folders_.find(event->wd);
        if (found == folders_.end()) continue;
        told.emplace(found->second, event->len > 0 ? event->name : "");
        if ((event->mask & IN_IGNORED) != 0) folders_.erase(found);
    }
    for (const auto& [folder, name] : told)
        emit changed(QFile::decodeName(folder.c_str()), QFile::decodeName(name.c_str()));
}

}  // namespace moxie::desktop

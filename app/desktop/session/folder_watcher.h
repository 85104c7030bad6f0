// Tells when something is written in some folders, or comes and goes there. One inotify instance;
// unlike QFileSystemWatcher it sees writes to files of a watched folder, and the end of a process
// that held one open for writing, so that nobody needs to poll. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

class QSocketNotifier;

namespace moxie::desktop {

class FolderWatcher : public QObject {
    Q_OBJECT

public:
    explicit FolderWatcher(QObject* parent = nullptr);
    ~FolderWatcher() override;
    FolderWatcher(const FolderWatcher&) = delete;
    FolderWatcher& operator=(const FolderWatcher&) = delete;

    enum class What : uint8_t {
        writes,   // to files of the folder, and a file being closed by who wrote it
        entries,  // files and folders that come and go
    };

    // False: the folder cannot be watched (it is not there, or the system's limit is reached).
    bool watch(const std::filesystem::path& folder, What what);
    void forget(const std::filesystem::path& folder);

signals:
    // `name`: of the file or folder in it; "" if the folder itself is gone.
    void changed(const QString& folder, const QString& name);

private:
    void read();

    int fd_ = -1;
    QSocketNotifier* notifier_ = nullptr;
    std::map<int, std::string> folders_;  // by watch descriptor
};

}  // namespace moxie::desktop

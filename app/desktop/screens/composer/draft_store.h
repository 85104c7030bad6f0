// Unsent messages on disk, one small file for each session: a crash loses at most the last half
// second of typing. It does not keep what was sent.
// Threads: GUI thread only; a worker of its own reads and writes.
#pragma once
#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>

class QTimer;

namespace moxie::desktop {

class Worker;

class DraftStore final : public QObject {
    Q_OBJECT

public:
    // `folder` is made with the first draft.
    explicit DraftStore(std::filesystem::path folder, QObject* parent = nullptr);
    ~DraftStore() override;  // Cost: writes what is not on disk yet

    // Calls `then` later while `receiver` lives; "" where there is no draft. Any text is a key.
    void load(const QString& key, QObject& receiver, std::function<void(const QString&)> then);
    // Known at once to load(), on disk 500 ms after the last call. "" removes the draft.
    void save(const QString& key, const QString& text);

signals:
    void failed(const QString& sentence);

private:
    std::filesystem::path pathOf(const QString& key) const;
    void writeAll();
    void write(const QString& key, const QString& text);

    const std::filesystem::path folder_;
    std::map<QString, QString> unsaved_;  // what the disk does not have yet
    QTimer* soon_;
    std::unique_ptr<Worker> worker_;
};

}  // namespace moxie::desktop

#include "app/desktop/screens/composer/draft_store.h"

#include <QTimer>
#include <string>
#include <system_error>
#include <utility>

#include "app/desktop/core/worker.h"
#include "base/file.h"
#include "base/hash.h"

namespace moxie::desktop {

namespace {

constexpr int kWriteSoonMs = 500;

base::Status writeDraft(const std::filesystem::path& path, const std::string& text) {
    std::error_code failure;
    if (text.empty()) {
        std::filesystem::remove(path, failure);
        if (failure) return base::fail(base::Errc::io, failure.message());
        return {};
    }
    std::filesystem::create_directories(path.parent_path(), failure);
    if (failure) return base::fail(base::Errc::io, failure.message());
    return base::writeFileAtomically(path, text, base::Durability::renameOnly);
}

}  // namespace

DraftStore::DraftStore(std::filesystem::path folder, QObject* parent)
    : QObject(parent),
      folder_(std::move(folder)),
      soon_(new QTimer(this)),
      worker_(std::make_unique<Worker>()) {
    soon_->setSingleShot(true);
    soon_->setInterval(kWriteSoonMs);
    connect(soon_, &QTimer::timeout, this, &DraftStore::writeAll);
}

DraftStore::~DraftStore() {
    worker_.reset();  // first: it may be writing one of these
    for (const auto& [key, text] : unsaved_)
        (void)writeDraft(pathOf(key), text.toStdString());  // nobody is left to be told
}

std::filesystem::path DraftStore::pathOf(const QString& key) const {
    return folder_ / (base::hash128(key.toStdString()).hex() + ".txt");
}

void DraftStore::load(const QString& key, QObject& receiver,
                      std::function<void(const QString&)> then) {
    const auto read = [path = pathOf(key)](const std::stop_token&) {
        return base::readFile(path).value_or(std::string());
    };
    worker_->run(receiver, read, [this, key, then = std::move(then)](const std::string& onDisk) {
        const auto newer = unsaved_.find(key);
        then(newer == unsaved_.end() ? QString::fromStdString(onDisk) : newer->second);
    });
}

void DraftStore::save(const QString& key, const QString& text) {
    unsaved_.insert_or_assign(key, text);
    soon_->start();
}

void DraftStore::writeAll() {
    for (const auto& [key, text] : unsaved_)
        write(key, text);
}

void DraftStore::write(const QString& key, const QString& text) {
    const auto work = [path = pathOf(key), bytes = text.toStdString()](const std::stop_token&) {
        return writeDraft(path, bytes);
    };
    worker_->run(*this, work, [this, key, text](const base::Status& written) {
        const auto waiting = unsaved_.find(key);
        if (!written)
            emit failed(tr("The draft cannot be kept on disk: %1")
                            .arg(QString::fromStdString(written.error().message())));
        else if (waiting != unsaved_.end() && waiting->second == text)
            unsaved_.erase(waiting);
    });
}

}  // namespace moxie::desktop

// What is stored where, which model servers get text, and the index to delete. Folders are walked
// by the worker. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <filesystem>
#include <vector>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/settings/storage.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class PrivacyPage final : public QWidget {
    Q_OBJECT

public:
    // All must outlive the page.
    PrivacyPage(Appearance& appearance, Worker& worker, std::filesystem::path repository);

    void reload();

signals:
    void openFolderWanted(const QString& path);

protected:
    void changeEvent(QEvent* event) override;

private:
    enum class Deletion : uint8_t { none, asked, done };

    void place();
    void retranslate();
    void applyLook();
    void showPlaces();
    void showDeletion();
    void change(base::Status (*act)(), Deletion after);

    Appearance& appearance_;
    Worker& worker_;
    const std::filesystem::path repository_;
    std::vector<StoredPlace> places_;
    QStringList servers_;
    bool isRead_ = false, isOnlyLocal_ = false;
    Deletion deletion_ = Deletion::none;
    QLabel *promise_, *serversText_, *storedTitle_, *state_, *deletionText_;
    QWidget* table_ = nullptr;
    QPushButton *delete_, *sure_, *keep_, *undo_;
};

}  // namespace moxie::desktop

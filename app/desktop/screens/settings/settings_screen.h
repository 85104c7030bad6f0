// The settings: groups at the left, search above them, and the form of the chosen group at the
// right, made from app::allSettings(). Every change is written at once. While the user's file is
// broken the form is read-only and a banner leads to the line. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <filesystem>
#include <vector>

#include "app/desktop/core/worker.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace moxie::desktop {

class AboutPage;
class ActionRegistry;
class Appearance;
class KeymapPage;
class PermissionsPage;
class PrivacyPage;
class SettingRow;
class Settings;
class StallMonitor;

// What the screen needs; all but the paths must outlive it.
struct SettingsScreenNeeds {
    Settings& settings;
    ActionRegistry& registry;
    Appearance& appearance;
    const StallMonitor& stalls;
    std::filesystem::path repository;      // empty: no project is open
    std::filesystem::path sessionsFolder;  // usually dataDir()/sessions
};

class SettingsScreen final : public QWidget {
    Q_OBJECT

public:
    explicit SettingsScreen(const SettingsScreenNeeds& needs, QWidget* parent = nullptr);
    ~SettingsScreen() override;

    // English name of a group: "Appearance", "Keys", "Privacy", "About"; unknown ones change
    // nothing.
    void showGroup(const QString& english);

signals:
    // A file, at a line (0: anywhere), in the editor.
    void openPlace(const QString& path, int line);
    void openFolderWanted(const QString& path);
    void openSessionWanted(const QString& sessionId);
    // The key sheet as HTML, to be shown where it can be printed.
    void printWanted(const QString& html);
    void closeWanted();
    void modelSetUpWanted();  // the first run

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Group {
        const char* title = "";
        QLabel* heading = nullptr;
        std::vector<SettingRow*> rows = {};
        QWidget* page = nullptr;  // of its own, below the rows
    };

    void makeGroups(const SettingsScreenNeeds& needs);
    Group& groupOf(const char* title);
    void place();
    QWidget* makeBanner();
    void retranslate();
    void applyLook();
    void fit();
    void showContent();
    void showBanner();
    void reloadPage(const Group& group);

    Settings& settings_;
    Appearance& appearance_;
    std::vector<Group> groups_;
    QLineEdit* search_;
    QListWidget* list_;
    QScrollArea* scroll_;
    QVBoxLayout* column_ = nullptr;
    QLabel* nothing_;
    QWidget* banner_ = nullptr;
    QLabel *bannerTitle_ = nullptr, *bannerText_ = nullptr;
    QPushButton* openFile_ = nullptr;
    KeymapPage* keymap_ = nullptr;
    PermissionsPage* permissions_ = nullptr;
    PrivacyPage* privacy_ = nullptr;
    AboutPage* about_ = nullptr;
    Worker worker_;  // last: nothing runs when the rest goes
};

}  // namespace moxie::desktop

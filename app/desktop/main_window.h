// The main window as far as it goes: opens a folder, lists its sessions, shows the events of one.
// Read-only; work is driven with `moxie run`. Threads: GUI thread only.
#pragma once
#include <QMainWindow>
#include <filesystem>

#include "base/clock.h"

class QListWidget;
class QPlainTextEdit;
class QLabel;

namespace moxie::app {

class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(std::filesystem::path sessionsFolder, base::Clock& clock);
    void openRepository(const std::filesystem::path& folder);

    const std::filesystem::path& repository() const { return repository_; }

private:
    void makeMenus();
    void askForRepository();
    void refresh();
    void showSession(const QString& id);
    void showAbout();

    const std::filesystem::path sessionsFolder_;
    base::Clock& clock_;
    std::filesystem::path repository_;
    QLabel* hint_ = nullptr;  // Qt's parents own the widgets
    QListWidget* sessions_ = nullptr;
    QPlainTextEdit* events_ = nullptr;
};

}  // namespace moxie::app

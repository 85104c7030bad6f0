// Where the window was: geometry, splitters, repository, session. Kept in one small file of the
// data folder, apart from the settings. A broken file is no state. Threads: any thread.
#pragma once
#include <QByteArray>
#include <QMap>
#include <QString>
#include <filesystem>

#include "base/result.h"

namespace moxie::desktop {

struct WindowState {
    QByteArray geometry = {};                  // QWidget::saveGeometry
    QMap<QString, QByteArray> splitters = {};  // by object name: QSplitter::saveState
    QString repository = {}, sessionId = {};
    QString workbenchTab = {};
    bool showsSidebar = true, showsWorkbench = true;

    bool operator==(const WindowState&) const = default;
};

std::filesystem::path windowStateFile();

// Nothing there, or broken: a state of its own defaults.
WindowState loadWindowState(const std::filesystem::path& file);
// Fails: denied, io.
base::Status saveWindowState(const std::filesystem::path& file, const WindowState& state);

}  // namespace moxie::desktop

#include "app/desktop/shell/window_state.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <system_error>

#include "base/file.h"
#include "base/paths.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kStateBytesMax = 1 << 18;
constexpr int kVersion = 1;

QString encoded(const QByteArray& bytes) {
    return QString::fromLatin1(bytes.toBase64());
}

QByteArray decoded(const QJsonValue& value) {
    return QByteArray::fromBase64(value.toString().toLatin1());
}

}  // namespace

std::filesystem::path windowStateFile() {
    return base::dataDir() / "window.json";
}

WindowState loadWindowState(const std::filesystem::path& file) {
    WindowState state;
    const auto text = base::readFile(file, kStateBytesMax);
    if (!text) return state;
    const QJsonObject json =
        QJsonDocument::fromJson(QByteArray(text->data(), qsizetype(text->size()))).object();
    if (json[QStringLiteral("version")].toInt() != kVersion) return state;
    state.geometry = decoded(json[QStringLiteral("geometry")]);
    const QJsonObject splitters = json[QStringLiteral("splitters")].toObject();
    for (auto it = splitters.begin(); it != splitters.end(); ++it)
        state.splitters[it.key()] = decoded(it.value());
    state.repository = json[QStringLiteral("repository")].toString();
    state.sessionId = json[QStringLiteral("session")].toString();
    state.workbenchTab = json[QStringLiteral("tab")].toString();
    state.showsSidebar = json[QStringLiteral("sidebar")].toBool(true);
    state.showsWorkbench = json[QStringLiteral("workbench")].toBool(true);
    return state;
}

base::Status saveWindowState(const std::filesystem::path& file, const WindowState& state) {
    QJsonObject splitters;
    for (auto it = state.splitters.begin(); it != state.splitters.end(); ++it)
        splitters[it.key()] = encoded(it.value());
    const QJsonObject json = {
        {QStringLiteral("version"), kVersion},
        {QStringLiteral("geometry"), encoded(state.geometry)},
        {QStringLiteral("splitters"), splitters},
        {QStringLiteral("repository"), state.repository},
        {QStringLiteral("session"), state.sessionId},
        {QStringLiteral("tab"), state.workbenchTab},
        {QStringLiteral("sidebar"), state.showsSidebar},
        {QStringLiteral("workbench"), state.showsWorkbench},
    };
    std::error_code ignored;  // the write says what is wrong
    std::filesystem::create_directories(file.parent_path(), ignored);
    const QByteArray text = QJsonDocument(json).toJson();
    return base::writeFileAtomically(file, {text.constData(), size_t(text.size())},
                                     base::Durability::renameOnly);
}

}  // namespace moxie::desktop

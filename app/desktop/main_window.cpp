#include "app/desktop/main_window.h"

#include <QAction>
#include <QDateTime>
#include <QFileDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/event_log.h"
#include "base/text.h"

namespace moxie::app {

namespace {

constexpr int64_t kEventsShownMax = 5'000;
constexpr int64_t kEventBytesShown = 2'000;

QString toQt(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

QString describe(const agent::Event& event) {
    const nlohmann::json json = agent::toJson(event);
    const std::string body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const QString time =
        QDateTime::fromMSecsSinceEpoch(event.timeMs).toString(QStringLiteral("HH:mm:ss"));
    return QStringLiteral("%1  %2  %3  %4")
        .arg(event.seq, 5)
        .arg(time, toQt(agent::typeName(event.body)), toQt(base::cutUtf8(body, kEventBytesShown)));
}

}  // namespace

MainWindow::MainWindow(std::filesystem::path sessionsFolder, base::Clock& clock)
    : sessionsFolder_(std::move(sessionsFolder)),
      clock_(clock) {
    setWindowTitle(tr("Moxie"));
    resize(1000, 650);
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    hint_ = new QLabel(tr("Open a repository to see its sessions."), page);
    hint_->setObjectName(QStringLiteral("hint"));
    layout->addWidget(hint_);
    auto* splitter = new QSplitter(page);
    sessions_ = new QListWidget(splitter);
    sessions_->setObjectName(QStringLiteral("sessions"));
    sessions_->setAccessibleName(tr("Sessions"));
    events_ = new QPlainTextEdit(splitter);
    events_->setObjectName(QStringLiteral("events"));
    events_->setAccessibleName(tr("Events of the session"));
    events_->setReadOnly(true);
    events_->setLineWrapMode(QPlainTextEdit::NoWrap);
    splitter->setStretchFactor(1, 3);
    layout->addWidget(splitter, 1);
    setCentralWidget(page);
    connect(sessions_, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        if (item != nullptr) showSession(item->data(Qt::UserRole).toString());
    });
    makeMenus();
}

void MainWindow::makeMenus() {
    QMenu* file = menuBar()->addMenu(tr("&File"));
    QAction* open = file->addAction(tr("&Open repository…"), this, &MainWindow::askForRepository);
    open->setShortcut(QKeySequence::Open);
    QAction* reload = file->addAction(tr("&Refresh"), this, &MainWindow::refresh);
    reload->setShortcut(QKeySequence::Refresh);
    file->addSeparator();
    QAction* quit = file->addAction(tr("&Quit"), this, &QWidget::close);
    quit->setShortcut(QKeySequence::Quit);
    menuBar()->addMenu(tr("&Help"))->addAction(tr("&About Moxie"), this, &MainWindow::showAbout);
}

void MainWindow::askForRepository() {
    auto* dialog = new QFileDialog(this, tr("Open repository"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& folder) { openRepository(folder.toStdString()); });
    dialog->open();
}

void MainWindow::openRepository(const std::filesystem::path& folder) {
    std::error_code failed;
    const auto canonical = std::filesystem::canonical(folder, failed);
    repository_ = failed ? folder : canonical;
    setWindowTitle(tr("%1 — Moxie").arg(toQt(repository_.filename().string())));
    refresh();
}

void MainWindow::refresh() {
    if (repository_.empty()) return;
    sessions_->clear();
    events_->clear();
    auto list = agent::EventLog::list(sessionsFolder_);
    if (!list) {
        hint_->setText(tr("The sessions cannot be read: %1").arg(toQt(list.error().message())));
        return;
    }
    std::sort(list->begin(), list->end(),
              [](const auto& a, const auto& b) { return a.changedMs > b.changedMs; });
    for (const agent::SessionInfo& session : *list) {
        if (session.repository != repository_.string()) continue;
        const QString when = QDateTime::fromMSecsSinceEpoch(session.changedMs)
                                 .toString(QStringLiteral("yyyy-MM-dd HH:mm"));
        auto* item = new QListWidgetItem(
            QStringLiteral("%1\n%2 · %3")
                .arg(toQt(base::cutUtf8(session.firstTask, 120)), when, toQt(session.lastStatus)),
            sessions_);
        item->setData(Qt::UserRole, toQt(session.id));
    }
    const QString shown = toQt(repository_.string());
    hint_->setText(
        sessions_->count() > 0
            ? tr("Sessions of %1. Choose one to read its events.").arg(shown)
            : tr("There are no sessions of %1 yet. Start one: moxie run \"TASK\"").arg(shown));
}

void MainWindow::showSession(const QString& id) {
    events_->clear();
    const auto log = agent::EventLog::open(sessionsFolder_, id.toStdString(),
                                           agent::EventLog::Access::readOnly, clock_);
    if (!log) {
        hint_->setText(tr("The session cannot be read: %1").arg(toQt(log.error().message())));
        return;
    }
    const auto events = (*log)->read(0, kEventsShownMax);
    if (!events) {
        hint_->setText(tr("The session cannot be read: %1").arg(toQt(events.error().message())));
        return;
    }
    QStringList lines;
    for (const agent::Event& event : *events)
        if (!std::holds_alternative<agent::Delta>(event.body)) lines << describe(event);
    events_->setPlainText(lines.join(QLatin1Char('\n')));
}

void MainWindow::showAbout() {
    auto* box = new QMessageBox(
        QMessageBox::Information, tr("About Moxie"),
        tr("Moxie, an agentic coding assistant.\n\nThis window is at its beginning: it shows the "
           "sessions of a repository and their events. Work is driven with the command: "
           "moxie run \"TASK\""),
        QMessageBox::Ok, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

}  // namespace moxie::app

#include "app/desktop/window/desk.h"

#include <QApplication>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>
#include <algorithm>
#include <utility>

#include "app/cli/rules.h"
#include "app/desktop/screens/code/code_suggester.h"
#include "app/desktop/screens/code/go_to_dialog.h"
#include "app/desktop/screens/code/live_code.h"
#include "app/desktop/screens/composer/composer_screen.h"
#include "app/desktop/screens/composer/draft_store.h"
#include "app/desktop/screens/composer/suggester.h"
#include "app/desktop/screens/conversation/conversation_screen.h"
#include "app/desktop/screens/cost/cost_chip.h"
#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/screens/sessions/sessions_screen.h"
#include "app/desktop/screens/settings/settings_screen.h"
#include "app/desktop/screens/welcome/live_welcome.h"
#include "app/desktop/screens/welcome/welcome_screen.h"
#include "app/desktop/session/demo_session.h"
#include "app/desktop/session/live_aside.h"
#include "app/desktop/shell/editor_link.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/picture.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/session_page.h"
#include "app/desktop/window/status_chips.h"
#include "app/desktop/window/workbench.h"
#include "app/desktop/window/worktree_sessions.h"
#include "base/file.h"
#include "base/paths.h"
#include "engine/chat_images.h"

namespace moxie::desktop {

namespace {

QString toQt(const std::string& text) {
    return QString::fromStdString(text);
}

// The code screens' names of files and symbols, as the message box wants them.
class CodeSuggestions final : public Suggester {
public:
    explicit CodeSuggestions(CodeModel& code) : suggester_(code) {}

    void suggest(const QString& query, QObject& receiver, Answer answer) override {
        suggester_.find(query, receiver,
                        [answer = std::move(answer)](const std::vector<CodeSuggestion>& found) {
                            std::vector<Suggestion> suggestions;
                            suggestions.reserve(found.size());
                            for (const CodeSuggestion& one : found)
                                suggestions.push_back({one.label, one.detail, one.insertText});
                            answer(suggestions);
                        });
    }

private:
    CodeSuggester suggester_;
};

}  // namespace

Desk::Desk(const DeskNeeds& needs, LiveEnvironment environment, StorePlaces places)
    : needs_(needs),
      environment_(std::move(environment)),
      store_(std::move(places), needs.clock),
      pool_(environment_) {
    makeParts();
    connectSidebar();
    connectWorkbench();
    connectActions();
    connect(&pool_, &SessionPool::opened, this, &Desk::watchSession);
    connect(&needs_.settings, &Settings::changed, this, &Desk::lookForModels);
    retitle();
}

Desk::~Desk() {
    dropSession();
    workbench_.reset();
    needs_.window.setSidebar(nullptr);
    delete goTo_;
    delete chips_;
    delete costChip_;
}

void Desk::makeParts() {
    code_ = std::make_unique<LiveCode>();
    suggester_ = std::make_unique<CodeSuggestions>(*code_);
    costs_ = std::make_unique<CostHistory>(environment_.sessionsFolder,
                                           base::cacheDir() / "costs.json", needs_.clock);
    drafts_ = std::make_unique<DraftStore>(base::dataDir() / "drafts");
    editor_ = std::make_unique<EditorLink>(needs_.settings);
    notifier_ = std::make_unique<DesktopNotifier>();
    notifications_ = std::make_unique<Notifications>(needs_.window, needs_.settings, *notifier_);
    sidebar_ = new SessionsScreen(store_, needs_.clock, needs_.appearance);
    needs_.window.setSidebar(sidebar_);
    worktrees_ = new WorktreeSessions(base::dataDir() / "worktrees", store_, *sidebar_, this);
    workbench_ =
        std::make_unique<Workbench>(WorkbenchNeeds{.window = needs_.window,
                                                   .appearance = needs_.appearance,
                                                   .registry = needs_.registry,
                                                   .code = *code_,
                                                   .clock = needs_.clock,
                                                   .sessionsFolder = environment_.sessionsFolder});
    chips_ = new StatusChips(needs_.window, *code_, this);
    costChip_ = new CostChip(*costs_, needs_.appearance);
    needs_.window.addChip(costChip_);
    goTo_ = new GoToDialog(*code_, needs_.appearance, needs_.window);
    connect(editor_.get(), &EditorLink::failed, this, &Desk::say);
    connect(drafts_.get(), &DraftStore::failed, this, &Desk::say);
    connect(code_.get(), &CodeModel::stateChanged, this, &Desk::suggestExamples);
    connect(notifications_.get(), &Notifications::sessionWanted, this, [this](const QString& id) {
        openSession(id);
        needs_.window.raise();
        needs_.window.activateWindow();
    });
}

// ---- which folder and session

agent::PermissionMode Desk::usualMode() const {
    // Somebody is here to be asked: unless the settings say otherwise, commands are asked for.
    if (!needs_.settings.isSet("mode")) return agent::PermissionMode::autoEdit;
    return agent::permissionModeFromString(needs_.settings.text("mode").toStdString())
        .value_or(agent::PermissionMode::ask);
}

void Desk::begin(const QString& folder, const QString& sessionId) {
    costs_->refresh();
    if (!sessionId.isEmpty()) return openSession(sessionId);
    if (!folder.isEmpty() && !isFirstRun(needs_.settings)) return openFolder(folder);
    setRepository(QFileInfo(folder).canonicalFilePath());
    showWelcome();
}

// A message typed in this folder can be had again with Up.
void Desk::rememberSent(const QString& text) {
    QStringList& sent = sent_[repository_];
    sent.removeAll(text);
    sent.append(text);
    if (page_) page_->composer().setHistory(sent);
}

void Desk::open(const OpenRequest& request) {
    const QFileInfo info(request.path);
    if (info.isDir()) {
        openFolder(request.path);
    } else if (info.exists()) {
        if (!request.path.startsWith(repository_ + QLatin1Char('/')))
            openFolder(toQt(app::projectOf(info.absolutePath().toStdString()).string()));
        workbench_->showPlace(request.path, request.line, request.column);
        if (!request.ask.isEmpty() && page_)
            page_->composer().setDraft(referenceTo(QDir(repository_).relativeFilePath(request.path),
                                                   request.line, request.line) +
                                       QLatin1Char(' ') + request.ask);
    }
}

void Desk::openFolder(const QString& folder) {
    const QString canonical = QFileInfo(folder).canonicalFilePath();
    if (canonical.isEmpty()) return say(tr("There is no folder %1.").arg(folder));
    setRepository(canonical);
    newSession();
}

void Desk::setRepository(const QString& folder) {
    if (folder == repository_ || folder.isEmpty()) return;
    repository_ = folder;
    needs_.settings.setRepository(folder.toStdString());
    code_->open(folder);
    workbench_->showRepository(folder);
    retitle();
}

void Desk::openSession(const QString& id) {
    if (id.isEmpty()) return;
    const bool isKnown = pool_.find(id) != nullptr;
    LiveSession& session = pool_.open(id, usualMode());
    if (!isKnown) modeIsToCome_ = &session;
    show(session);
}

void Desk::beginSession() {
    repository_.isEmpty() ? showWelcome() : worktrees_->begin(repository_);
}

void Desk::newSession() {
    if (repository_.isEmpty()) return showWelcome();
    show(pool_.begin(repository_, usualMode()));
}

void Desk::show(LiveSession& session) {
    if (&session == session_) return page_->composer().setFocus();
    dropSession();
    session_ = &session;
    behind_ = nullptr;
    setRepository(session.repository());
    auto* budgets = session.findChild<BudgetWatch*>();
    auto* page = new SessionPage(session, PageNeeds{.appearance = needs_.appearance,
                                                    .registry = needs_.registry,
                                                    .settings = needs_.settings,
                                                    .clock = needs_.clock,
                                                    .budgets = *budgets,
                                                    .drafts = *drafts_,
                                                    .suggester = *suggester_,
                                                    .aside = asideOf(session)});
    page_ = page;
    connectPage(*page);
    needs_.window.setSession(page);
    workbench_->showSession(session);
    chips_->setSession(&session);
    costChip_->setSession(&session, budgets);
    sidebar_->setShown(session.id());
    pool_.tidy(&session);
    retitle();
    suggestExamples();
    lookForModels();
    page->composer().setFocus();
}

// Lives as long as the session does here: what was asked on the side is found again.
AsideModel& Desk::asideOf(LiveSession& session) {
    auto* known = session.findChild<LiveAside*>();
    return known != nullptr ? *known : *new LiveAside(session, &session);
}

// What the composer says before a model has answered.
void Desk::lookForModels() {
    if (!session_ || !page_ || !session_->environment().planModels) return;
    worker_.run(
        *page_,
        [plan = session_->environment().planModels, folder = session_->repository().toStdString()](
            const std::stop_token&) { return plan(folder); },
        [page = page_](const PlannedModels& models) { page->setPlannedModels(models); });
}

// What a new session could begin with, from what is known of this repository.
void Desk::suggestExamples() {
    if (!session_ || session_->state() != SessionModel::State::empty) return;
    page_->conversation().setExamples({tr("Run the tests and fix what fails.")});
    CodeQuery files;
    files.scope = CodeScope::files;
    code_->find(files, *page_, [page = page_](const CodeHits& found) {
        const auto largest =
            std::max_element(found.hits.begin(), found.hits.end(),
                             [](const CodeHit& a, const CodeHit& b) { return a.bytes < b.bytes; });
        if (!page || largest == found.hits.end()) return;
        page->conversation().setExamples({tr("Run the tests and fix what fails."),
                                          tr("Explain how @%1 works.").arg(largest->path),
                                          tr("Look through the last commit for mistakes.")});
    });
}

// At the end of a turn of ours: the lease is given back, so that the command may go on with the
// session; what the agent wrote is looked at again.
void Desk::noteRest(LiveSession& session) {
    session.release();
    if (session.repository() == repository_) code_->update();
    costs_->refresh();
    if (&session == session_ && needs_.window.isActiveWindow()) store_.markSeen(session.id());
}

void Desk::dropSession() {
    if (!session_) return;
    chips_->setSession(nullptr);
    costChip_->setSession(nullptr, nullptr);
    workbench_->dropSession();
    needs_.window.clearSession();
    disconnect(statusConnection_);
    session_ = nullptr;
}

void Desk::forkForResend(int turn, const QString& text) {
    resendText_ = text;
    store_.fork(sessionId(), turn - 1);
}

void Desk::undoLastTurn() {
    if (!session_ || sessionId().isEmpty()) return;
    session_->release();
    worker_.run(
        *this,
        [folder = environment_.sessionsFolder, id = sessionId().toStdString(),
         clock = &needs_.clock](const std::stop_token&) {
            return agent::undoLastTurn(folder, id, *clock);
        },
        [this](const base::Result<std::vector<std::string>>& paths) {
            say(paths ? tr("The last turn was given back: %n files changed.", nullptr,
                           int(paths->size()))
                      : tr("The last turn cannot be given back: %1")
                            .arg(toQt(paths.error().message())));
        });
}

void Desk::startLookAround() {
    startDemo(worker_, *this, needs_.clock, {}, [this](auto demo) {
        if (!demo)
            return say(
                tr("The sample session cannot be made: %1").arg(toQt(demo.error().message())));
        show(pool_.adopt(*std::move(demo)));
    });
}

// ---- in place of the session

void Desk::showPage(QWidget* page) {
    if (session_) behind_ = session_;
    dropSession();
    needs_.window.setSession(page);
    needs_.window.showColumn(MainWindow::Column::session);
    page->setFocus();
}

void Desk::leavePage() {
    if (behind_) return show(*behind_);
    if (!repository_.isEmpty()) newSession();
}

void Desk::showWelcome() {
    auto* model = new LiveWelcome(needs_.settings);
    auto* screen = new WelcomeScreen(*model, needs_.appearance);
    model->setParent(screen);
    connect(screen, &WelcomeScreen::lookAroundWanted, this, &Desk::startLookAround);
    connect(screen, &WelcomeScreen::demoWanted, this, &Desk::startLookAround);
    connect(screen, &WelcomeScreen::folderWanted, this, &Desk::askForFolder);
    connect(screen, &WelcomeScreen::finished, this, &Desk::leavePage);
    showPage(screen);
    QMetaObject::invokeMethod(this, &Desk::ready, Qt::QueuedConnection);
}

void Desk::showSettings(const QString& group) {
    auto* screen = new SettingsScreen({.settings = needs_.settings,
                                       .registry = needs_.registry,
                                       .appearance = needs_.appearance,
                                       .stalls = needs_.stalls,
                                       .repository = repository_.toStdString(),
                                       .sessionsFolder = environment_.sessionsFolder});
    connect(screen, &SettingsScreen::openPlace, this,
            [this](const QString& path, int line) { openInEditor(path, line, 0); });
    connect(screen, &SettingsScreen::openFolderWanted, this,
            [](const QString& path) { QDesktopServices::openUrl(QUrl::fromLocalFile(path)); });
    connect(screen, &SettingsScreen::modelSetUpWanted, this, &Desk::showWelcome,
            Qt::QueuedConnection);
    connect(screen, &SettingsScreen::openSessionWanted, this, &Desk::openSession);
    connect(screen, &SettingsScreen::printWanted, this, &Desk::openMarkdown);
    connect(screen, &SettingsScreen::closeWanted, this, [this] {
        if (!behind_ && repository_.isEmpty()) return showWelcome();
        leavePage();
    });
    showPage(screen);
    if (!group.isEmpty()) screen->showGroup(group);
}

// ---- small services

void Desk::askForFolder() {
    auto* dialog = new QFileDialog(&needs_.window, tr("Open folder"), repository_);
    dialog->setObjectName(QStringLiteral("folder.dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &Desk::openFolder);
    dialog->open();
}

// Where it can be read, searched and printed with the user's own programs.
void Desk::openPage(const QString& name, std::string bytes, OpenWith with) {
    const auto file = base::cacheDir() / "pages" / name.toStdString();
    worker_.run(
        *this,
        [file, bytes = std::move(bytes)](const std::stop_token&) -> base::Status {
            std::error_code failed;
            std::filesystem::create_directories(file.parent_path(), failed);
            return base::writeFileAtomically(file, bytes);
        },
        [this, file, with](const base::Status& written) {
            if (!written) return say(toQt(written.error().message()));
            if (with == OpenWith::system)
                QDesktopServices::openUrl(QUrl::fromLocalFile(toQt(file.string())));
            else
                openInEditor(toQt(file.string()), 0, 0);
        });
}

void Desk::openMarkdown(const QString& text) {
    const bool isPage = text.startsWith(QLatin1Char('<'));
    openPage(isPage ? QStringLiteral("keys.html") : QStringLiteral("answer.md"), text.toStdString(),
             isPage ? OpenWith::system : OpenWith::editor);
}

// A copy: what is done to it there goes nowhere.
void Desk::openCode(const QString& code, const QString& language) {
    static const QRegularExpression plain(QStringLiteral("^[a-z0-9+]{1,10}$"));
    const QString ending = language.toLower();
    openPage(
        QStringLiteral("code.") + (plain.match(ending).hasMatch() ? ending : QStringLiteral("txt")),
        code.toStdString(), OpenWith::editor);
}

void Desk::openPicture(const engine::Image& image) {
    // The log may come from elsewhere: only a picture is handed to the system.
    if (const base::Status checked = engine::checkImage(image); !checked)
        return say(toQt(checked.error().message()));
    openPage(QStringLiteral("picture.") + toQt(image.mediaType).section(QLatin1Char('/'), -1),
             bytesOf(image).toStdString(), OpenWith::system);
}

void Desk::openInEditor(const QString& path, int line, int column) {
    const QString absolute =
        QDir::isAbsolutePath(path) ? path : QDir(repository_).absoluteFilePath(path);
    editor_->open({.path = absolute, .line = line, .column = column});
}

void Desk::say(const QString& sentence) {
    needs_.window.notices().tell({sentence});
}

QString Desk::sessionId() const {
    if (session_) return session_->id();
    return behind_ ? behind_->id() : QString();
}

void Desk::retitle() {
    const int32_t waiting = store_.nNeedMe();
    QString title = repository_.isEmpty() ? tr("Moxie")
                                          : tr("%1 — Moxie").arg(QFileInfo(repository_).fileName());
    if (waiting > 0)
        title = tr("(%1) %2", "sessions that wait, and the title").arg(waiting).arg(title);
    needs_.window.setWindowTitle(title);
    const QString shown = repository_ + QLatin1Char('\n') + sessionId();
    if (std::exchange(shown_, shown) != shown) emit shownChanged();
}

}  // namespace moxie::desktop

#include "app/desktop/window/workbench.h"

#include <QDir>
#include <QEvent>
#include <QLabel>

#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/screens/changes/diff_layout_file.h"
#include "app/desktop/screens/changes/live_review.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/search_screen.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/commit/live_commit.h"
#include "app/desktop/screens/output/output_screen.h"
#include "app/desktop/screens/output/session_outputs.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/window/main_window.h"
#include "base/log.h"

namespace moxie::desktop {

namespace {

// Of the tabs; also in the saved state of the window.
const QString kChanges = QStringLiteral("changes"), kSymbols = QStringLiteral("symbols"),
              kCode = QStringLiteral("code"), kTerminal = QStringLiteral("terminal"),
              kCommit = QStringLiteral("commit");

// Stands for the terminal while no session is open.
class NoCommands final : public QLabel {
public:
    NoCommands() {
        setObjectName(QStringLiteral("terminal.empty"));
        setAlignment(Qt::AlignCenter);
        setWordWrap(true);
        retranslate();
    }

protected:
    void changeEvent(QEvent* event) override {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::LanguageChange) retranslate();
    }

private:
    void retranslate() { setText(Workbench::tr("Commands of the agent appear here.")); }
};

}  // namespace

Workbench::Workbench(const WorkbenchNeeds& needs, QObject* parent)
    : QObject(parent),
      needs_(needs) {
    makeChanges(std::make_unique<LiveReview>());
    makeCodeTabs();
    showNoCommands();
    makeCommit();
}

void Workbench::showNoCommands() {
    needs_.window.setTab(
        kTerminal, [] { return tr("Terminal"); }, new NoCommands,
        icon(IconShape::terminal, Role::text, needs_.appearance));
}

Workbench::~Workbench() {
    // Screens go before what they show.
    for (const QString& id : {kChanges, kSymbols, kCode, kTerminal, kCommit})
        needs_.window.removeTab(id);
}

void Workbench::makeChanges(std::unique_ptr<LiveReview> review) {
    auto* screen = new ChangesScreen(*review, needs_.appearance, needs_.registry);
    needs_.window.setTab(
        kChanges, [] { return tr("Changes"); }, screen,
        icon(IconShape::changes, Role::text, needs_.appearance));
    changes_ = screen;
    review_ = std::move(review);  // the old one after its screen
    connect(screen, &ChangesScreen::commentsWanted, this, &Workbench::messageWanted);
    connect(screen, &ChangesScreen::whyWanted, this, &Workbench::messageWanted);
    connect(screen, &ChangesScreen::openPlace, this,
            [this](const QString& path, int line) { emit editorWanted(path, line, 0); });
    screen->setDiffLayout(loadDiffLayout(diffLayoutFile()));
    connect(screen, &ChangesScreen::diffLayoutChosen, this, [](DiffLayout layout) {
        if (const auto saved = saveDiffLayout(diffLayoutFile(), layout); !saved)
            base::log(base::LogLevel::warn, "desktop", saved.error().message());
    });
    settleCommits();
}

void Workbench::settleCommits() {
    if (commitScreen_)
        connect(commitScreen_, &CommitScreen::committed, review_.get(), &ReviewModel::noteCommit);
}

void Workbench::makeCodeTabs() {
    symbols_ = new SearchScreen(needs_.code, needs_.appearance);
    viewer_ = new CodeViewer(needs_.code, needs_.appearance, needs_.registry);
    needs_.window.setTab(
        kSymbols, [] { return tr("Symbols"); }, symbols_,
        icon(IconShape::symbols, Role::text, needs_.appearance));
    needs_.window.setTab(
        kCode, [] { return tr("Code"); }, viewer_,
        icon(IconShape::code, Role::text, needs_.appearance));
    connect(symbols_, &SearchScreen::placeWanted, this,
            [this](const CodePlace& place) { showPlace(place.path, place.line, place.column); });
    connect(symbols_, &SearchScreen::addToMessage, this, &Workbench::addToMessage);
    connect(symbols_, &SearchScreen::editorWanted, this, &Workbench::editorWanted);
    connect(viewer_, &CodeViewer::addToMessage, this, &Workbench::addToMessage);
    connect(viewer_, &CodeViewer::editorWanted, this, &Workbench::editorWanted);
    connect(viewer_, &CodeViewer::written, this, [this](const QString& path) {
        if (review_) review_->noteUserWrote(path.toStdString());
    });
    connect(viewer_, &CodeViewer::askWanted, this,
            [this](const QString& path, int first, int last, const QString&) {
                emit addToMessage(referenceTo(path, first, last));
            });
}

void Workbench::makeCommit() {
    commit_ = std::make_unique<LiveCommit>();
    commitScreen_ = new CommitScreen(*commit_, needs_.appearance, needs_.registry);
    needs_.window.setTab(
        kCommit, [] { return tr("Commit"); }, commitScreen_,
        icon(IconShape::commit, Role::text, needs_.appearance));
    connect(commitScreen_, &CommitScreen::fileWanted, this, &Workbench::showChangesOf);
    settleCommits();
}

void Workbench::showRepository(const QString& folder) {
    repository_ = folder;
    commit_->open(folder);
}

void Workbench::showSession(SessionModel& session) {
    auto review = std::make_unique<LiveReview>();
    review->follow(session);
    makeChanges(std::move(review));
    commit_->follow(session);
    auto* output = new OutputScreen(
        session, std::make_shared<SessionOutputs>(needs_.sessionsFolder, needs_.clock),
        needs_.appearance, needs_.registry);
    needs_.window.setTab(
        kTerminal, [] { return tr("Terminal"); }, output,
        icon(IconShape::terminal, Role::text, needs_.appearance));
    output_ = output;
    connect(output, &OutputScreen::openPlace, this, &Workbench::showPlace);
    connect(output, &OutputScreen::addToMessage, this, &Workbench::addToMessage);
}

void Workbench::dropSession() {
    showNoCommands();
    auto review = std::make_unique<LiveReview>();
    if (!repository_.isEmpty()) review->open(repository_, QString());
    makeChanges(std::move(review));
}

void Workbench::showChangesOf(const QString& path) {
    needs_.window.showTab(kChanges);
    if (!path.isEmpty() && changes_) changes_->showFile(path);
    if (changes_) changes_->setFocus();
}

void Workbench::showOutputOf(const QString& callId, int turn) {
    needs_.window.showTab(kTerminal);
    if (output_ && !callId.isEmpty()) output_->showCommand(callId.toStdString(), turn);
}

void Workbench::showPlace(const QString& path, int line, int column) {
    const QString relative =
        QDir::isAbsolutePath(path) ? QDir(repository_).relativeFilePath(path) : path;
    needs_.window.showTab(kCode);
    viewer_->open({.path = relative, .line = line, .column = column});
    viewer_->setFocus();
}

void Workbench::showSymbols() {
    needs_.window.showTab(kSymbols);
    symbols_->focusQuery();
}

void Workbench::showCommit() {
    needs_.window.showTab(kCommit);
    commitScreen_->setFocus();
}

void Workbench::applyCode(const CodeToApply& code) {
    needs_.window.showTab(kChanges);
    if (changes_) changes_->showCode(code);
}

void Workbench::restoreCheckpoint(const QString& commit) {
    needs_.window.showTab(kChanges);
    if (changes_) changes_->showCheckpoint(commit);
}

}  // namespace moxie::desktop

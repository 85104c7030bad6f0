// Building the screen and showing what the model knows; what one does with hunks is in
// changes_actions.cpp.
#include "app/desktop/screens/changes/changes_screen.h"

#include <QEvent>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/apply_page.h"
#include "app/desktop/screens/changes/base_bar.h"
#include "app/desktop/screens/changes/checkpoint_page.h"
#include "app/desktop/screens/changes/diff_view.h"
#include "app/desktop/screens/changes/file_list.h"
#include "app/desktop/screens/changes/lines_editor.h"
#include "app/desktop/screens/changes/message_page.h"
#include "app/desktop/screens/changes/picture_pane.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

// Narrower: the diff alone; two sides need more.
constexpr int kListWidthMin = 640, kListBesideSidesMin = 960;
constexpr int kListShare = 3, kDiffShare = 8;

}  // namespace

ChangesScreen::ChangesScreen(ReviewModel& model, Appearance& appearance, ActionRegistry& registry,
                             QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      pages_(new QStackedWidget(this)),
      message_(new MessagePage(appearance, pages_)) {
    setObjectName(QStringLiteral("changes"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    pages_->addWidget(message_);
    pages_->addWidget(makeContent());
    checkpoints_ = new CheckpointPage(appearance_, pages_);
    pages_->addWidget(checkpoints_);
    apply_ = new ApplyPage(model_, appearance_, pages_);
    pages_->addWidget(apply_);
    // Behind the diff in the order of Tab, which begins there.
    bar_ = new ChangesBar(appearance_, this);
    baseBar_ = new BaseBar(this);
    layout->addWidget(bar_);
    layout->addWidget(baseBar_);
    layout->addWidget(pages_, 1);
    setFocusProxy(canvas_);
    connectBar();
    connectParts();
    connectModel();
    connectActions(registry);
    connect(&appearance_, &Appearance::changed, this, &ChangesScreen::restyle);
    restyle();
    takeModel();
}

ChangesScreen::~ChangesScreen() = default;

// ---- building

QWidget* ChangesScreen::makeContent() {
    content_ = new QSplitter(pages_);
    content_->setObjectName(QStringLiteral("changes.splitter"));
    content_->setHandleWidth(1);
    content_->setChildrenCollapsible(false);
    files_ = new FileList(source_, appearance_, content_);
    auto* right = new QWidget(content_);
    auto* layout = new QVBoxLayout(right);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    diff_ = new DiffView(source_, appearance_, right);
    canvas_ = &diff_->canvas();
    pictures_ = new PicturePane(appearance_, right);
    editor_ = new LinesEditor(appearance_, right);
    hunkBar_ = new HunkBar(*canvas_, appearance_);
    layout->addWidget(diff_, 1);
    layout->addWidget(pictures_);
    layout->addWidget(editor_);
    content_->setStretchFactor(0, kListShare);
    content_->setStretchFactor(1, kDiffShare);
    content_->setSizes({grid(60), grid(160)});
    content_->handle(1)->setAutoFillBackground(true);
    return content_;
}

void ChangesScreen::showCheckpoint(const QString& commit) {
    pages_->setCurrentWidget(checkpoints_);
    checkpoints_->choose(commit);
    checkpoints_->focusList();
}

void ChangesScreen::showCode(const CodeToApply& code) {
    pages_->setCurrentWidget(apply_);
    apply_->open(code);
}

void ChangesScreen::connectBar() {
    connect(bar_, &ChangesBar::scopeChosen, this, &ChangesScreen::chooseScope);
    connect(bar_, &ChangesBar::undoWanted, &model_, &ReviewModel::undo);
    connect(bar_, &ChangesBar::redoWanted, &model_, &ReviewModel::redo);
    connect(bar_, &ChangesBar::acceptAllWanted, this, [this] { model_.acceptAll({}); });
    connect(bar_, &ChangesBar::rejectAllWanted, this, [this] { model_.rejectAll({}); });
    connect(bar_, &ChangesBar::sendWanted, this, &ChangesScreen::sendComments);
    connect(bar_, &ChangesBar::pointsWanted, this, [this] { showCheckpoint({}); });
    connect(bar_, &ChangesBar::refreshWanted, &model_, &ReviewModel::refresh);
    connect(bar_, &ChangesBar::choiceChanged, this, &ChangesScreen::takeChoice);
    connect(baseBar_, &BaseBar::baseChosen, &model_, &ReviewModel::compareWith);
    connect(baseBar_, &BaseBar::closed, this, [this] {
        updateBar();
        setFocus(Qt::OtherFocusReason);
    });
}

void ChangesScreen::connectParts() {
    connect(message_, &MessagePage::actionWanted, this, [this] {
        if (model_.state() == ReviewModel::State::empty)
            model_.setScope(ReviewScope::uncommitted);
        else if (model_.state() == ReviewModel::State::ready)
            model_.undo();
        else
            model_.refresh();
    });
    connect(files_, &FileList::fileChosen, this, [this](qint64 file) { goTo({file, -1}); });
    connect(files_, &FileList::reviewedChanged, this, [this](const QString& path, bool isReviewed) {
        const HunkPlace place = source_.current();
        source_.setReviewed(path.toStdString(), isReviewed);
        files_->reload();
        goTo({place.file, -1});
    });
    connect(diff_, &DiffView::selectionChanged, this, &ChangesScreen::followCaret);
    connect(diff_, &DiffView::foldWanted, this, &ChangesScreen::toggleFold);
    connect(hunkBar_, &HunkBar::wanted, this, &ChangesScreen::wish);
    connect(editor_, &LinesEditor::accepted, this, &ChangesScreen::takeEditor);
    connect(editor_, &LinesEditor::closed, this,
            [this] { canvas_->setFocus(Qt::OtherFocusReason); });
    connect(checkpoints_, &CheckpointPage::left, this, [this] { takeModel(); });
    connect(apply_, &ApplyPage::left, this, [this] { takeModel(); });
    connect(checkpoints_, &CheckpointPage::restoreWanted, this,
            [this](const QString& commit) { model_.restore(commit.toStdString()); });
    connect(checkpoints_, &CheckpointPage::branchWanted, this,
            [this](const QString& commit, const QString& name) {
                model_.makeBranch(commit.toStdString(), name);
            });
}

// ---- looks

void ChangesScreen::restyle() {
    const Look& look = appearance_.look();
    QPalette line = look.palette();
    line.setColor(QPalette::Window, look.color(Role::border));
    content_->handle(1)->setPalette(line);
    followCaret();
}

void ChangesScreen::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) takeModel();
}

void ChangesScreen::placeFiles() {
    const bool isSided = diffLayout() == DiffLayout::sideBySide;
    files_->setVisible(width() >= (isSided ? kListBesideSidesMin : kListWidthMin));
}

void ChangesScreen::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeFiles();
}

void ChangesScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (isStaleView_) takeModel();
}

void ChangesScreen::setDiffLayout(DiffLayout layout) {
    bar_->set(ChangesBar::Choice::sideBySide, layout == DiffLayout::sideBySide);
}

// ---- the model's news

void ChangesScreen::takeModel() {
    isStaleView_ = !isVisible();
    updateBar();
    checkpoints_->setPoints(model_.now().points);
    const bool hasRows = model_.state() == ReviewModel::State::ready && !model_.now().files.empty();
    // Closing the rows under an open look again would make the view jump.
    const bool keepsRows = model_.state() == ReviewModel::State::loading && model_.isWorking() &&
                           pages_->currentWidget() == content_ && !model_.now().files.empty();
    const bool isAside =
        pages_->currentWidget() == checkpoints_ || pages_->currentWidget() == apply_;
    if (isAside && sender() == &model_) return;
    if (isStaleView_ && hasRows) return pages_->setCurrentWidget(content_);
    if (hasRows || keepsRows) return showRows();
    showMessage();
}

// The hunk of the same file that took the place of `before`, or the next file's first one.
HunkPlace ChangesScreen::placeLike(HunkPlace before, const std::string& path) const {
    const auto& files = source_.snapshot().files;
    HunkPlace place = {int64_t(files.size()) - 1, 0};
    for (size_t i = 0; i < files.size(); ++i) {
        if (files[i]->review.path < path) continue;
        place.file = int64_t(i);
        if (files[i]->review.path == path) place.hunk = before.hunk;
        break;
    }
    place.hunk = std::min(place.hunk, source_.rows().hunkCount(place.file) - 1);
    return place;
}

// The current hunk, or the one that took its place, stays where it was on the screen.
void ChangesScreen::showRows() {
    pages_->setCurrentWidget(content_);
    if (source_.snapshot().files == model_.now().files && source_.rowCount() > 0) return;
    const HunkPlace before = source_.current();
    const bool hadPlace = before.file >= 0 && before.file < source_.rows().fileCount();
    const std::string path = hadPlace ? source_.file(before.file).review.path : std::string();
    const int top =
        hadPlace ? canvas_->itemRect(source_.rows().hunkRow(before.file, before.hunk)).top() : 0;
    isPlacing_ = true;
    source_.setCurrent({});
    source_.setSnapshot(model_.now());
    files_->reload();
    isPlacing_ = false;
    const HunkPlace first = {0, std::min<int64_t>(0, source_.rows().hunkCount(0) - 1)};
    const HunkPlace place = hadPlace ? placeLike(before, path) : first;
    const int64_t row = source_.rows().hunkRow(place.file, place.hunk);
    canvas_->select({row, 0}, {row, 0});
    const int height = canvas_->itemRect(0).height();
    canvas_->verticalScrollBar()->setValue(hadPlace ? int(row) * height - top : 0);
    followCaret();
}

void ChangesScreen::showMessage() {
    source_.setCurrent({});
    source_.setSnapshot({});
    files_->reload();
    hunkBar_->placeAt(-1, -1);
    message_->explain(model_);
    pages_->setCurrentWidget(message_);
}

void ChangesScreen::updateBar() {
    bar_->showReview(model_, int(source_.comments().size()));
}

}  // namespace moxie::desktop

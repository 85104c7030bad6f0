// Building the screen and showing what the model knows; what one does with hunks is in
// changes_actions.cpp.
#include "app/desktop/screens/changes/changes_screen.h"

#include <QAction>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/checkpoint_page.h"
#include "app/desktop/screens/changes/file_list.h"
#include "app/desktop/screens/changes/lines_editor.h"
#include "app/desktop/screens/changes/notice_strip.h"
#include "app/desktop/shell/one_line_label.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kListWidthMin = 640;  // narrower: the diff alone
constexpr int kListShare = 3, kDiffShare = 8;

QToolButton* makeTool(QWidget* parent, const char* name) {
    auto* button = new QToolButton(parent);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    return button;
}

}  // namespace

ChangesScreen::ChangesScreen(ReviewModel& model, Appearance& appearance, ActionRegistry& registry,
                             QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance) {
    setObjectName(QStringLiteral("changes"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    notice_ = new NoticeStrip(QStringLiteral("changes.notice"), appearance_, this);
    pages_ = new QStackedWidget(this);
    messagePage_ = makeMessagePage();
    content_ = makeContent();
    checkpoints_ = new CheckpointPage(appearance_, pages_);
    pages_->addWidget(messagePage_);
    pages_->addWidget(content_);
    pages_->addWidget(checkpoints_);
    layout->addWidget(makeBar());
    layout->addWidget(notice_);
    layout->addWidget(pages_, 1);
    connectParts();
    setFocusProxy(canvas_);
    connectModel();
    connectActions(registry);
    connect(&appearance_, &Appearance::changed, this, &ChangesScreen::restyle);
    retranslate();
    restyle();
    takeModel();
}

ChangesScreen::~ChangesScreen() = default;

// ---- building

QWidget* ChangesScreen::makeBar() {
    auto* bar = new QWidget(this);
    head_ = new QBoxLayout(QBoxLayout::LeftToRight, bar);
    head_->setContentsMargins(grid(3), grid(2), grid(2), grid(2));
    head_->setSpacing(grid(2));
    scope_ = new QComboBox(bar);
    scope_->setObjectName(QStringLiteral("changes.scope"));
    scope_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    for (int i = 0; i < 4; ++i)
        scope_->addItem(QString());
    summary_ = new OneLineLabel(bar);
    summary_->setObjectName(QStringLiteral("changes.summary"));
    summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    send_ = new QPushButton(bar);
    send_->setObjectName(QStringLiteral("changes.sendComments"));
    acceptAll_ = new QPushButton(bar);
    acceptAll_->setObjectName(QStringLiteral("changes.acceptAll"));
    rejectAll_ = new QPushButton(bar);
    rejectAll_->setObjectName(QStringLiteral("changes.rejectAll"));
    undo_ = makeTool(bar, "changes.undo");
    redo_ = makeTool(bar, "changes.redo");
    more_ = makeTool(bar, "changes.more");
    more_->setText(QStringLiteral("\u22EF"));
    more_->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more_);
    allContext_ = menu->addAction(QString());
    foldWhitespace_ = menu->addAction(QString());
    asTree_ = menu->addAction(QString());
    for (QAction* action : {allContext_, foldWhitespace_, asTree_})
        action->setCheckable(true);
    menu->addSeparator();
    points_ = menu->addAction(QString());
    refresh_ = menu->addAction(QString());
    more_->setMenu(menu);
    auto* shown = new QHBoxLayout;
    shown->addWidget(scope_);
    shown->addWidget(summary_, 1);
    auto* buttons = new QHBoxLayout;
    for (QWidget* widget : {static_cast<QWidget*>(send_), static_cast<QWidget*>(undo_),
                            static_cast<QWidget*>(redo_), static_cast<QWidget*>(acceptAll_),
                            static_cast<QWidget*>(rejectAll_), static_cast<QWidget*>(more_)})
        buttons->addWidget(widget);
    for (QBoxLayout* part : {shown, buttons}) {
        part->setSpacing(grid(2));
        head_->addLayout(part, part == shown ? 1 : 0);
    }
    head_->setAlignment(buttons, Qt::AlignRight);
    return bar;
}

QWidget* ChangesScreen::makeMessagePage() {
    auto* page = new QWidget(pages_);
    page->setObjectName(QStringLiteral("changes.message"));
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid(6), grid(6), grid(6), grid(6));
    layout->setSpacing(grid(2));
    messageTitle_ = new QLabel(page);
    messageTitle_->setObjectName(QStringLiteral("changes.message.title"));
    messageText_ = new QLabel(page);
    messageText_->setObjectName(QStringLiteral("changes.message.text"));
    messageText_->setTextFormat(Qt::PlainText);
    messageButton_ = new QPushButton(page);
    messageButton_->setObjectName(QStringLiteral("changes.message.action"));
    for (QLabel* label : {messageTitle_, messageText_}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
    }
    layout->addStretch(2);
    layout->addWidget(messageTitle_);
    layout->addWidget(messageText_);
    layout->addSpacing(grid(2));
    layout->addWidget(messageButton_, 0, Qt::AlignCenter);
    layout->addStretch(3);
    return page;
}

QWidget* ChangesScreen::makeContent() {
    splitter_ = new QSplitter(pages_);
    splitter_->setObjectName(QStringLiteral("changes.splitter"));
    splitter_->setHandleWidth(1);
    splitter_->setChildrenCollapsible(false);
    files_ = new FileList(source_, appearance_, splitter_);
    auto* right = new QWidget(splitter_);
    auto* layout = new QVBoxLayout(right);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    canvas_ = new LineCanvas(source_, appearance_, right);
    canvas_->setObjectName(QStringLiteral("changes.diff"));
    find_ = new FindBar(*canvas_, right);
    editor_ = new LinesEditor(appearance_, right);
    hunkBar_ = new HunkBar(*canvas_, appearance_);
    layout->addWidget(canvas_, 1);
    layout->addWidget(find_);
    layout->addWidget(editor_);
    splitter_->setStretchFactor(0, kListShare);
    splitter_->setStretchFactor(1, kDiffShare);
    splitter_->setSizes({grid(60), grid(160)});
    splitter_->handle(1)->setAutoFillBackground(true);
    return splitter_;
}

void ChangesScreen::showCheckpoint(const QString& commit) {
    pages_->setCurrentWidget(checkpoints_);
    checkpoints_->choose(commit);
    checkpoints_->focusList();
}

void ChangesScreen::connectParts() {
    connect(scope_, &QComboBox::currentIndexChanged, this,
            [this](int index) { model_.setScope(ReviewScope(index)); });
    connect(undo_, &QToolButton::clicked, &model_, &ReviewModel::undo);
    connect(redo_, &QToolButton::clicked, &model_, &ReviewModel::redo);
    connect(acceptAll_, &QPushButton::clicked, this, [this] { model_.acceptAll({}); });
    connect(rejectAll_, &QPushButton::clicked, this, [this] { model_.rejectAll({}); });
    connect(send_, &QPushButton::clicked, this, &ChangesScreen::sendComments);
    const auto setOptions = [this] {
        const HunkPlace place = source_.current();
        source_.setOptions(
            {allContext_->isChecked() ? ContextLines::all : ContextLines::few,
             foldWhitespace_->isChecked() ? WhitespaceChanges::folded : WhitespaceChanges::shown});
        goTo(place);
    };
    connect(allContext_, &QAction::toggled, this, setOptions);
    connect(foldWhitespace_, &QAction::toggled, this, setOptions);
    connect(asTree_, &QAction::toggled, this, [this](bool isTree) {
        files_->setShape(isTree ? FileList::Shape::tree : FileList::Shape::flat);
    });
    connect(points_, &QAction::triggered, this, [this] { showCheckpoint({}); });
    connect(refresh_, &QAction::triggered, &model_, &ReviewModel::refresh);
    connect(messageButton_, &QPushButton::clicked, this, [this] {
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
    connect(canvas_, &Canvas::selectionChanged, this, &ChangesScreen::followCaret);
    connect(hunkBar_, &HunkBar::wanted, this, &ChangesScreen::wish);
    connect(editor_, &LinesEditor::accepted, this, &ChangesScreen::takeEditor);
    connect(editor_, &LinesEditor::closed, this,
            [this] { canvas_->setFocus(Qt::OtherFocusReason); });
    connect(checkpoints_, &CheckpointPage::left, this, [this] { takeModel(); });
    connect(checkpoints_, &CheckpointPage::restoreWanted, this,
            [this](const QString& commit) { model_.restore(commit.toStdString()); });
    connect(checkpoints_, &CheckpointPage::branchWanted, this,
            [this](const QString& commit, const QString& name) {
                model_.makeBranch(commit.toStdString(), name);
            });
    canvas_->installEventFilter(this);
    canvas_->viewport()->installEventFilter(this);
}

// ---- texts and looks

void ChangesScreen::retranslate() {
    const std::array scopes = {tr("Last turn"), tr("This session"), tr("Uncommitted"),
                               tr("Whole branch")};
    for (int i = 0; i < scope_->count(); ++i)
        scope_->setItemText(i, scopes[size_t(i)]);
    scope_->setAccessibleName(tr("Which changes"));
    scope_->setToolTip(tr("Which changes"));
    undo_->setText(tr("Undo"));
    redo_->setText(tr("Redo"));
    acceptAll_->setText(tr("Accept all"));
    rejectAll_->setText(tr("Reject all"));
    acceptAll_->setToolTip(tr("Accept every open hunk, also your own"));
    rejectAll_->setToolTip(
        tr("Take back all open hunks of the agent; yours stay. A checkpoint is taken first."));
    more_->setToolTip(tr("View and checkpoints"));
    more_->setAccessibleName(tr("View and checkpoints"));
    allContext_->setText(tr("Show whole files"));
    foldWhitespace_->setText(tr("Fold changes of white space"));
    asTree_->setText(tr("Files as a tree"));
    points_->setText(tr("Checkpoints…"));
    refresh_->setText(tr("Look again"));
    canvas_->setAccessibleName(tr("Changes"));
    for (QWidget* widget : {static_cast<QWidget*>(undo_), static_cast<QWidget*>(redo_)})
        widget->setAccessibleName(static_cast<QToolButton*>(widget)->text());
    for (QPushButton* button : {acceptAll_, rejectAll_})
        button->setAccessibleName(button->text());
}

void ChangesScreen::restyle() {
    const Look& look = appearance_.look();
    QPalette muted = look.palette();
    muted.setColor(QPalette::WindowText, look.color(Role::textMuted));
    summary_->setPalette(muted);
    messageText_->setPalette(muted);
    messageTitle_->setFont(look.font(TextRole::heading3));
    QPalette line = look.palette();
    line.setColor(QPalette::Window, look.color(Role::border));
    splitter_->handle(1)->setPalette(line);
    followCaret();
}

void ChangesScreen::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    retranslate();
    takeModel();
}

void ChangesScreen::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    files_->setVisible(width() >= kListWidthMin);
    foldHead();
}

// The buttons go below what is shown where there is no room beside it.
void ChangesScreen::foldHead() {
    const QMargins margins = head_->contentsMargins();
    const int both = margins.left() + head_->itemAt(0)->sizeHint().width() + head_->spacing() +
                     head_->itemAt(1)->sizeHint().width() + margins.right();
    head_->setDirection(both <= width() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ChangesScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (isStaleView_) takeModel();
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
    if (pages_->currentWidget() == checkpoints_ && sender() == &model_) return;
    if (isStaleView_ && hasRows) return pages_->setCurrentWidget(content_);
    if (hasRows || keepsRows) return showRows();
    showMessage();
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
    HunkPlace place = {0, 0};
    const auto& files = source_.snapshot().files;
    for (size_t i = 0; hadPlace && i < files.size(); ++i) {
        if (files[i]->review.path < path) continue;
        place.file = int64_t(i);
        if (files[i]->review.path == path) place.hunk = before.hunk;
        break;
    }
    if (hadPlace && path > files.back()->review.path) place.file = int64_t(files.size()) - 1;
    place.hunk = std::min(place.hunk, source_.rows().hunkCount(place.file) - 1);
    const int64_t row = source_.rows().hunkRow(place.file, place.hunk);
    canvas_->select({row, 0}, {row, 0});
    const int height = canvas_->itemRect(0).height();
    if (hadPlace) canvas_->verticalScrollBar()->setValue(int(row) * height - top);
    if (!hadPlace) canvas_->verticalScrollBar()->setValue(0);
    followCaret();
}

void ChangesScreen::showMessage() {
    using State = ReviewModel::State;
    QString title, text, button;
    const ReviewSnapshot& now = model_.now();
    const auto nDecided = int(now.nAccepted + now.nRejected + now.nEdited);
    switch (model_.state()) {
        case State::loading:
            title = tr("Looking for changes…");
            break;
        case State::error:
            title = tr("The changes cannot be shown");
            text = tr("No file was touched. The reason: %1").arg(model_.errorText());
            button = tr("Try again");
            break;
        case State::ready:
            title = nDecided > 0 ? tr("Everything is reviewed") : tr("No changes");
            text = nDecided > 0 ? tr("Hunks decided: %n. What you accepted stays in the files and "
                                     "can be committed.",
                                     nullptr, nDecided)
                                : tr("The files are as they were.");
            if (now.canUndo) button = tr("Undo the last decision");
            break;
        case State::empty:
            switch (model_.whyEmpty()) {
                case ReviewModel::Emptiness::noTurn:
                    title = tr("No changes yet");
                    text = tr("What the agent changes in this session appears here, hunk by hunk.");
                    button = tr("Show uncommitted changes");
                    break;
                case ReviewModel::Emptiness::noRepository:
                    title = tr("No changes yet");
                    text =
                        tr("This folder is in no git repository. One is made before the agent "
                           "writes its first file.");
                    break;
                case ReviewModel::Emptiness::noCommit:
                    title = tr("No commit yet");
                    text =
                        tr("There is no commit to compare with. Make the first one, or look at "
                           "the changes of this session.");
                    break;
                case ReviewModel::Emptiness::noOtherBranch:
                    title = tr("No other branch");
                    text =
                        tr("This branch left no other one, so there is nothing to compare with.");
                    break;
            }
            break;
    }
    source_.setCurrent({});
    source_.setSnapshot({});
    files_->reload();
    hunkBar_->placeAt(-1, -1);
    messageTitle_->setText(title);
    messageText_->setText(text);
    messageText_->setVisible(!text.isEmpty());
    messageButton_->setText(button);
    messageButton_->setAccessibleName(button);
    messageButton_->setVisible(!button.isEmpty());
    pages_->setCurrentWidget(messagePage_);
}

void ChangesScreen::updateBar() {
    const ReviewSnapshot& now = model_.now();
    const bool isReady = model_.state() == ReviewModel::State::ready;
    {
        const QSignalBlocker quiet(scope_);
        scope_->setCurrentIndex(int(now.scope));
    }
    int nHunks = 0;
    int64_t nAdded = 0, nRemoved = 0;
    for (const auto& file : now.files) {
        nHunks += int(file->review.hunks.size());
        nAdded += file->nAdded;
        nRemoved += file->nRemoved;
    }
    const auto nFiles = int(now.files.size());
    const bool hasHunks = isReady && nHunks > 0;
    summary_->setText(hasHunks
                          ? tr("%1 · %2 · +%3 −%4", "files, hunks, lines added and removed")
                                .arg(nFiles == 1 ? tr("1 file") : tr("%n files", nullptr, nFiles),
                                     nHunks == 1 ? tr("1 hunk") : tr("%n hunks", nullptr, nHunks))
                                .arg(nAdded)
                                .arg(nRemoved)
                          : QString());
    acceptAll_->setEnabled(hasHunks);
    rejectAll_->setEnabled(hasHunks);
    undo_->setEnabled(isReady && now.canUndo);
    redo_->setEnabled(isReady && now.canRedo);
    const auto nComments = int(source_.comments().size());
    send_->setVisible(nComments > 0);
    send_->setText(nComments == 1 ? tr("Send 1 comment")
                                  : tr("Send %n comments", nullptr, nComments));
    send_->setAccessibleName(send_->text());
    foldHead();
}

bool ChangesScreen::eventFilter(QObject* watched, QEvent* event) {
    const auto rowKind = [this](int64_t row) {
        return row < source_.rowCount() ? source_.rows().at(row).kind : DiffRow::Kind::gap;
    };
    const int64_t row = canvas_->caret().item;
    if (watched == canvas_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if ((key == Qt::Key_Return || key == Qt::Key_Enter) && rowKind(row) == DiffRow::Kind::file)
            return toggleFold(source_.rows().at(row).file), true;
    }
    if (watched == canvas_->viewport() && event->type() == QEvent::MouseButtonDblClick &&
        rowKind(row) == DiffRow::Kind::file)
        return toggleFold(source_.rows().at(row).file), true;
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

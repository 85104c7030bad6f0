#include "app/desktop/screens/changes/changes_bar.h"

#include <QAction>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>

#include "app/desktop/shell/one_line_label.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kScopeCount = 5;

QToolButton* makeTool(QWidget* parent, const char* name) {
    auto* button = new QToolButton(parent);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    return button;
}

}  // namespace

ChangesBar::ChangesBar(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance) {
    makeParts();
    makeMenu();
    layOut();
    connect(scope_, &QComboBox::activated, this,
            [this](int index) { emit scopeChosen(ReviewScope(index)); });
    connect(undo_, &QToolButton::clicked, this, &ChangesBar::undoWanted);
    connect(redo_, &QToolButton::clicked, this, &ChangesBar::redoWanted);
    connect(acceptAll_, &QPushButton::clicked, this, &ChangesBar::acceptAllWanted);
    connect(rejectAll_, &QPushButton::clicked, this, &ChangesBar::rejectAllWanted);
    connect(send_, &QPushButton::clicked, this, &ChangesBar::sendWanted);
    connect(&appearance_, &Appearance::changed, this, &ChangesBar::restyle);
    retranslate();
    restyle();
}

void ChangesBar::makeParts() {
    scope_ = new QComboBox(this);
    scope_->setObjectName(QStringLiteral("changes.scope"));
    scope_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    for (int i = 0; i < kScopeCount; ++i)
        scope_->addItem(QString());
    summary_ = new OneLineLabel(this);
    summary_->setObjectName(QStringLiteral("changes.summary"));
    summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    send_ = new QPushButton(this);
    send_->setObjectName(QStringLiteral("changes.sendComments"));
    acceptAll_ = new QPushButton(this);
    acceptAll_->setObjectName(QStringLiteral("changes.acceptAll"));
    rejectAll_ = new QPushButton(this);
    rejectAll_->setObjectName(QStringLiteral("changes.rejectAll"));
    undo_ = makeTool(this, "changes.undo");
    redo_ = makeTool(this, "changes.redo");
    more_ = makeTool(this, "changes.more");
    more_->setText(QStringLiteral("\u22EF"));
    more_->setPopupMode(QToolButton::InstantPopup);
}

void ChangesBar::makeMenu() {
    auto* menu = new QMenu(more_);
    for (size_t i = 0; i < choices_.size(); ++i) {
        choices_[i] = menu->addAction(QString());
        choices_[i]->setCheckable(true);
        connect(choices_[i], &QAction::toggled, this,
                [this, choice = Choice(i)](bool isOn) { emit choiceChanged(choice, isOn); });
    }
    menu->addSeparator();
    points_ = menu->addAction(QString());
    refresh_ = menu->addAction(QString());
    connect(points_, &QAction::triggered, this, &ChangesBar::pointsWanted);
    connect(refresh_, &QAction::triggered, this, &ChangesBar::refreshWanted);
    more_->setMenu(menu);
}

void ChangesBar::layOut() {
    layout_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
    layout_->setContentsMargins(grid(3), grid(2), grid(2), grid(2));
    layout_->setSpacing(grid(2));
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
        layout_->addLayout(part, part == shown ? 1 : 0);
    }
    layout_->setAlignment(buttons, Qt::AlignRight);
}

// The buttons go below what is shown where there is no room beside it.
void ChangesBar::fold() {
    const QMargins margins = layout_->contentsMargins();
    const int both = margins.left() + layout_->itemAt(0)->sizeHint().width() + layout_->spacing() +
                     layout_->itemAt(1)->sizeHint().width() + margins.right();
    layout_->setDirection(both <= width() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ChangesBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fold();
}

void ChangesBar::retranslate() {
    const std::array<QString, kScopeCount> scopes = {tr("Last turn"), tr("This session"),
                                                     tr("Uncommitted"), tr("Whole branch"),
                                                     tr("Against a commit…")};
    for (int i = 0; i < kScopeCount; ++i)
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
    const std::array<QString, 4> choices = {tr("Side by side"), tr("Show whole files"),
                                            tr("Fold changes of white space"),
                                            tr("Files as a tree")};
    for (size_t i = 0; i < choices.size(); ++i)
        choices_[i]->setText(choices[i]);
    points_->setText(tr("Checkpoints…"));
    refresh_->setText(tr("Look again"));
    for (QToolButton* button : {undo_, redo_})
        button->setAccessibleName(button->text());
    for (QPushButton* button : {acceptAll_, rejectAll_})
        button->setAccessibleName(button->text());
}

void ChangesBar::restyle() {
    const Look& look = appearance_.look();
    QPalette muted = look.palette();
    muted.setColor(QPalette::WindowText, look.color(Role::textMuted));
    summary_->setPalette(muted);
}

void ChangesBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

bool ChangesBar::isOn(Choice choice) const {
    return choices_[size_t(choice)]->isChecked();
}

void ChangesBar::set(Choice choice, bool isOn) {
    choices_[size_t(choice)]->setChecked(isOn);
}

DiffOptions ChangesBar::options() const {
    return {
        isOn(Choice::wholeFiles) ? ContextLines::all : ContextLines::few,
        isOn(Choice::foldWhitespace) ? WhitespaceChanges::folded : WhitespaceChanges::shown,
        isOn(Choice::sideBySide) ? DiffLayout::sideBySide : DiffLayout::unified,
    };
}

void ChangesBar::showSummary(const ReviewModel& model) {
    const ReviewSnapshot& now = model.now();
    const bool isReady = model.state() == ReviewModel::State::ready;
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
}

void ChangesBar::showReview(const ReviewModel& model, int nComments) {
    const ReviewSnapshot& now = model.now();
    {
        const QSignalBlocker quiet(scope_);
        scope_->setCurrentIndex(int(now.scope));
    }
    scope_->setItemText(kScopeCount - 1,
                        now.scope == ReviewScope::commit && !now.baseName.isEmpty()
                            ? tr("Against %1", "a commit, branch or tag").arg(now.baseName)
                            : tr("Against a commit…"));
    showSummary(model);
    send_->setVisible(nComments > 0);
    send_->setText(nComments == 1 ? tr("Send 1 comment")
                                  : tr("Send %n comments", nullptr, nComments));
    send_->setAccessibleName(send_->text());
    fold();
}

}  // namespace moxie::desktop

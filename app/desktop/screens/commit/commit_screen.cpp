// Building the screen and its texts; what it shows of the model is in commit_view.cpp.
#include "app/desktop/screens/commit/commit_screen.h"

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "app/desktop/screens/commit/commit_files.h"
#include "app/desktop/screens/commit/message_edit.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/one_line_label.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kHookRowsShown = 8, kMessageRowsShown = 7;
constexpr int kHookPauseMs = 50;

template <class Widget>
Widget* named(Widget* widget, const char* name) {
    widget->setObjectName(QLatin1String(name));
    return widget;
}

}  // namespace

CommitScreen::CommitScreen(CommitModel& model, Appearance& appearance, ActionRegistry& registry,
                           QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance) {
    setObjectName(QStringLiteral("commit"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    obstacle_ = new QLabel(this);
    obstacle_->setObjectName(QStringLiteral("commit.obstacle"));
    obstacle_->setTextFormat(Qt::PlainText);
    obstacle_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    obstacle_->setWordWrap(true);
    obstacle_->setAutoFillBackground(true);
    obstacle_->setMargin(grid(2));
    obstacle_->hide();
    pages_ = new QStackedWidget(this);
    messagePage_ = makeMessagePage();
    content_ = makeContent();
    pages_->addWidget(messagePage_);
    pages_->addWidget(content_);
    layout->addWidget(makeBranchRow());
    layout->addWidget(obstacle_);
    layout->addWidget(pages_, 1);
    hookPause_ = new QTimer(this);
    hookPause_->setSingleShot(true);
    hookPause_->setInterval(kHookPauseMs);
    connectParts();
    connectModel();
    registry.attach(ActionContext::commit, *this);
    registry.on(QLatin1String("commit.make"), *this, [this] { commit(); });
    connect(&appearance_, &Appearance::changed, this, &CommitScreen::restyle);
    retranslate();
    restyle();
    takeModel();
}

QWidget* CommitScreen::makeBranchRow() {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    branch_ = named(new QLabel(row), "commit.branch");
    author_ = named(new OneLineLabel(row), "commit.author");
    author_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    branchName_ = named(new QLineEdit(row), "commit.branchName");
    branchName_->hide();
    newBranch_ = named(new QPushButton(row), "commit.newBranch");
    refresh_ = named(new QPushButton(row), "commit.refresh");
    layout->addWidget(branch_);
    layout->addWidget(author_, 1);
    layout->addWidget(branchName_, 1);
    layout->addWidget(newBranch_);
    layout->addWidget(refresh_);
    return row;
}

QWidget* CommitScreen::makeMessagePage() {
    auto* page = named(new QWidget(pages_), "commit.message");
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid(6), grid(6), grid(6), grid(6));
    layout->setSpacing(grid(2));
    messageTitle_ = named(new QLabel(page), "commit.message.title");
    messageText_ = named(new QLabel(page), "commit.message.text");
    messageText_->setTextFormat(Qt::PlainText);
    layout->addStretch(2);
    for (QLabel* label : {messageTitle_, messageText_}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        layout->addWidget(label);
    }
    layout->addStretch(3);
    return page;
}

QWidget* CommitScreen::makeContent() {
    auto* page = new QWidget(pages_);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid(3), 0, grid(3), grid(3));
    layout->setSpacing(grid(2));
    all_ = named(new QCheckBox(page), "commit.all");
    all_->setTristate(true);
    files_ = named(new CommitFiles(appearance_, page), "commit.files");
    message_ = named(new CommitMessageEdit(appearance_, page), "commit.text");
    amend_ = named(new QCheckBox(page), "commit.amend");
    signOff_ = named(new QCheckBox(page), "commit.signOff");
    coAuthor_ = named(new QCheckBox(page), "commit.coAuthor");
    suggest_ = named(new QPushButton(page), "commit.suggest");
    commit_ = named(new QPushButton(page), "commit.make");
    boxes_ = new QBoxLayout(QBoxLayout::LeftToRight);
    boxes_->setSpacing(grid(2));
    for (QCheckBox* box : {amend_, signOff_, coAuthor_})
        boxes_->addWidget(box);
    boxes_->addStretch(1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(3));
    buttons->addStretch(1);
    buttons->addWidget(suggest_);
    buttons->addWidget(commit_);
    foot_ = new QBoxLayout(QBoxLayout::LeftToRight);
    foot_->setSpacing(grid(2));
    foot_->addLayout(boxes_);
    foot_->addLayout(buttons);
    layout->addWidget(all_);
    layout->addWidget(files_, 1);
    layout->addWidget(message_);
    layout->addLayout(foot_);
    layout->addWidget(makeHookStrip());
    return page;
}

QWidget* CommitScreen::makeHookStrip() {
    hooks_ = named(new QWidget(pages_), "commit.hooks");
    auto* layout = new QVBoxLayout(hooks_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(1));
    auto* row = new QHBoxLayout;
    hookName_ = named(new QLabel(hooks_), "commit.hooks.name");
    hookStop_ = named(new QPushButton(hooks_), "commit.hooks.stop");
    hookText_ = named(new QPlainTextEdit(hooks_), "commit.hooks.output");
    hookText_->setReadOnly(true);
    row->addWidget(hookName_, 1);
    row->addWidget(hookStop_);
    layout->addLayout(row);
    layout->addWidget(hookText_);
    hooks_->hide();
    return hooks_;
}

void CommitScreen::connectParts() {
    connect(refresh_, &QPushButton::clicked, &model_, &CommitModel::refresh);
    connect(newBranch_, &QPushButton::clicked, this, [this] {
        branchName_->setVisible(!branchName_->isVisible());
        author_->setVisible(!branchName_->isVisible());
        if (branchName_->isVisible()) branchName_->setFocus(Qt::OtherFocusReason);
    });
    connect(branchName_, &QLineEdit::returnPressed, this, [this] {
        const QString name = branchName_->text().trimmed();
        if (name.isEmpty()) return;
        model_.createBranch(name);
        branchName_->clear();
        newBranch_->click();
    });
    connect(all_, &QCheckBox::clicked, this, [this] {
        files_->tickAll(all_->checkState() == Qt::Unchecked ? Tick::off : Tick::on);
    });
    connect(files_, &CommitFiles::ticksChanged, this, &CommitScreen::updateTicks);
    connect(files_, &CommitFiles::hunksWanted, &model_, &CommitModel::lookInto);
    connect(files_, &CommitFiles::fileWanted, this, &CommitScreen::fileWanted);
    connect(message_, &CommitMessageEdit::suggestionChanged, this, &CommitScreen::updateButtons);
    connect(suggest_, &QPushButton::clicked, this, [this] {
        if (message_->hasSuggestion())
            message_->takeSuggestion();
        else
            suggest();
    });
    connect(commit_, &QPushButton::clicked, this, &CommitScreen::commit);
    connect(amend_, &QCheckBox::toggled, this, &CommitScreen::toggleAmend);
    connect(hookStop_, &QPushButton::clicked, this, [this] {
        if (model_.isCommitting())
            model_.stopHook();
        else
            hooks_->hide();
    });
    connect(hookPause_, &QTimer::timeout, this, &CommitScreen::showHookOutput);
}

void CommitScreen::retranslate() {
    newBranch_->setText(tr("New branch…"));
    refresh_->setText(tr("Look again"));
    branchName_->setPlaceholderText(tr("Name, then Enter"));
    branchName_->setAccessibleName(tr("Name of the new branch"));
    files_->setAccessibleName(tr("Files to commit"));
    message_->setHint(tr("What this commit does, in one line; then an empty line, then why."));
    message_->setAccessibleName(tr("Commit message"));
    signOff_->setText(tr("Sign off"));
    signOff_->setToolTip(tr("Adds a line that says you may submit this work: Signed-off-by"));
    amend_->setText(tr("Amend the last commit"));
    for (QPushButton* button : {newBranch_, refresh_})
        button->setAccessibleName(button->text());
    coAuthor_->setText(tr("Moxie as co-author"));
    coAuthor_->setToolTip(tr("Adds a line that names Moxie: Co-authored-by"));
    for (QCheckBox* box : {signOff_, amend_, coAuthor_})
        box->setAccessibleName(box->text());
    hookText_->setAccessibleName(tr("Output of the hook"));
}

void CommitScreen::restyle() {
    const Look& look = appearance_.look();
    QPalette muted = look.palette();
    muted.setColor(QPalette::WindowText, look.color(Role::textMuted));
    author_->setPalette(muted);
    QPalette warning = look.palette();
    warning.setColor(QPalette::Window, look.color(Role::warningSoft));
    obstacle_->setPalette(warning);
    messageText_->setPalette(muted);
    messageTitle_->setFont(look.font(TextRole::heading3));
    QFont strong = look.font(TextRole::body);
    strong.setBold(true);
    branch_->setFont(strong);
    hookText_->setFont(look.font(TextRole::code));
    const int line = QFontMetrics(look.font(TextRole::code)).lineSpacing();
    hookText_->setFixedHeight(line * kHookRowsShown);
    message_->setFixedHeight(line * kMessageRowsShown + grid(3));
    files_->repaintRows();
}

void CommitScreen::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    retranslate();
    takeModel();
}

void CommitScreen::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    foldFoot();
}

// The buttons go below the boxes where there is no room beside them, the boxes below each other.
void CommitScreen::foldFoot() {
    const int room = width() - 2 * grid(3);
    int boxes = 2 * boxes_->spacing();
    for (const QCheckBox* box : {amend_, signOff_, coAuthor_})
        boxes += box->sizeHint().width();
    const int both = boxes + foot_->spacing() + foot_->itemAt(1)->sizeHint().width();
    foot_->setDirection(both <= room ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    boxes_->setDirection(boxes <= room ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void CommitScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    model_.refresh();
}

}  // namespace moxie::desktop

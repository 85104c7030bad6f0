#include "app/desktop/screens/welcome/welcome_screen.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPointer>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/screens/welcome/choice_page.h"
#include "app/desktop/screens/welcome/language_page.h"
#include "app/desktop/screens/welcome/machine_page.h"
#include "app/desktop/screens/welcome/start_page.h"
#include "app/desktop/screens/welcome/test_page.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kColumnWidth = 720, kBarHeight = 3;

}  // namespace

WelcomeScreen::WelcomeScreen(WelcomeModel& model, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      stack_(new QStackedWidget(this)),
      scroll_(new QScrollArea(this)),
      column_(new QWidget(this)),
      progress_(makeText(this, QStringLiteral("welcome.progress"))),
      title_(makeText(this, QStringLiteral("welcome.title"))),
      lead_(makeText(this, QStringLiteral("welcome.lead"))),
      problem_(makeText(this, QStringLiteral("welcome.problem"))),
      skip_(makeButton(this, QStringLiteral("welcome.skip"))),
      back_(makeButton(this, QStringLiteral("welcome.back"))),
      next_(makeButton(this, QStringLiteral("welcome.next"))) {
    setObjectName(QStringLiteral("welcome"));
    skip_->setFlat(true);
    next_->setDefault(true);
    next_->setAutoDefault(true);
    auto* choice = new ChoicePage(model, appearance);
    auto* start = new StartPage(model, appearance);
    place();
    add(new LanguagePage(model, appearance));
    add(new MachinePage(model, appearance));
    add(choice);
    add(new TestPage(model, appearance, [choice] { return choice->choice(); }));
    add(start);
    connect(start, &StartPage::folderWanted, this,
            [this] { leaveBy(&WelcomeScreen::folderWanted); });
    connect(start, &StartPage::demoWanted, this, [this] { leaveBy(&WelcomeScreen::demoWanted); });
    connect(skip_, &QPushButton::clicked, this,
            [this] { leaveBy(&WelcomeScreen::lookAroundWanted); });
    connect(back_, &QPushButton::clicked, this, &WelcomeScreen::back);
    connect(next_, &QPushButton::clicked, this, &WelcomeScreen::next);
    connect(&appearance_, &Appearance::changed, this, &WelcomeScreen::applyLook);
    applyLook();
    go(0);
    setFocusProxy(next_);
}

void WelcomeScreen::add(WelcomePage* page) {
    pages_.push_back(page);
    stack_->addWidget(page);
    page->installEventFilter(this);
    connect(page, &WelcomePage::textsChanged, this, &WelcomeScreen::retranslate);
}

void WelcomeScreen::place() {
    scroll_->setObjectName(QStringLiteral("welcome.scroll"));
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidgetResizable(true);
    scroll_->setFocusPolicy(Qt::NoFocus);
    scroll_->setWidget(stack_);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    buttons->addWidget(skip_);
    buttons->addStretch();
    buttons->addWidget(back_);
    buttons->addWidget(next_);
    auto* column = new QVBoxLayout(column_);
    column->setContentsMargins(grid(4), grid(10), grid(4), grid(6));
    column->setSpacing(0);
    column->addWidget(progress_);
    column->addSpacing(grid(2));
    column->addWidget(title_);
    column->addSpacing(grid(2));
    column->addWidget(lead_);
    column->addSpacing(grid(6));
    column->addWidget(scroll_, 1);
    column->addWidget(problem_);
    column->addSpacing(grid(4));
    column->addLayout(buttons);
    auto* across = new QHBoxLayout(this);
    across->setContentsMargins(0, 0, 0, 0);
    across->addStretch(1);
    across->addWidget(column_, 100);
    across->addStretch(1);
}

WelcomePage& WelcomeScreen::page() const {
    return *pages_[size_t(step())];
}

int WelcomeScreen::step() const {
    return std::max(0, stack_->currentIndex());
}

void WelcomeScreen::applyLook() {
    const Look& look = appearance_.look();
    column_->setMaximumWidth(kColumnWidth * look.textPercent() / 100);
    dress(*progress_, look, TextRole::small, Role::textMuted);
    dress(*title_, look, TextRole::heading1, Role::text);
    dress(*lead_, look, TextRole::body, Role::textMuted);
    dress(*problem_, look, TextRole::body, Role::error);
    update();
}

void WelcomeScreen::retranslate() {
    setAccessibleName(tr("First steps"));
    progress_->setText(tr("Step %1 of %2").arg(step() + 1).arg(pages_.size()));
    title_->setText(page().title());
    lead_->setText(page().lead());
    skip_->setText(tr("Skip, look around with the sample session"));
    back_->setText(tr("Back"));
    next_->setText(page().nextText());
}

void WelcomeScreen::go(int step) {
    problem_->clear();
    problem_->hide();
    stack_->setCurrentIndex(step);
    back_->setEnabled(step > 0);
    retranslate();
    page().enter();
    next_->setFocus();
    update();
}

void WelcomeScreen::back() {
    page().leave();
    go(step() - 1);
}

void WelcomeScreen::next() {
    const QString problem = page().finish();
    problem_->setText(problem);
    problem_->setVisible(!problem.isEmpty());
    if (!problem.isEmpty()) return;
    page().leave();
    if (size_t(step()) + 1 == pages_.size()) {
        emit finished();
        return;
    }
    go(step() + 1);
}

void WelcomeScreen::leaveBy(void (WelcomeScreen::*way)()) {
    page().leave();
    const QPointer<WelcomeScreen> self(this);  // whoever hears it may put another page here
    emit(this->*way)();
    if (self) emit finished();
}

// How far one is, as a line along the upper edge.
void WelcomeScreen::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const int done = width() * (step() + 1) / int(pages_.size());
    painter.fillRect(0, 0, width(), kBarHeight, appearance_.look().color(Role::border));
    painter.fillRect(0, 0, done, kBarHeight, appearance_.look().color(Role::accent));
}

// Enter goes on from wherever one is; buttons with the focus take it first.
void WelcomeScreen::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) return next();
    QWidget::keyPressEvent(event);
}

// A scroll area asks for no height of wrapped texts, so the page's height is set for its width.
bool WelcomeScreen::eventFilter(QObject* watched, QEvent* event) {
    const bool isOther = event->type() == QEvent::LayoutRequest ||
                         event->type() == QEvent::Resize || event->type() == QEvent::Show;
    if (isOther && !pages_.empty() && watched == &page()) {
        const int height = page().heightForWidth(scroll_->viewport()->width());
        if (height != stack_->minimumHeight()) stack_->setMinimumHeight(std::max(0, height));
    }
    return QWidget::eventFilter(watched, event);
}

void WelcomeScreen::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange && !pages_.empty()) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/conversation/conversation_screen.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/screens/conversation/conversation_pages.h"
#include "app/desktop/screens/conversation/conversation_source.h"
#include "app/desktop/screens/conversation/permission_card.h"
#include "app/desktop/screens/conversation/permission_text.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/announcer.h"
#include "app/desktop/shell/notice.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kSecondMs = 1'000;
constexpr int64_t kDoubleEscapeMs = 600;

}  // namespace

ConversationScreen::ConversationScreen(SessionModel& session, Appearance& appearance,
                                       ActionRegistry& registry, const base::Clock& clock,
                                       QWidget* parent)
    : QWidget(parent),
      session_(session),
      appearance_(appearance),
      registry_(registry),
      clock_(clock),
      source_(new ConversationSource(clock, this)),
      pages_(new QStackedWidget(this)),
      canvas_(new BlockCanvas(*source_, appearance, pages_)),
      empty_(new EmptyPage(appearance, this)),
      loading_(new StatePage(appearance, this)),
      error_(new StatePage(appearance, this)),
      find_(new FindBar(*canvas_, this)),
      status_(new QLabel(this)),
      permission_(new PermissionCard(appearance, registry, clock, this)),
      announcer_(new Announcer(this)) {
    setObjectName(QStringLiteral("conversation"));
    canvas_->setObjectName(QStringLiteral("conversation.canvas"));
    canvas_->setFollow(Follow::end);
    canvas_->installEventFilter(this);
    canvas_->viewport()->installEventFilter(this);
    error_->setObjectName(QStringLiteral("conversation.error"));
    loading_->setObjectName(QStringLiteral("conversation.loading"));
    status_->setObjectName(QStringLiteral("conversation.status"));
    status_->setTextFormat(Qt::PlainText);
    status_->setWordWrap(true);
    status_->setContentsMargins(grid(4), grid(1), grid(4), grid(1));
    for (QWidget* page : {static_cast<QWidget*>(empty_), static_cast<QWidget*>(loading_),
                          static_cast<QWidget*>(canvas_), static_cast<QWidget*>(error_)})
        pages_->addWidget(page);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(pages_, 1);
    layout->addWidget(find_);
    layout->addWidget(status_);
    layout->addWidget(permission_);
    setFocusProxy(canvas_);
    connectSession();
    connectActions();
    connect(&appearance_, &Appearance::changed, this, &ConversationScreen::retranslate);
    retranslate();
    loadAgain();
}

ConversationScreen::~ConversationScreen() = default;

void ConversationScreen::connectSession() {
    connect(&session_, &SessionModel::changed, this, &ConversationScreen::take);
    connect(&session_, &SessionModel::reset, this, &ConversationScreen::loadAgain);
    connect(source_, &ConversationSource::allCounted, this, &ConversationScreen::showWantedTurn);
    connect(&session_, &SessionModel::statusChanged, this, &ConversationScreen::showState);
    connect(&session_, &SessionModel::failed, this, [this](const QString& sentence) {
        postNotice(*this, {sentence, NoticeTone::error});
    });
    connect(&session_, &SessionModel::pendingChanged, this, [this] {
        const bool hadNone = !permission_->isVisibleTo(this);
        const bool hadFocus = permission_->isAncestorOf(QApplication::focusWidget());
        permission_->setQuestions(session_.pending());
        if (session_.pending().empty() && hadFocus) canvas_->setFocus();
        if (!session_.pending().empty() && hadNone)
            announcer_->say(tr("Permission needed: %1")
                                .arg(textsOf(session_.pending().front().question).question));
    });
    connect(permission_, &PermissionCard::answered, this,
            [this](const std::string& callId, const agent::PermissionReply& reply) {
                session_.answer(callId, reply);
            });
    connect(canvas_, &Canvas::linkActivated, this, &ConversationScreen::follow);
    connect(canvas_, &Canvas::findEnded, this, [this](bool isFound) {
        if (!isFound || !source_->takeHasUnfolded()) return;
        const QString chosen = canvas_->textOf(canvas_->selection(), CopyFormat::plain);
        if (chosen.compare(canvas_->findText(), Qt::CaseInsensitive) != 0)
            canvas_->findNext(FindDirection::forward);
    });
    connect(empty_, &EmptyPage::exampleChosen, this, &ConversationScreen::exampleChosen);
    connect(error_, &StatePage::pressed, this, &ConversationScreen::retryWanted);
}

void ConversationScreen::connectActions() {
    registry_.attach(ActionContext::conversation, *this);
    registry_.attach(ActionContext::permission, *this);
    registry_.on(QLatin1String("density.next"), *this,
                 [this] { setDensity(Density((int(density()) + 1) % 3)); });
    registry_.on(QLatin1String("prompt.previous"), *this, [this] { goToPrompt(-1); });
    registry_.on(QLatin1String("prompt.next"), *this, [this] { goToPrompt(1); });
    registry_.on(QLatin1String("agent.stop"), *this,
                 [this] { session_.stop(SessionModel::Stop::afterCall); });
    registry_.on(QLatin1String("agent.stopAll"), *this,
                 [this] { session_.stop(SessionModel::Stop::now); });
    using agent::PermissionAnswer;
    const std::pair<const char*, PermissionAnswer> answers[] = {
        {"permission.1", PermissionAnswer::once},
        {"permission.2", PermissionAnswer::forTurn},
        {"permission.3", PermissionAnswer::forSession},
        {"permission.4", PermissionAnswer::always},
        {"permission.5", PermissionAnswer::denied}};
    for (const auto& [id, answer] : answers)
        registry_.on(QLatin1String(id), *this,
                     [this, answer = answer] { permission_->answer(answer); });
}

// ---- what the session says

void ConversationScreen::take(const std::vector<ConversationChange>& changes) {
    source_->take(session_.now().conversation, changes);
    showState();
    announceTurn();
}

void ConversationScreen::loadAgain() {
    source_->load(session_.now().conversation);
    const SharedList<Turn>& turns = source_->conversation().turns;
    announcedTurn_ = turns.size() - 1;
    wasRunning_ = !turns.isEmpty() && turns.back().isRunning;
    permission_->setQuestions(session_.pending());
    showState();
    showWantedTurn();
}

void ConversationScreen::showState() {
    using State = SessionModel::State;
    const bool hasTurns = !source_->conversation().turns.isEmpty();
    QWidget* page = canvas_;
    switch (session_.state()) {
        case State::loading:
            page = loading_;
            break;
        case State::error:
            page = error_;
            break;
        case State::empty:
        case State::ready:
            if (!hasTurns) page = empty_;
            break;
    }
    if (page == error_)
        error_->setTexts(tr("This session cannot be shown"), session_.errorText(),
                         tr("Nothing was changed: its log is kept on the disk as it is."));
    if (page == empty_) empty_->setRepository(session_.repository());
    pages_->setCurrentWidget(page);
    showStatusLine();
    followClock();
}

void ConversationScreen::showStatusLine() {
    QString text = session_.preparing();
    if (text.isEmpty() && session_.driver() == SessionModel::Driver::other)
        text = tr("Another program is driving this session; you are watching.");
    status_->setText(text);
    status_->setVisible(!text.isEmpty());
}

// One sentence when a turn begins and one when it ends.
void ConversationScreen::announceTurn() {
    const SharedList<Turn>& turns = source_->conversation().turns;
    if (turns.isEmpty()) return;
    const Turn& last = turns.back();
    const bool isNew = announcedTurn_ != turns.size() - 1;
    announcedTurn_ = turns.size() - 1;
    const bool hadBegun = wasRunning_ && !isNew;
    wasRunning_ = last.isRunning;
    if (last.isRunning && !hadBegun) announcer_->say(tr("Working"));
    if (last.isRunning || (!hadBegun && !isNew)) return;
    const QString done = last.summary.nSteps > 0 ? summaryText(last.summary) : QString();
    if (answerOf(last) < 0)
        announcer_->say(endText(last));
    else if (done.isEmpty())
        announcer_->say(tr("Answer ready. %1.", "how the turn ended").arg(endText(last)));
    else
        announcer_->say(tr("Answer ready. %1. %2.", "how the turn ended, what was done")
                            .arg(endText(last), done));
}

// ---- time

void ConversationScreen::followClock() {
    const SharedList<Turn>& turns = source_->conversation().turns;
    const bool isNeeded = isVisible() && pages_->currentWidget() == canvas_ && !turns.isEmpty() &&
                          turns.back().isRunning;
    if (!isNeeded) return seconds_.stop();
    if (!seconds_.isActive()) seconds_.start(kSecondMs, this);
}

void ConversationScreen::timerEvent(QTimerEvent* event) {
    if (event->timerId() != seconds_.timerId()) return QWidget::timerEvent(event);
    const int64_t first = source_->firstBlockOf(source_->conversation().turns.size() - 1);
    if (canvas_->visibleItems().end > first) source_->tick();
}

void ConversationScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    followClock();
}

void ConversationScreen::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    seconds_.stop();
}

// ---- what the user does

void ConversationScreen::setExamples(const QStringList& examples) {
    empty_->setExamples(examples);
}

void ConversationScreen::setRatings(const std::map<int32_t, Rating>& ratings) {
    source_->setRatings(ratings);
}

Density ConversationScreen::density() const {
    return source_->density();
}

// What was at the upper edge stays there.
void ConversationScreen::setDensity(Density density) {
    if (density == source_->density()) return;
    const bool wasAtEnd = canvas_->isAtEnd();
    const bool hasBlocks = source_->blockCount() > 0;
    const int64_t turn = hasBlocks ? source_->placeOf(canvas_->visibleItems().begin).turn : 0;
    source_->setDensity(density);
    if (hasBlocks && !wasAtEnd) canvas_->scrollToItem(source_->firstBlockOf(turn));
    emit densityChanged(density);
}

void ConversationScreen::openFind() {
    find_->open();
}

void ConversationScreen::findNext() {
    canvas_->findNext(FindDirection::forward);
}

void ConversationScreen::findPrevious() {
    canvas_->findNext(FindDirection::backward);
}

bool ConversationScreen::pressEscape() {
    if (session_.driver() != SessionModel::Driver::us) return false;
    const int64_t now = clock_.steadyMs();
    const bool isSecond = escapedMs_ != 0 && now - escapedMs_ <= kDoubleEscapeMs;
    escapedMs_ = isSecond ? 0 : std::max<int64_t>(1, now);
    session_.stop(isSecond ? SessionModel::Stop::now : SessionModel::Stop::afterCall);
    return true;
}

void ConversationScreen::keyPressEvent(QKeyEvent* event) {
    const QString pressed =
        QKeySequence(event->keyCombination()).toString(QKeySequence::NativeText);
    const QAction& stop = registry_.action(QLatin1String("agent.stop"));
    if (pressed == registry_.keysText(stop) && pressEscape()) return event->accept();
    QWidget::keyPressEvent(event);
}

void ConversationScreen::showTurn(int number) {
    wantedTurn_ = number;
    showWantedTurn();
}

// As soon as its log is read and its blocks are counted.
void ConversationScreen::showWantedTurn() {
    const SharedList<Turn>& turns = source_->conversation().turns;
    for (int64_t turn = turns.size() - 1; wantedTurn_ && turn >= 0; --turn)
        if (turns[turn].number == *wantedTurn_) {
            if (!source_->isCounted(turn)) return;
            wantedTurn_.reset();
            goToBlock(source_->firstBlockOf(turn));
        }
}

void ConversationScreen::showCall(const std::string& callId) {
    if (const int64_t block = source_->openCall(callId); block >= 0) {
        goToBlock(block);
        canvas_->setFocus(Qt::OtherFocusReason);
    }
}

void ConversationScreen::goToBlock(int64_t block) {
    canvas_->select({block, 0}, {block, 0});
    canvas_->scrollToItem(block);
}

// The message before or behind the one where the caret or the upper edge is.
void ConversationScreen::goToPrompt(int step) {
    if (source_->blockCount() == 0) return;
    const ItemRange visible = canvas_->visibleItems();
    const int64_t caret = canvas_->caret().item;
    const int64_t from = visible.contains(caret) ? caret : visible.begin;
    const SharedList<Turn>& turns = source_->conversation().turns;
    int64_t turn = source_->placeOf(from).turn;
    const bool isInside = from > source_->firstBlockOf(turn);
    if (step > 0 || !isInside) turn += step;
    while (turn >= 0 && turn < turns.size() && turns[turn].task.empty())
        turn += step;
    if (turn < 0 || turn >= turns.size() || !source_->isCounted(turn)) return;
    goToBlock(source_->firstBlockOf(turn));
}

// ---- texts

void ConversationScreen::retranslate() {
    const Look& look = appearance_.look();
    canvas_->setAccessibleName(tr("Conversation"));
    loading_->setTexts(tr("Reading the session…"), {}, {});
    loading_->setButton({});
    error_->setButton(tr("Try again"));
    QPalette quiet = look.palette();
    quiet.setColor(QPalette::WindowText, look.color(Role::textMuted));
    status_->setPalette(quiet);
    status_->setFont(look.font(TextRole::small));
    showState();
}

bool ConversationScreen::event(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    return QWidget::event(event);
}

}  // namespace moxie::desktop

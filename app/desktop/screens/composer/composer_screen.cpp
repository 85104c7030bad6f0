#include "app/desktop/screens/composer/composer_screen.h"

#include <QEvent>
#include <QFocusEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <utility>

#include "app/desktop/screens/composer/draft_store.h"
#include "app/desktop/screens/composer/message_completion.h"
#include "app/desktop/screens/composer/mode_button.h"
#include "app/desktop/screens/composer/queued_messages.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kBoxPercentMax = 40;  // of the window's height

QString draftKeyOf(const SessionModel& session) {
    return session.id().isEmpty() ? QLatin1String("new ") + session.repository() : session.id();
}

QLabel* makeLine(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->hide();
    return label;
}

void showLine(QLabel& label, const QString& text) {
    label.setText(text);
    label.setVisible(!text.isEmpty());
}

}  // namespace

ComposerScreen::ComposerScreen(SessionModel& session, Suggester& suggester, DraftStore& drafts,
                               Appearance& appearance, ActionRegistry& registry, QWidget* parent)
    : QWidget(parent),
      session_(session),
      drafts_(drafts),
      appearance_(appearance),
      queued_(new QueuedMessages(appearance, this)),
      status_(makeLine("composer.status", this)),
      note_(makeLine("composer.note", this)),
      box_(new QWidget(this)),
      edit_(new MessageEdit(box_)),
      mode_(new ModeButton(box_)),
      model_(new ModelButton(box_)),
      stop_(new QPushButton(box_)),
      send_(new QPushButton(box_)),
      completion_(new MessageCompletion(*edit_, suggester, commands_, appearance)) {
    setObjectName(QStringLiteral("composer"));
    edit_->setObjectName(QStringLiteral("composer.text"));
    stop_->setObjectName(QStringLiteral("composer.stop"));
    send_->setObjectName(QStringLiteral("composer.send"));
    addCommands();
    layOut();
    connectParts(registry);
    applyLook();
    followSession();
}

ComposerScreen::~ComposerScreen() {
    delete completion_;  // before the editor that it watches
}

void ComposerScreen::addCommands() {
    addModeCommands(commands_, [this](agent::PermissionMode mode) { session_.setMode(mode); });
    commands_.add({QStringLiteral("stop"), QT_TRANSLATE_NOOP("SlashCommands", "Stop the agent"),
                   [this] { stop(); }});
    commands_.add({QStringLiteral("new"), QT_TRANSLATE_NOOP("SlashCommands", "New session"),
                   [this] { emit newSessionWanted(); }});
    commands_.add({QStringLiteral("undo"),
                   QT_TRANSLATE_NOOP("SlashCommands", "Take back what the last turn changed"),
                   [this] { emit undoWanted(); }});
    commands_.add({QStringLiteral("commit"), QT_TRANSLATE_NOOP("SlashCommands", "Commit changes"),
                   [this] { emit commitWanted(); }});
}

void ComposerScreen::layOut() {
    stop_->setAutoDefault(false);
    send_->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(1));
    row->addWidget(mode_);
    row->addWidget(model_);
    row->addStretch(1);
    row->addWidget(stop_);
    row->addWidget(send_);
    auto* inside = new QVBoxLayout(box_);
    inside->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    inside->setSpacing(grid(1));
    inside->addWidget(edit_);
    inside->addLayout(row);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addWidget(queued_);
    layout->addWidget(status_);
    layout->addWidget(note_);
    layout->addWidget(box_);
    setTabOrder(edit_, mode_);
    setTabOrder(mode_, model_);
    setTabOrder(model_, stop_);
    setTabOrder(stop_, send_);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    edit_->installEventFilter(this);
}

void ComposerScreen::connectParts(ActionRegistry& registry) {
    connect(&session_, &SessionModel::statusChanged, this, &ComposerScreen::followSession);
    connect(&session_, &SessionModel::reset, this, &ComposerScreen::followSession);
    connect(&session_, &SessionModel::changed, this, &ComposerScreen::updateModel);
    connect(&session_, &SessionModel::failed, this,
            [this](const QString& sentence) { note(sentence, Tone::error); });
    connect(&drafts_, &DraftStore::failed, this,
            [this](const QString& sentence) { note(sentence, Tone::warning); });
    connect(edit_, &MessageEdit::sendWanted, this, [this] { submit(When::next); });
    connect(edit_, &MessageEdit::escaped, this, &ComposerScreen::escape);
    connect(edit_, &MessageEdit::refused, this,
            [this](const QString& reason) { note(reason, Tone::warning); });
    connect(edit_, &QPlainTextEdit::textChanged, this, [this] {
        note({}, Tone::quiet);
        if (!editing_) drafts_.save(draftKey_, edit_->toPlainText());
        updateStatus();
    });
    connect(mode_, &ModeButton::modeChosen, this,
            [this](agent::PermissionMode mode) { session_.setMode(mode); });
    connect(model_, &ModelButton::settingsWanted, this, &ComposerScreen::modelWanted);
    connect(model_, &ModelButton::modelChosen, this, &ComposerScreen::chooseModel);
    connect(send_, &QPushButton::clicked, this, [this] { submit(When::next); });
    connect(stop_, &QPushButton::clicked, this, &ComposerScreen::stop);
    connect(queued_, &QueuedMessages::editWanted, this, &ComposerScreen::editQueued);
    connect(queued_, &QueuedMessages::sendNowWanted, this, &ComposerScreen::sendQueuedNow);
    connect(queued_, &QueuedMessages::removeWanted, this,
            [this](qint64 id) { session_.editQueued(id, QString()); });
    connect(completion_, &MessageCompletion::commandChosen, this, &ComposerScreen::runCommand);
    connect(&appearance_, &Appearance::changed, this, &ComposerScreen::applyLook);
    registry.attach(ActionContext::composer, *this);
    // The window may have several composers, of which one is shown.
    const auto onShown = [&](const char* id, auto run) {
        registry.on(QLatin1String(id), *this, [this, run] {
            if (isVisible()) run();
        });
    };
    onShown("message.send", [this] { submit(When::next); });
    onShown("message.sendNow", [this] { submit(When::now); });
    onShown("message.newLine", [this] { edit_->insertPlainText(QStringLiteral("\n")); });
}

void ComposerScreen::setModels(std::vector<ModelName> models) {
    models_ = std::move(models);
    model_->setChoices(models_);
    updateModel();
}

void ComposerScreen::chooseModel(const QString& name) {
    nRequestsAtChoice_ = session_.now().cost.nRequests;
    session_.setChosenModel(name);
    updateModel();
}

void ComposerScreen::setDraft(const QString& text) {
    edit_->replaceAll(text);
    edit_->setFocus(Qt::OtherFocusReason);
}

void ComposerScreen::insert(const QString& text) {
    const QTextCursor cursor = edit_->textCursor();
    const QString before = edit_->toPlainText().left(cursor.position());
    const bool needsSpace = !before.isEmpty() && !before.back().isSpace();
    edit_->insertPlainText((needsSpace ? QStringLiteral(" ") : QString()) + text +
                           QLatin1Char(' '));
    edit_->setFocus(Qt::OtherFocusReason);
}

void ComposerScreen::quote(const QString& text) {
    QString quoted = text.trimmed();
    quoted.replace(QLatin1Char('\n'), QLatin1String("\n> "));
    const QString before = edit_->toPlainText();
    const bool isOnNewLine = before.isEmpty() || before.endsWith(QLatin1Char('\n'));
    edit_->moveCursor(QTextCursor::End);
    edit_->insertPlainText(QLatin1String(isOnNewLine ? "> " : "\n\n> ") + quoted +
                           QLatin1String("\n\n"));
    edit_->setFocus(Qt::OtherFocusReason);
}

// ---- sending

void ComposerScreen::setHeld(const QString& reason) {
    held_ = reason;
    updateStatus();
}

QString ComposerScreen::blockedReason() const {
    if (!held_.isEmpty()) return held_;
    switch (session_.state()) {
        case SessionModel::State::loading:
            return tr("The session is being read.");
        case SessionModel::State::error:
            return tr("This session cannot go on: %1").arg(session_.errorText());
        case SessionModel::State::empty:
        case SessionModel::State::ready:
            break;
    }
    return session_.driver() == SessionModel::Driver::other
               ? tr("Watching: another process works on this session.")
               : QString();
}

void ComposerScreen::submit(When when) {
    const QString text = edit_->toPlainText();
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty()) return;
    if (const QString reason = blockedReason(); !reason.isEmpty())
        return note(reason, Tone::warning);
    if (!editing_ && commands_.find(trimmed) != nullptr) {
        edit_->replaceAll({});  // first: the command may have something to say
        return runCommand(trimmed);
    }
    if (!editing_ && trimmed == text && SlashCommands::isCommand(text))
        return note(
            tr("There is no command %1. Put a space before it to send it as a message.").arg(text),
            Tone::warning);
    if (isEditedWaiting() && when == When::next) {
        session_.editQueued(editing_->id, text);
        return endEditing();
    }
    sendText(text, when);
}

void ComposerScreen::sendText(const QString& text, When when) {
    if (editing_) {
        session_.editQueued(editing_->id, QString());
        endEditing();
    } else {
        edit_->replaceAll({});
    }
    if (when == When::now && session_.driver() == SessionModel::Driver::us)
        session_.sendNow(text);
    else
        session_.send(text);
    emit messageSent(text);
}

void ComposerScreen::runCommand(const QString& text) {
    if (const SlashCommand* command = commands_.find(text)) command->run();
}

void ComposerScreen::stop() {
    if (session_.driver() != SessionModel::Driver::us)
        return note(tr("Nothing is running."), Tone::quiet);
    session_.stop(isStopAsked_ ? SessionModel::Stop::now : SessionModel::Stop::afterCall);
    isStopAsked_ = true;
    updateStatus();
}

void ComposerScreen::escape() {
    if (editing_) return endEditing();
    if (session_.driver() == SessionModel::Driver::us) stop();
}

// ---- the queue

void ComposerScreen::editQueued(qint64 id) {
    for (const QueuedMessage& message : session_.queued()) {
        if (message.id != id) continue;
        // One that is being edited already gives its place to the next.
        editing_ = Editing{id, editing_ ? editing_->before : edit_->toPlainText()};
        const QString text = message.text;  // the queue may change under us
        return setDraft(text);
    }
}

bool ComposerScreen::isEditedWaiting() const {
    const auto& queued = session_.queued();
    return editing_ && std::any_of(queued.begin(), queued.end(), [this](const auto& message) {
               return message.id == editing_->id;
           });
}

void ComposerScreen::endEditing() {
    const QString before = editing_->before;
    editing_.reset();
    setDraft(before);
    updateStatus();
}

void ComposerScreen::sendQueuedNow(qint64 id) {
    for (const QueuedMessage& message : session_.queued()) {
        if (message.id != id) continue;
        const QString text = message.text;
        session_.editQueued(id, QString());
        return session_.sendNow(text);
    }
}

// ---- what is shown

void ComposerScreen::note(const QString& sentence, Tone tone) {
    noteTone_ = tone;
    showLine(*note_, sentence);
    colorLines();
}

void ComposerScreen::followSession() {
    if (session_.driver() != SessionModel::Driver::us) isStopAsked_ = false;
    edit_->setRepository(session_.repository());
    queued_->setQueued(session_.queued());
    mode_->setMode(session_.mode());
    updateModel();
    updateStatus();
    const QString key = draftKeyOf(session_);
    if (key == draftKey_) return;
    const QString before = std::exchange(draftKey_, key);
    if (before.startsWith(QLatin1String("new ")) && !edit_->document()->isEmpty()) {
        drafts_.save(before, QString());  // the new session got its name
        drafts_.save(key, edit_->toPlainText());
        return;
    }
    drafts_.load(key, *this, [this, key](const QString& text) {
        if (key == draftKey_ && !text.isEmpty() && edit_->document()->isEmpty())
            edit_->replaceAll(text);
    });
}

void ComposerScreen::updateStatusLine() {
    colorLines();
    const QString blocked = blockedReason();
    if (!blocked.isEmpty()) return showLine(*status_, blocked);
    if (isEditedWaiting())
        return showLine(*status_, tr("Editing a queued message. Esc leaves it as it was."));
    if (editing_)
        return showLine(*status_,
                        tr("The message was sent meanwhile. This text becomes a new one."));
    showLine(*status_, session_.preparing());
}

void ComposerScreen::updateStatus() {
    updateStatusLine();
    const bool isWorking = session_.driver() == SessionModel::Driver::us;
    const QString blocked = blockedReason();
    const bool isSaving = isEditedWaiting();
    const bool isEmpty = edit_->document()->isEmpty();
    edit_->setAccessibleName(tr("Message to the agent"));
    edit_->setPlaceholderText(isWorking
                                  ? tr("Write on: it is sent at the end of this turn")
                                  : tr("What shall the agent do? @ names files, / gives commands"));
    edit_->viewport()->update();  // Qt 6.4 paints another placeholder only with the next change
    send_->setText(isSaving ? tr("Save") : isWorking ? tr("Queue") : tr("Send"));
    send_->setAccessibleName(isSaving    ? tr("Save the queued message")
                             : isWorking ? tr("Queue the message for the end of this turn")
                                         : tr("Send the message"));
    send_->setEnabled(blocked.isEmpty() && !isEmpty);
    send_->setToolTip(!blocked.isEmpty() ? blocked
                      : isEmpty          ? tr("Write a message first")
                                         : send_->accessibleName());
    stop_->setVisible(isWorking);
    stop_->setText(isStopAsked_ ? tr("Stop now") : tr("Stop"));
    stop_->setAccessibleName(isStopAsked_ ? tr("Stop now, ending also a running command")
                                          : tr("Stop after the running command"));
    stop_->setToolTip(stop_->accessibleName());
}

ModelName ComposerScreen::modelToShow() const {
    const SessionView& view = session_.now();
    const QString chosen = session_.chosenModel();
    const auto known = std::find_if(models_.begin(), models_.end(),
                                    [&](const ModelName& model) { return model.name == chosen; });
    if (!chosen.isEmpty()) return known == models_.end() ? ModelName{chosen, {}} : *known;
    const bool isOlder = view.cost.nRequests <= nRequestsAtChoice_;
    if (!view.modelName.empty() && (!isOlder || models_.empty() || nRequestsAtChoice_ == 0))
        return {QString::fromStdString(view.modelName), QString::fromStdString(view.backend)};
    return models_.empty() ? ModelName{} : models_.front();
}

void ComposerScreen::updateModel() {
    model_->setChosen(session_.chosenModel());
    model_->setShown(modelToShow());
}

void ComposerScreen::colorLines() {
    static constexpr std::array kTones = {Role::textMuted, Role::warning, Role::error};
    const Look& look = appearance_.look();
    const bool isBroken = session_.state() == SessionModel::State::error;
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(isBroken ? Role::error : Role::textMuted));
    status_->setPalette(palette);
    palette.setColor(QPalette::WindowText, look.color(kTones[size_t(noteTone_)]));
    note_->setPalette(palette);
}

void ComposerScreen::applyLook() {
    const Look& look = appearance_.look();
    colorLines();
    for (QLabel* line : {status_, note_})
        line->setFont(look.font(TextRole::small));
    QPalette palette = look.palette();
    for (const auto group : {QPalette::Active, QPalette::Inactive}) {
        palette.setColor(group, QPalette::Button, look.color(Role::accent));
        palette.setColor(group, QPalette::ButtonText, look.color(Role::textOnAccent));
    }
    send_->setPalette(palette);
    update();
}

// No focus proxy: Tab would never get to what stands before the editor.
void ComposerScreen::focusInEvent(QFocusEvent* event) {
    edit_->setFocus(event->reason());
}

void ComposerScreen::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        updateModel();
        updateStatus();
    }
    QWidget::changeEvent(event);
}

// The frame of the box; it shows the focus of the editor inside.
void ComposerScreen::paintEvent(QPaintEvent*) {
    const Look& look = appearance_.look();
    const bool hasFocus = edit_->hasFocus();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(look.color(hasFocus ? Role::focusRing : Role::borderStrong), 1));
    painter.setBrush(look.color(Role::surface));
    painter.drawRoundedRect(QRectF(box_->geometry()).adjusted(0.5, 0.5, -0.5, -0.5), grid(2),
                            grid(2));
}

void ComposerScreen::updateHeightMax() {
    edit_->setHeightMax(window_->height() * kBoxPercentMax / 100);
}

void ComposerScreen::showEvent(QShowEvent* event) {
    if (window_ != nullptr) window_->removeEventFilter(this);
    window_ = window();
    window_->installEventFilter(this);
    updateHeightMax();
    QWidget::showEvent(event);
}

bool ComposerScreen::eventFilter(QObject* watched, QEvent* event) {
    if (watched == window_ && event->type() == QEvent::Resize) updateHeightMax();
    if (watched == edit_ && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut))
        update();
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/composer/composer_screen.h"

#include <QEvent>
#include <QFileDialog>
#include <QFocusEvent>
#include <QHBoxLayout>
#include <QImage>
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
#include "app/desktop/screens/composer/picture_strip.h"
#include "app/desktop/screens/composer/queued_messages.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/icons.h"

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
      box_(new QWidget(this)),
      pictures_(new PictureStrip(appearance, box_)),
      edit_(new MessageEdit(box_)),
      picture_(new QToolButton(box_)),
      aside_(new QToolButton(box_)),
      mode_(new ModeButton(box_)),
      model_(new ModelButton(box_)),
      stop_(new QPushButton(box_)),
      send_(new QPushButton(box_)),
      completion_(new MessageCompletion(*edit_, suggester, commands_, appearance)) {
    setObjectName(QStringLiteral("composer"));
    edit_->setObjectName(QStringLiteral("composer.text"));
    picture_->setObjectName(QStringLiteral("composer.picture"));
    aside_->setObjectName(QStringLiteral("composer.aside"));
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
    for (QToolButton* button : {picture_, aside_}) {
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(1));
    row->addWidget(picture_);
    row->addWidget(aside_);
    row->addWidget(mode_);
    row->addWidget(model_);
    row->addStretch(1);
    row->addWidget(stop_);
    row->addWidget(send_);
    auto* inside = new QVBoxLayout(box_);
    inside->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    inside->setSpacing(grid(1));
    inside->addWidget(pictures_);
    inside->addWidget(edit_);
    inside->addLayout(row);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addWidget(queued_);
    layout->addWidget(status_);
    layout->addWidget(box_);
    setTabOrder(edit_, picture_);
    setTabOrder(picture_, aside_);
    setTabOrder(aside_, mode_);
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
    connect(&drafts_, &DraftStore::failed, this,
            [this](const QString& sentence) { note(sentence, NoticeTone::warning); });
    connect(edit_, &MessageEdit::sendWanted, this, [this] { submit(When::next); });
    connect(edit_, &MessageEdit::escaped, this, &ComposerScreen::escape);
    connect(edit_, &MessageEdit::imageOffered, this, [this](const QImage& image) {
        if (const QString refusal = pictureRefusal(); !refusal.isEmpty())
            return note(refusal, NoticeTone::warning);
        pictures_->addImage(image);
    });
    connect(edit_, &MessageEdit::pictureFilesOffered, this, &ComposerScreen::offerFiles);
    connect(pictures_, &PictureStrip::changed, this, &ComposerScreen::updateStatus);
    connect(pictures_, &PictureStrip::refused, this,
            [this](const QString& reason) { note(reason, NoticeTone::warning); });
    connect(picture_, &QToolButton::clicked, this, &ComposerScreen::choosePictures);
    connect(aside_, &QToolButton::clicked, this, &ComposerScreen::asideWanted);
    connect(edit_, &QPlainTextEdit::textChanged, this, [this] {
        dropNote();
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
        return note(reason, NoticeTone::warning);
    if (!editing_ && commands_.find(trimmed) != nullptr) {
        edit_->replaceAll({});  // first: the command may have something to say
        return runCommand(trimmed);
    }
    if (!editing_ && trimmed == text && SlashCommands::isCommand(text))
        return note(
            tr("There is no command %1. Put a space before it to send it as a message.").arg(text),
            NoticeTone::warning);
    if (pictures_->isReading())
        return note(tr("A picture is still being read. Send again in a moment."),
                    NoticeTone::quiet);
    if (const QString refusal = pictureRefusal(); !refusal.isEmpty() && hasPictures())
        return note(refusal, NoticeTone::warning);
    if (isEditedWaiting() && when == When::next) {
        session_.editQueued(editing_->id, text);
        return endEditing();
    }
    sendText(text, when);
}

void ComposerScreen::sendText(const QString& text, When when) {
    const UserMessage message(text, takePictures());
    if (editing_) {
        session_.editQueued(editing_->id, QString());
        endEditing();
    } else {
        edit_->replaceAll({});
    }
    if (when == When::now && session_.driver() == SessionModel::Driver::us)
        session_.sendNow(message);
    else
        session_.send(message);
    emit messageSent(text);
}

// ---- pictures

// Those of a queued message that is being edited stay with it.
std::vector<engine::Image> ComposerScreen::takePictures() {
    std::vector<engine::Image> images;
    for (const QueuedMessage& message : session_.queued())
        if (editing_ && message.id == editing_->id) images = message.images;
    for (engine::Image& image : pictures_->take())
        images.push_back(std::move(image));
    return images;
}

// Of this message, or of the session, whose later requests hold them as well.
bool ComposerScreen::hasPictures() const {
    if (!pictures_->isEmpty()) return true;
    const SharedList<Turn>& turns = session_.now().conversation.turns;
    for (int64_t turn = turns.size() - 1; turn >= 0; --turn)
        if (turns[turn].pictures) return true;
    return false;
}

// "" where the next turn's model takes them, or nothing is known of it.
QString ComposerScreen::pictureRefusal() const {
    const QString chosen = session_.chosenModel();
    const auto mayAnswer = [&](const ModelName& model) {
        return chosen.isEmpty() || model.name == chosen;
    };
    const bool isKnown = std::any_of(models_.begin(), models_.end(), mayAnswer);
    const bool isTaken = std::any_of(models_.begin(), models_.end(), [&](const ModelName& model) {
        return mayAnswer(model) && model.takesImages;
    });
    if (isTaken || !isKnown) return {};
    return tr("%1 takes no pictures. Choose a model that does, or say in the settings that it "
              "does.")
        .arg(chosen.isEmpty() ? models_.front().name : chosen);
}

void ComposerScreen::offerFiles(const QStringList& paths) {
    const QString refusal = pictureRefusal();
    if (refusal.isEmpty()) return pictures_->addFiles(paths);
    note(refusal, NoticeTone::warning);
}

void ComposerScreen::choosePictures() {
    if (const QString refusal = pictureRefusal(); !refusal.isEmpty())
        return note(refusal, NoticeTone::warning);
    auto* dialog = new QFileDialog(this, tr("Add pictures"), session_.repository(),
                                   tr("Pictures (*.png *.jpg *.jpeg *.gif *.webp *.bmp)"));
    dialog->setObjectName(QStringLiteral("composer.pictureDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &ComposerScreen::offerFiles);
    dialog->open();
}

void ComposerScreen::runCommand(const QString& text) {
    if (const SlashCommand* command = commands_.find(text)) command->run();
}

void ComposerScreen::stop() {
    if (session_.driver() != SessionModel::Driver::us)
        return note(tr("Nothing is running."), NoticeTone::quiet);
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
        const UserMessage sent(message.text, message.images);
        session_.editQueued(id, QString());
        return session_.sendNow(sent);
    }
}

// ---- what is shown

void ComposerScreen::note(const QString& sentence, NoticeTone tone) {
    hasNote_ = true;
    postNotice(*this, {sentence, tone});
}

// It spoke of a text that is another now.
void ComposerScreen::dropNote() {
    if (std::exchange(hasNote_, false)) withdrawNotice(*this);
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
    colorStatus();
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
    picture_->setAccessibleName(tr("Add pictures to the message"));
    aside_->setAccessibleName(tr("Ask on the side"));
    for (QToolButton* button : {picture_, aside_})
        button->setToolTip(button->accessibleName());
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

void ComposerScreen::colorStatus() {
    const Look& look = appearance_.look();
    const bool isBroken = session_.state() == SessionModel::State::error;
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(isBroken ? Role::error : Role::textMuted));
    status_->setPalette(palette);
}

void ComposerScreen::applyLook() {
    const Look& look = appearance_.look();
    colorStatus();
    status_->setFont(look.font(TextRole::small));
    picture_->setIcon(icon(IconShape::picture, Role::text, appearance_));
    aside_->setIcon(icon(IconShape::aside, Role::text, appearance_));
    stop_->setIcon(icon(IconShape::stop, Role::text, appearance_));
    send_->setIcon(icon(IconShape::send, Role::textOnAccent, appearance_));
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

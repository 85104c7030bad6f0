#include "app/desktop/screens/output/output_screen.h"

#include <QDir>
#include <QEvent>
#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <utility>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/screens/output/command_view.h"
#include "app/desktop/screens/output/output_header.h"
#include "app/desktop/screens/output/output_rows.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kSideBySideWidth = 900;

QLabel* makeMessage(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMargin(grid(6));
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

CommandPhase phaseOf(const CommandRow& row) {
    return row.isRunning() ? CommandPhase::running : CommandPhase::ended;
}

QString bytesText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, 0, QLocale::DataSizeSIFormat);
}

}  // namespace

OutputScreen::OutputScreen(SessionModel& session, std::shared_ptr<const OutputStore> store,
                           Appearance& appearance, ActionRegistry& actions, QWidget* parent)
    : QWidget(parent),
      session_(session),
      model_(new CommandModel(this)),
      source_(new OutputSource(appearance, this)),
      feed_(new OutputFeed(std::move(store), this)) {
    setObjectName(QStringLiteral("output"));
    splitter_ = new QSplitter(Qt::Vertical, this);
    splitter_->setObjectName(QStringLiteral("output.splitter"));
    splitter_->setChildrenCollapsible(false);
    splitter_->setHandleWidth(1);
    list_ = new CommandView(*model_, appearance, splitter_);
    auto* view = new QWidget(splitter_);
    auto* rows = new QVBoxLayout(view);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    header_ = new OutputHeader(appearance, view);
    canvas_ = new LineCanvas(*source_, appearance, view);
    canvas_->setObjectName(QStringLiteral("output.text"));
    canvas_->setFollow(Follow::end);
    hint_ = makeMessage("output.hint", view);
    auto* body = new QWidget(view);
    body_ = new QStackedLayout(body);
    body_->addWidget(canvas_);
    body_->addWidget(hint_);
    rows->addWidget(header_);
    rows->addWidget(body, 1);
    rows->addWidget(new FindBar(*canvas_, view));
    splitter_->setStretchFactor(0, 1);
    splitter_->setStretchFactor(1, 3);
    message_ = makeMessage("output.message", this);
    pages_ = new QStackedLayout(this);
    pages_->addWidget(splitter_);
    pages_->addWidget(message_);
    connectSession();
    connectCanvas(actions);
    retranslate();
    model_->rebuild(session_.now().conversation);
    chosenMayHaveChanged();
    feed_->pause();  // until it is shown
}

void OutputScreen::connectSession() {
    connect(&session_, &SessionModel::reset, this, [this] {
        model_->rebuild(session_.now().conversation);
        chosenMayHaveChanged();
    });
    connect(&session_, &SessionModel::changed, this,
            [this](const std::vector<ConversationChange>& changes) {
                model_->apply(session_.now().conversation, changes);
                chosenMayHaveChanged();
            });
    connect(&session_, &SessionModel::statusChanged, this, &OutputScreen::showStates);
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& now) {
                if (!now.isValid() || isShowing_) return;
                followsNewest_ = now.row() == 0;
                choose(now.row());
            });
}

void OutputScreen::connectCanvas(ActionRegistry& actions) {
    connect(feed_, &OutputFeed::advanced, this,
            [this](const TerminalSnapshot& lines, qint64 firstChanged) {
                source_->show(lines, firstChanged);
                showStates();
            });
    connect(feed_, &OutputFeed::stateChanged, this, &OutputScreen::showStates);
    connect(canvas_, &Canvas::linkActivated, this,
            [this](qint64, const QString& href) { follow(href); });
    connect(canvas_, &Canvas::selectionChanged, this,
            [this] { header_->allowAdding(!canvas_->selection().isEmpty()); });
    connect(header_, &OutputHeader::addWanted, this, &OutputScreen::addSelection);
    actions.attach(ActionContext::terminal, *this);
    actions.on(QLatin1String("output.toMessage"), *this, [this] { addSelection(); });
}

void OutputScreen::showCommand(const std::string& callId, int32_t turn) {
    const int row = model_->rowOf(callId, turn);
    if (row >= 0) list_->setCurrentIndex(model_->index(row));
}

void OutputScreen::choose(int row) {
    const CommandRow& command = model_->command(row);
    const bool hasBegun = command.isRunning() && !chosen_.isRunning();  // it was asked about
    const bool isSame =
        !hasBegun && command.callId == chosen_.callId && command.turnNumber == chosen_.turnNumber;
    chosen_ = command;
    header_->show(chosen_);
    if (isSame) {
        if (feed_->state() != OutputFeed::State::done) feed_->tell(phaseOf(chosen_));
        return;
    }
    source_->clear();
    header_->allowAdding(false);
    canvas_->verticalScrollBar()->setValue(canvas_->verticalScrollBar()->maximum());
    feed_->show({.sessionId = session_.id().toStdString(),
                 .callId = chosen_.callId,
                 .tool = chosen_.tool,
                 .turn = chosen_.turnNumber,
                 .startedMs = chosen_.startedMs},
                phaseOf(chosen_));
    showStates();
}

// Keeps the command chosen that the user chose; else takes what runs, or is the newest.
void OutputScreen::chosenMayHaveChanged() {
    int row = model_->rowOf(chosen_.callId, chosen_.turnNumber);
    if (row < 0) {
        chosen_ = {};
        if (feed_->state() != OutputFeed::State::none) feed_->clear();
        row = model_->rowCount() > 0 ? 0 : -1;
    }
    if (row > 0 && followsNewest_ && model_->command(0).isRunning()) row = 0;
    if (row >= 0) showChosen(row);
    showStates();
}

// Not by the user: the list only shows it.
void OutputScreen::showChosen(int row) {
    if (list_->currentIndex().row() != row) {
        isShowing_ = true;
        list_->setCurrentIndex(model_->index(row));
        isShowing_ = false;
    }
    if (model_->command(row) != chosen_) choose(row);
}

void OutputScreen::showStates() {
    QString message;
    if (model_->rowCount() == 0) {
        switch (session_.state()) {
            case SessionModel::State::loading:
                message = tr("The session is being read…");
                break;
            case SessionModel::State::error:
                message = tr("The session cannot be read: %1").arg(session_.errorText());
                break;
            case SessionModel::State::empty:
            case SessionModel::State::ready:
                message = tr("No commands yet.\nWhat the agent runs appears here while it runs.");
                break;
        }
    }
    message_->setText(message);
    pages_->setCurrentIndex(message.isEmpty() ? 0 : 1);
    QString hint;
    if (source_->rowCount() == 0) {
        if (feed_->state() == OutputFeed::State::done) hint = tr("The command wrote nothing.");
        if (feed_->state() == OutputFeed::State::waiting) hint = tr("No output yet.");
        if (feed_->state() == OutputFeed::State::error)
            hint =
                tr("The output cannot be read: %1").arg(QString::fromStdString(feed_->errorText()));
        if (chosen_.state == CardState::asking) hint = tr("The command waits for your permission.");
        if (chosen_.state == CardState::denied) hint = tr("The command was not run.");
    }
    hint_->setText(hint);
    body_->setCurrentIndex(hint.isEmpty() ? 0 : 1);
    showNote();
}

// Says what is not there, and how far the reading has come.
void OutputScreen::showNote() {
    QStringList notes;
    const bool isReading = feed_->state() == OutputFeed::State::reading;
    if (isReading && feed_->totalBytes() > 0)
        notes << tr("Reading: %1 of %2.")
                     .arg(bytesText(feed_->doneBytes()), bytesText(feed_->totalBytes()));
    if (source_->nLeftOut() > 0)
        notes << tr("The first %n lines are not shown.", nullptr, int(source_->nLeftOut()));
    switch (feed_->loss()) {
        case OutputLoss::none:
            break;
        case OutputLoss::end:
            notes << tr("Only the first %1 were kept when the command ran.")
                         .arg(bytesText(feed_->totalBytes()));
            break;
        case OutputLoss::rawOutput:
            notes << tr("Only what the model was given to read was kept.");
            break;
    }
    if (feed_->state() == OutputFeed::State::error && source_->rowCount() > 0)
        notes << tr("The output cannot be read on: %1")
                     .arg(QString::fromStdString(feed_->errorText()));
    header_->setNote(notes.join(QLatin1Char(' ')));
}

void OutputScreen::addSelection() {
    const QString text = canvas_->textOf(canvas_->selection(), CopyFormat::plain);
    if (!text.isEmpty()) emit addToMessage(text);
}

void OutputScreen::follow(const QString& href) {
    OutputPlace place;
    if (!placeFromHref(href, place)) return;
    const QDir repository(session_.repository());
    const QDir folder(repository.filePath(QString::fromStdString(chosen_.directory)));
    const QString below = QDir::cleanPath(folder.filePath(place.path));
    const QString path =
        QFileInfo::exists(below) ? below : QDir::cleanPath(repository.filePath(place.path));
    emit openPlace(path, place.line, place.column);
}

void OutputScreen::retranslate() {
    canvas_->setAccessibleName(tr("Output of the command"));
    list_->retranslate();
    header_->retranslate();
    showStates();
}

void OutputScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    feed_->resume();
}

void OutputScreen::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    feed_->pause();
}

void OutputScreen::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    splitter_->setOrientation(width() >= kSideBySideWidth ? Qt::Horizontal : Qt::Vertical);
}

void OutputScreen::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

}  // namespace moxie::desktop

#include "app/desktop/window/status_chips.h"

#include <QEvent>
#include <QLocale>
#include <QToolButton>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/screens/cost/cost_texts.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/window/main_window.h"

namespace moxie::desktop {

StatusChips::StatusChips(MainWindow& window, CodeModel& code, QObject* parent)
    : QObject(parent),
      code_(code),
      window_(window),
      model_(makeChip("status.model")),
      context_(makeChip("status.context")),
      index_(makeChip("status.index")) {
    connect(model_, &QToolButton::clicked, this, &StatusChips::modelWanted);
    connect(context_, &QToolButton::clicked, this, &StatusChips::modelWanted);
    connect(index_, &QToolButton::clicked, this, &StatusChips::indexWanted);
    connect(&code, &CodeModel::stateChanged, this, &StatusChips::refresh);
    connect(&code, &CodeModel::indexChanged, this, &StatusChips::showIndex);
    window.installEventFilter(this);
    refresh();
}

QToolButton* StatusChips::makeChip(const char* name) {
    auto* chip = new QToolButton(&window_);
    chip->setObjectName(QLatin1String(name));
    chip->setAutoRaise(true);
    chip->setFocusPolicy(Qt::TabFocus);
    window_.addChip(chip);
    return chip;
}

void StatusChips::setSession(SessionModel* session) {
    if (session_) session_->disconnect(this);
    session_ = session;
    if (session != nullptr) {
        connect(session, &SessionModel::statusChanged, this, &StatusChips::refresh);
        connect(session, &SessionModel::changed, this, [this] { showModel(), showContext(); });
        connect(session, &SessionModel::reset, this, &StatusChips::refresh);
    }
    refresh();
}

void StatusChips::refresh() {
    showModel();
    showContext();
    showIndex();
}

void StatusChips::showModel() {
    const bool isKnown = session_ && !session_->now().modelName.empty();
    model_->setVisible(isKnown);
    if (!isKnown) return;
    const SessionView& view = session_->now();
    const QString name = QString::fromStdString(view.modelName);
    const QString text = view.backend == "local" ? tr("%1, on this computer").arg(name)
                         : view.backend == "recorded"
                             ? tr("%1, RECORDED").arg(name)
                             : tr("%1, %2", "model and kind of server")
                                   .arg(name, QString::fromStdString(view.backend));
    model_->setText(text);
    model_->setAccessibleName(tr("Model: %1").arg(text));
    model_->setToolTip(tr("The model that answered last. Click for models and backends."));
}

void StatusChips::showContext() {
    const int64_t used = session_ ? session_->now().contextTokens : 0;
    const int64_t most = session_ ? session_->now().contextTokensMax : 0;
    context_->setVisible(used > 0);
    if (used <= 0) return;
    context_->setText(most > 0 ? tr("context %1 of %2").arg(shortTokens(used), shortTokens(most))
                               : tr("context %1").arg(shortTokens(used)));
    context_->setAccessibleName(tr("Context: %1").arg(context_->text()));
    context_->setToolTip(tr("Tokens that the last request carried, of what the model can read."));
}

void StatusChips::showIndex() {
    const IndexState& index = code_.index();
    index_->setVisible(code_.state() != CodeModel::State::empty);
    QString text;
    switch (index.phase) {
        case IndexState::Phase::updating:
            text = index.progress.filesTotal > 0
                       ? tr("index %1 %")
                             .arg(100 * index.progress.filesDone / index.progress.filesTotal)
                       : tr("index is being read");
            break;
        case IndexState::Phase::paused:
            text = tr("index paused");
            break;
        case IndexState::Phase::current:
            text = tr("index up to date");
            break;
        case IndexState::Phase::stale:
            text = tr("index may be out of date");
            break;
    }
    if (code_.state() == CodeModel::State::error) text = tr("no index");
    index_->setText(text);
    index_->setAccessibleName(tr("Index: %1").arg(text));
    index_->setToolTip(tr("%n files are known. Click for more.", nullptr, int(index.stats.files)));
}

bool StatusChips::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::LanguageChange) refresh();
    return QObject::eventFilter(watched, event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/plan/plan_strip.h"

#include <QAction>
#include <QCursor>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/plan/plan_header.h"
#include "app/desktop/screens/plan/plan_row_painter.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/icons.h"

namespace moxie::desktop {

namespace {

constexpr int kPlanRowsMax = 8;

// The calls that serve a step are counted up all the time; they are no change of the plan.
bool sameSteps(const std::vector<PlanEntry>& one, const std::vector<PlanEntry>& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](const PlanEntry& a, const PlanEntry& b) {
                          return a.text == b.text && a.state == b.state;
                      });
}

}  // namespace

PlanStrip::PlanStrip(SessionModel& session, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      session_(session),
      appearance_(appearance),
      header_(new PlanHeader(appearance, this)),
      body_(new QWidget(this)),
      rows_(new PlanRows(this)),
      list_(new QListView(body_)),
      state_(new QLabel(body_)),
      add_(makeButton("plan.add", &PlanStrip::add)),
      edit_(makeButton("plan.edit", &PlanStrip::editChosen)),
      up_(makeButton("plan.moveUp", &PlanStrip::moveUp)),
      down_(makeButton("plan.moveDown", &PlanStrip::moveDown)),
      strike_(makeButton("plan.strike", &PlanStrip::strikeChosen)),
      files_(makeButton("plan.files", &PlanStrip::fillFiles)),
      approve_(new QToolButton(body_)) {
    setObjectName(QStringLiteral("plan"));
    layOut();
    makeApproval();
    connect(&session, &SessionModel::changed, this, &PlanStrip::follow);
    connect(&session, &SessionModel::statusChanged, this, &PlanStrip::follow);
    connect(&session, &SessionModel::reset, this, &PlanStrip::forgetEdits);
    // Later: the view is in the midst of its own work when a row is edited.
    connect(rows_, &PlanRows::edited, this, &PlanStrip::sendEdits, Qt::QueuedConnection);
    connect(rows_, &PlanRows::tickChanged, this, &PlanStrip::updateButtons);
    connect(header_, &PlanHeader::toggled, body_, &QWidget::setVisible);
    connect(list_, &QListView::clicked, this, &PlanStrip::clickRow);
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &PlanStrip::updateButtons);
    connect(
        list_->itemDelegate(), &QAbstractItemDelegate::closeEditor, this,
        [this] {
            rows_->removeEmpty();
            follow();
        },
        Qt::QueuedConnection);
    connect(&appearance, &Appearance::changed, this, &PlanStrip::applyLook);
    hide();
    follow();
}

QToolButton* PlanStrip::makeButton(const char* name, void (PlanStrip::*run)()) {
    auto* button = new QToolButton(body_);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, run);
    return button;
}

void PlanStrip::layOut() {
    list_->setObjectName(QStringLiteral("plan.steps"));
    list_->setModel(rows_);
    list_->setItemDelegate(new PlanRowPainter(appearance_, list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    list_->setDragDropMode(QAbstractItemView::InternalMove);
    list_->installEventFilter(this);
    state_->setObjectName(QStringLiteral("plan.state"));
    state_->setWordWrap(true);
    state_->setIndent(grid(2));  // as the rows
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(1));
    for (QToolButton* button : {add_, edit_, up_, down_, strike_, files_})
        buttons->addWidget(button);
    buttons->addStretch(1);
    buttons->addWidget(approve_);
    auto* inside = new QVBoxLayout(body_);
    inside->setContentsMargins(0, 0, 0, grid(1));
    inside->setSpacing(grid(1));
    inside->addWidget(list_);
    inside->addWidget(state_);
    inside->addLayout(buttons);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(1), grid(3), 0);
    layout->setSpacing(grid(1));
    layout->addWidget(header_);
    layout->addWidget(body_);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    files_->setMenu(new QMenu(files_));
    files_->menu()->setObjectName(QStringLiteral("plan.filesMenu"));
    files_->setPopupMode(QToolButton::InstantPopup);
    connect(files_->menu(), &QMenu::aboutToShow, this, &PlanStrip::fillFiles);
    body_->hide();
}

void PlanStrip::makeApproval() {
    approve_->setObjectName(QStringLiteral("plan.approve"));
    approve_->setFocusPolicy(Qt::StrongFocus);
    approve_->setPopupMode(QToolButton::MenuButtonPopup);
    auto* menu = new QMenu(approve_);
    approveAsking_ = menu->addAction({}, this, [this] { approve(agent::PermissionMode::ask); });
    approveAsking_->setObjectName(QStringLiteral("plan.approveAsking"));
    approveEditing_ =
        menu->addAction({}, this, [this] { approve(agent::PermissionMode::autoEdit); });
    approveEditing_->setObjectName(QStringLiteral("plan.approveEditing"));
    approve_->setMenu(menu);
    connect(approve_, &QToolButton::clicked, this, [this] { approve(agent::PermissionMode::ask); });
}

void PlanStrip::open() {
    header_->setChecked(true);
}

void PlanStrip::close() {
    header_->setChecked(false);
}

// ---- from the log

void PlanStrip::forgetEdits() {
    sent_.reset();
    logged_.clear();
    rows_->setRows({});
    follow();
}

void PlanStrip::follow() {
    const std::vector<PlanEntry>& entries = session_.now().plan.entries;
    if (!sameSteps(entries, logged_)) sent_.reset();  // the log has it, or something newer
    logged_ = entries;
    const bool isEdited = list_->isPersistentEditorOpen(list_->currentIndex());
    if (!isEdited) showRows();
    setVisible(rows_->rowCount() > 0);
    if (const bool isNow = isApproving(); std::exchange(wasApproving_, isNow) != isNow && isNow)
        open();
    updateTexts();
    applyLook();
}

void PlanStrip::showRows() {
    const int chosen = list_->currentIndex().row();
    rows_->setRows(rowsToShow());
    if (chosen >= 0 && !list_->currentIndex().isValid())
        list_->setCurrentIndex(rows_->index(std::min(chosen, rows_->rowCount() - 1), 0));
}

// What is struck stays where it was, to be restored; ticks stay with their texts.
std::vector<PlanRow> PlanStrip::rowsToShow() const {
    const std::vector<PlanRow>& before = rows_->rows();
    std::vector<PlanRow> rows;
    for (const PlanEntry& entry : sent_ ? *sent_ : logged_) {
        const auto same = std::find_if(before.begin(), before.end(), [&](const PlanRow& row) {
            return row.entry.text == entry.text;
        });
        rows.push_back({.entry = entry, .isTicked = same == before.end() || same->isTicked});
    }
    if (rows.empty()) return rows;
    for (size_t i = 0; i < before.size(); ++i) {
        const PlanRow& struck = before[i];
        const bool isBack = std::any_of(rows.begin(), rows.end(), [&](const PlanRow& row) {
            return row.entry.text == struck.entry.text;
        });
        if (struck.isDropped && !isBack)
            rows.insert(rows.begin() + int64_t(std::min(i, rows.size())), struck);
    }
    return rows;
}

// ---- to the agent

void PlanStrip::sendEdits() {
    std::vector<PlanEntry> entries;
    for (const PlanRow& row : rows_->rows())
        if (!row.isDropped && !row.entry.text.empty()) entries.push_back(row.entry);
    sent_ = entries;
    session_.changePlan(entries);
    if (sent_ && sameSteps(*sent_, logged_)) sent_.reset();
    follow();
}

void PlanStrip::approve(agent::PermissionMode mode) {
    std::vector<PlanEntry> entries;
    for (const PlanRow& row : rows_->rows())
        if (!row.isDropped && row.isTicked) entries.push_back(row.entry);
    if (entries.empty() || !approve_->isEnabled()) return;
    if (!sameSteps(entries, sent_ ? *sent_ : logged_)) {
        sent_ = entries;
        session_.changePlan(entries);
    }
    session_.setMode(mode);
    emit approved(entries);
}

// ---- by the user

void PlanStrip::add() {
    const QModelIndex added = rows_->index(rows_->addEmpty(), 0);
    applyLook();  // one row more
    list_->setCurrentIndex(added);
    list_->scrollTo(added);
    list_->edit(added);
}

void PlanStrip::editChosen() {
    if (list_->currentIndex().isValid()) list_->edit(list_->currentIndex());
}

void PlanStrip::moveUp() {
    moveChosen(-1);
}

void PlanStrip::moveDown() {
    moveChosen(1);
}

void PlanStrip::moveChosen(int steps) {
    const int row = list_->currentIndex().row(), target = row + steps;
    if (row < 0 || target < 0 || target >= rows_->rowCount()) return;
    rows_->moveRow({}, row, {}, steps > 0 ? target + 1 : target);
    list_->scrollTo(list_->currentIndex());
    updateButtons();
}

void PlanStrip::strikeChosen() {
    const int row = list_->currentIndex().row();
    if (row < 0 || !blockedReason().isEmpty()) return;
    if (rows_->rows()[size_t(row)].isDropped)
        rows_->restore(row);
    else
        rows_->strike(row);
    updateButtons();
}

void PlanStrip::wantCalls(const QModelIndex& index) {
    if (!index.isValid()) return;
    const PlanEntry& entry = rows_->rows()[size_t(index.row())].entry;
    if (!entry.callIds.empty()) emit callsWanted(entry.callIds);
}

void PlanStrip::fillFiles() {
    files_->menu()->clear();
    const int row = list_->currentIndex().row();
    if (row < 0) return;
    for (const std::string& touched : rows_->rows()[size_t(row)].entry.touches) {
        const QString path = QString::fromStdString(touched);
        QAction* action =
            files_->menu()->addAction(QString(path).replace(QLatin1Char('&'), QLatin1String("&&")));
        connect(action, &QAction::triggered, this, [this, path] { emit fileWanted(path); });
    }
}

// On the names of its files: those, else the calls that served it.
void PlanStrip::clickRow(const QModelIndex& index) {
    const PlanEntry& entry = rows_->rows()[size_t(index.row())].entry;
    const QFontMetrics metrics(appearance_.look().font(TextRole::small));
    const int width = metrics.horizontalAdvance(index.data(PlanRows::kDetailRole).toString());
    const QPoint at = list_->viewport()->mapFromGlobal(QCursor::pos());
    const bool isOnDetail = list_->visualRect(index).contains(at) &&
                            at.x() >= list_->visualRect(index).right() - width - grid(2);
    if (isOnDetail && !entry.touches.empty()) {
        fillFiles();
        return files_->menu()->popup(QCursor::pos());
    }
    wantCalls(index);
}

bool PlanStrip::runKey(const QKeyEvent& event) {
    const auto modifiers = event.modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier);
    if (modifiers == Qt::AltModifier && event.key() == Qt::Key_Up) return moveUp(), true;
    if (modifiers == Qt::AltModifier && event.key() == Qt::Key_Down) return moveDown(), true;
    if (modifiers != Qt::NoModifier) return false;
    switch (event.key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return wantCalls(list_->currentIndex()), true;
        case Qt::Key_Delete:
            return strikeChosen(), true;
        case Qt::Key_Insert:
            if (add_->isEnabled()) add();
            return true;
        default:
            return false;
    }
}

bool PlanStrip::eventFilter(QObject* watched, QEvent* event) {
    if (watched != list_) return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::KeyPress && runKey(*static_cast<QKeyEvent*>(event))) return true;
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::AltModifier &&
            (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down))
            event->accept();
    }
    return QWidget::eventFilter(watched, event);
}

// ---- what is shown

QString PlanStrip::blockedReason() const {
    if (session_.state() == SessionModel::State::error) return tr("The session cannot go on.");
    return session_.driver() == SessionModel::Driver::other
               ? tr("Watching: another process works on this session.")
               : QString();
}

bool PlanStrip::isApproving() const {
    return session_.mode() == agent::PermissionMode::plan && rows_->rowCount() > 0;
}

QString PlanStrip::summary() const {
    const Plan& plan = session_.now().plan;
    const int nSteps = int(plan.entries.size());
    if (plan.active >= 0)
        return tr("%1 of %2, %3", "step, steps, what is being done")
            .arg(QString::number(plan.active + 1), QString::number(nSteps),
                 QString::fromStdString(plan.entries[size_t(plan.active)].text));
    if (plan.nDone == nSteps) return tr("All %n done", "steps of the plan", nSteps);
    return tr("%1 of %2 done").arg(QString::number(plan.nDone), QString::number(nSteps));
}

void PlanStrip::updateTexts() {
    header_->setText(summary());
    header_->setAccessibleName(tr("Plan: %1").arg(summary()));
    header_->setToolTip(header_->isChecked() ? tr("Close the plan") : tr("Open the plan"));
    header_->setProgress(session_.now().plan.nDone, int(session_.now().plan.entries.size()));
    list_->setAccessibleName(tr("Steps of the plan"));
    const QString blocked = blockedReason();
    state_->setText(!blocked.isEmpty() ? blocked
                    : sent_            ? tr("Sent: the agent sees it at its next step.")
                                       : QString());
    state_->setVisible(!state_->text().isEmpty());
    add_->setText(tr("Add a step"));
    edit_->setText(tr("Edit"));
    edit_->setAccessibleName(tr("Edit the chosen step"));
    up_->setText(tr("Up"));
    up_->setAccessibleName(tr("Move the chosen step up"));
    down_->setText(tr("Down"));
    down_->setAccessibleName(tr("Move the chosen step down"));
    approveAsking_->setText(tr("Approve, ask before each edit"));
    approveEditing_->setText(tr("Approve, edit files without asking"));
    updateButtons();
}

void PlanStrip::updateButtons() {
    const std::vector<PlanRow>& rows = rows_->rows();
    const int row = list_->currentIndex().row();
    const bool canEdit = blockedReason().isEmpty();
    const bool hasRow = row >= 0 && size_t(row) < rows.size();
    const bool isDropped = hasRow && rows[size_t(row)].isDropped;
    rows_->setEditing(canEdit ? PlanRows::Editing::yes : PlanRows::Editing::no);
    rows_->setTicking(isApproving() ? PlanRows::Ticking::yes : PlanRows::Ticking::no);
    add_->setEnabled(canEdit);
    edit_->setEnabled(canEdit && hasRow && !isDropped);
    up_->setEnabled(canEdit && hasRow && row > 0);
    down_->setEnabled(canEdit && hasRow && row + 1 < rows_->rowCount());
    strike_->setEnabled(canEdit && hasRow);
    strike_->setText(isDropped ? tr("Restore") : tr("Strike"));
    strike_->setAccessibleName(isDropped ? tr("Restore the chosen step")
                                         : tr("Strike the chosen step"));
    files_->setText(tr("Files") + QStringLiteral(" \u25BE"));
    files_->setEnabled(hasRow && !rows[size_t(row)].entry.touches.empty());
    files_->setAccessibleName(tr("Files that the chosen step touches"));
    const auto isStep = [](const PlanRow& one) { return !one.isDropped; };
    const auto nSteps = std::count_if(rows.begin(), rows.end(), isStep);
    const auto nTicked = std::count_if(
        rows.begin(), rows.end(), [&](const PlanRow& one) { return isStep(one) && one.isTicked; });
    const bool isPlanning = session_.driver() == SessionModel::Driver::us;
    approve_->setVisible(isApproving());
    approve_->setEnabled(canEdit && nTicked > 0 && !isPlanning);
    approve_->setText(nTicked == nSteps ? tr("Approve")
                                        : tr("Approve %1 of %2").arg(nTicked).arg(nSteps));
    approve_->setAccessibleName(tr("Approve the ticked steps"));
    approve_->setToolTip(isPlanning     ? tr("The agent is still planning")
                         : nTicked == 0 ? tr("Tick a step first")
                                        : approveAsking_->text());
}

void PlanStrip::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(Role::textMuted));
    state_->setPalette(palette);
    state_->setFont(look.font(TextRole::small));
    palette = look.palette();
    palette.setColor(QPalette::Base, look.color(Role::window));
    list_->setPalette(palette);
    for (QToolButton* button : {add_, edit_, up_, down_, strike_, files_})
        button->setFont(look.font(TextRole::small));
    const int rows = std::clamp(rows_->rowCount(), 1, kPlanRowsMax);
    list_->setFixedHeight(rows * (QFontMetrics(look.font(TextRole::body)).height() + grid(2)));
    const std::pair<QToolButton*, IconShape> icons[] = {
        {add_, IconShape::add},   {edit_, IconShape::edit},     {up_, IconShape::up},
        {down_, IconShape::down}, {strike_, IconShape::strike}, {files_, IconShape::file}};
    for (const auto& [button, shape] : icons) {
        button->setIcon(icon(shape, Role::text, appearance_));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    }
    header_->update();
}

void PlanStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        updateTexts();
        list_->viewport()->update();
    }
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

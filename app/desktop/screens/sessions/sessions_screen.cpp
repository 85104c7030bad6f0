#include "app/desktop/screens/sessions/sessions_screen.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/sessions/filter_row.h"
#include "app/desktop/screens/sessions/search_hits.h"
#include "app/desktop/screens/sessions/session_actions.h"
#include "app/desktop/screens/sessions/session_row_painter.h"
#include "app/desktop/screens/sessions/session_tree.h"
#include "app/desktop/screens/sessions/session_tree_view.h"
#include "app/desktop/shell/clear_button.h"
#include "app/desktop/shell/notice.h"
#include "app/desktop/theme/appearance.h"
#include "base/clock.h"

namespace moxie::desktop {

namespace {

constexpr int kMinute = 60'000;

QLabel* makeQuietLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

}  // namespace

SessionsScreen::SessionsScreen(SessionStoreModel& store, const base::Clock& clock,
                               Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      store_(store),
      clock_(clock),
      appearance_(appearance),
      tree_(new SessionTree(clock, this)),
      new_(new QPushButton(this)),
      newMore_(new QToolButton(this)),
      search_(new QLineEdit(this)),
      filter_(new FilterRow(appearance, this)),
      pages_(new QStackedWidget(this)),
      listPage_(new QWidget(pages_)),
      messagePage_(new QWidget(pages_)),
      message_(makeQuietLabel("sessions.message", messagePage_)),
      messageAction_(new QPushButton(messagePage_)),
      view_(new SessionTreeView(appearance, listPage_)),
      nothing_(makeQuietLabel("sessions.nothing", listPage_)),
      hitsTitle_(makeQuietLabel("sessions.hitsTitle", listPage_)),
      hits_(new SearchHits(clock, appearance, listPage_)),
      minute_(new QTimer(this)) {
    setObjectName(QStringLiteral("sessions"));
    new_->setObjectName(QStringLiteral("sessions.new"));
    search_->setObjectName(QStringLiteral("sessions.search"));
    view_->setObjectName(QStringLiteral("sessions.tree"));
    messageAction_->setObjectName(QStringLiteral("sessions.messageAction"));
    makeNewMenu();
    layOut();
    actions_ = new SessionActions(store, *tree_, *view_);
    connectParts();
    retranslate();
    applyLook();
}

SessionsScreen::~SessionsScreen() = default;

void SessionsScreen::layOut() {
    view_->setModel(tree_);
    view_->setItemDelegate(new SessionRowPainter(clock_, appearance_, view_));
    view_->installEventFilter(this);
    addClearButton(*search_);
    search_->installEventFilter(this);
    nothing_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    nothing_->setMargin(grid(4));
    hitsTitle_->setIndent(grid(2));
    auto* list = new QVBoxLayout(listPage_);
    list->setContentsMargins(0, 0, 0, 0);
    list->setSpacing(grid(1));
    list->addWidget(view_, 3);
    list->addWidget(nothing_, 1);
    list->addWidget(hitsTitle_);
    list->addWidget(hits_, 2);
    message_->setAlignment(Qt::AlignHCenter);
    auto* message = new QVBoxLayout(messagePage_);
    message->setContentsMargins(grid(4), grid(8), grid(4), grid(4));
    message->setSpacing(grid(3));
    message->addWidget(message_);
    message->addWidget(messageAction_, 0, Qt::AlignHCenter);
    message->addStretch(1);
    pages_->addWidget(listPage_);
    pages_->addWidget(messagePage_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    layout->setSpacing(grid(2));
    auto* newRow = new QHBoxLayout;
    newRow->setSpacing(grid(1));
    newRow->addWidget(new_, 1);
    newRow->addWidget(newMore_);
    layout->addLayout(newRow);
    layout->addWidget(search_);
    layout->addWidget(filter_);
    layout->addWidget(pages_, 1);
    minute_->setInterval(kMinute);
    minute_->setTimerType(Qt::VeryCoarseTimer);
}

void SessionsScreen::connectParts() {
    connect(&store_, &SessionStoreModel::changed, this, &SessionsScreen::refresh);
    connect(&store_, &SessionStoreModel::found, this, &SessionsScreen::showHits);
    connect(&store_, &SessionStoreModel::removed, this, &SessionsScreen::noteRemoved);
    connect(&store_, &SessionStoreModel::exported, this,
            [this](const QString&, const QString& file) {
                postNotice(*this, {tr("Exported to %1").arg(file)});
            });
    connect(&store_, &SessionStoreModel::failed, this, [this](const QString& sentence) {
        postNotice(*this, {sentence, NoticeTone::error});
    });
    connect(new_, &QPushButton::clicked, this, &SessionsScreen::newSessionWanted);
    connect(messageAction_, &QPushButton::clicked, this, [this] {
        if (store_.state() == SessionStoreModel::State::error)
            store_.refresh();
        else
            emit folderWanted();
    });
    connect(search_, &QLineEdit::textChanged, this, &SessionsScreen::startSearch);
    connect(filter_, &FilterRow::filterChosen, this, &SessionsScreen::refresh);
    connect(tree_, &SessionTree::renamed, &store_, &SessionStoreModel::rename);
    connect(view_->itemDelegate(), &QAbstractItemDelegate::closeEditor, this,
            &SessionsScreen::refresh, Qt::QueuedConnection);
    connect(view_, &QTreeView::clicked, this, &SessionsScreen::choose);
    connect(view_, &QTreeView::collapsed, this,
            [this](const QModelIndex& index) { collapsed_.insert(tree_->repositoryOf(index)); });
    connect(view_, &QTreeView::expanded, this,
            [this](const QModelIndex& index) { collapsed_.remove(tree_->repositoryOf(index)); });
    connect(actions_, &SessionActions::forkWanted, this, &SessionsScreen::forkWanted);
    connectWorktrees();
    connect(hits_, &SearchHits::hitChosen, this, [this](const SessionHit& hit) {
        emit sessionChosen(hit.id);
        emit turnWanted(hit.id, hit.turn);
    });
    connect(minute_, &QTimer::timeout, this, &SessionsScreen::repaintLists);
    connect(&appearance_, &Appearance::changed, this, &SessionsScreen::applyLook);
}

// ---- outside

void SessionsScreen::setShown(const QString& id) {
    shown_ = id;
    view_->setShown(id);
    if (!id.isEmpty()) store_.markSeen(id);
}

void SessionsScreen::focusSearch() {
    search_->setFocus(Qt::ShortcutFocusReason);
    search_->selectAll();
}

void SessionsScreen::chooseNext() {
    QStringList waiting;
    for (const ProjectRows& project : store_.rows(SessionFilter::needsMe, QString()))
        for (const SessionRow& row : project.sessions)
            waiting << QString::fromStdString(row.id);
    const qsizetype at = waiting.indexOf(shown_);
    waiting.removeAll(shown_);
    if (!waiting.isEmpty()) {
        emit sessionChosen(waiting.at(std::max<qsizetype>(at, 0) % waiting.size()));
        return;
    }
    SessionRow newest;
    for (const ProjectRows& project : store_.rows(SessionFilter::all, QString()))
        for (const SessionRow& row : project.sessions)
            if (row.changedMs > newest.changedMs && QString::fromStdString(row.id) != shown_)
                newest = row;
    if (!newest.id.empty()) emit sessionChosen(QString::fromStdString(newest.id));
}

// ---- from the store

void SessionsScreen::refresh() {
    if (!isVisible()) return;  // showEvent() comes here again
    if (view_->isPersistentEditorOpen(view_->currentIndex())) return;  // closing it, too
    filter_->setNeedMe(store_.nNeedMe());
    if (store_.state() == SessionStoreModel::State::ready) showRows();
    showState();
    actions_->setPlace(filter_->filter() == SessionFilter::archived ? SessionActions::Place::archive
                                                                    : SessionActions::Place::list);
}

void SessionsScreen::showRows() {
    const bool isArchive = filter_->filter() == SessionFilter::archived;
    const QString words = search_->text().simplified();
    const Place before = place();
    bool isReset = false;
    const auto watch =
        connect(tree_, &QAbstractItemModel::modelReset, this, [&] { isReset = true; });
    tree_->setRows(store_.rows(filter_->filter(), words),
                   isArchive && words.isEmpty() ? store_.bin() : std::vector<BinnedSession>());
    disconnect(watch);
    if (isReset) goBack(before);
}

SessionsScreen::Place SessionsScreen::place() const {
    const QModelIndex index = view_->currentIndex();
    return {.id = index.data(SessionTree::kIdRole).toString(),
            .project = index.parent().isValid() ? index.parent().row() : index.row(),
            .row = index.parent().isValid() ? index.row() : -1,
            .scroll = view_->verticalScrollBar()->value()};
}

// To the same session, else to the one that took its place.
void SessionsScreen::goBack(const Place& place) {
    const bool isSearching = !search_->text().isEmpty();
    const QSet<QString> collapsed = collapsed_;  // which the view's signals change
    for (int project = 0; project < tree_->rowCount(); ++project) {
        const QModelIndex top = tree_->index(project, 0);
        view_->setExpanded(top, isSearching || !collapsed.contains(tree_->repositoryOf(top)));
    }
    collapsed_ = collapsed;
    QModelIndex index = place.id.isEmpty() ? QModelIndex() : tree_->indexOf(place.id);
    if (!index.isValid() && place.project >= 0) {
        const QModelIndex project = tree_->index(std::min(place.project, tree_->rowCount() - 1), 0);
        const int last = tree_->rowCount(project) - 1;
        index = place.row < 0 ? project : tree_->index(std::min(place.row, last), 0, project);
    }
    if (index.isValid()) view_->setCurrentIndex(index);
    view_->verticalScrollBar()->setValue(place.scroll);
}

int SessionsScreen::treeHeight() const {
    int rows = tree_->rowCount();
    for (int project = 0; project < tree_->rowCount(); ++project)
        rows += tree_->rowCount(tree_->index(project, 0));
    return std::max(rows, 1) * view_->sizeHintForRow(0) + 1;
}

void SessionsScreen::showState() {
    const auto state = store_.state();
    const bool isReady = state == SessionStoreModel::State::ready;
    pages_->setCurrentWidget(isReady ? listPage_ : messagePage_);
    search_->setVisible(isReady);
    filter_->setVisible(isReady);
    const bool hasRows = tree_->rowCount() > 0;
    view_->setVisible(hasRows);
    nothing_->setVisible(!hasRows && hits_->hitCount() == 0);
    const bool isSearching = !search_->text().isEmpty();
    // The hits follow right below the few titles that fit.
    view_->setMaximumHeight(hits_->hitCount() > 0 ? treeHeight() : QWIDGETSIZE_MAX);
    switch (filter_->filter()) {
        case SessionFilter::all:
            nothing_->setText(isSearching ? tr("Nothing was found.") : tr("All are archived."));
            break;
        case SessionFilter::needsMe:
            nothing_->setText(tr("No session needs you."));
            break;
        case SessionFilter::running:
            nothing_->setText(tr("No session is running."));
            break;
        case SessionFilter::archived:
            nothing_->setText(tr("Nothing is archived or deleted."));
            break;
    }
    messageAction_->setVisible(state != SessionStoreModel::State::loading);
    switch (state) {
        case SessionStoreModel::State::loading:
            message_->setText(tr("The sessions are being read…"));
            break;
        case SessionStoreModel::State::empty:
            message_->setText(tr("No session yet. Write a task to begin one."));
            messageAction_->setText(tr("Open a folder…"));
            break;
        case SessionStoreModel::State::error:
            message_->setText(tr("The sessions cannot be read: %1").arg(store_.errorText()));
            messageAction_->setText(tr("Try again"));
            break;
        case SessionStoreModel::State::ready:
            break;
    }
    messageAction_->setAccessibleName(messageAction_->text());
}

// ---- search

void SessionsScreen::startSearch(const QString& text) {
    const QString words = text.simplified();
    if (words.isEmpty())
        showHits({});
    else
        store_.search(words);
    refresh();
}

void SessionsScreen::showHits(const SessionHits& hits) {
    if (hits.words != search_->text().simplified()) return;  // of a search before
    lastHits_ = hits;
    hits_->setHits(hits.hits);
    hits_->setVisible(!hits.hits.empty());
    hitsTitle_->setVisible(!hits.words.isEmpty() && (!hits.hits.empty() || hits.isIndexing));
    hitsTitle_->setText(hits.isIndexing ? tr("In conversations; some are not searched yet")
                        : hits.isCut    ? tr("In conversations, the best ones")
                                        : tr("In conversations"));
    showState();
}

bool SessionsScreen::runSearchKey(int key) {
    switch (key) {
        case Qt::Key_Escape:
            if (search_->text().isEmpty()) return false;
            search_->clear();
            return true;
        case Qt::Key_Down:
        case Qt::Key_Return:
        case Qt::Key_Enter: {
            QAbstractItemView* list = view_;
            if (tree_->rowCount() == 0) list = hits_;
            if (!list->currentIndex().isValid()) list->setCurrentIndex(list->model()->index(0, 0));
            list->setFocus(Qt::OtherFocusReason);
            return true;
        }
        default:
            return false;
    }
}

void SessionsScreen::choose(const QModelIndex& index) {
    if (!index.isValid()) return;
    switch (tree_->kindOf(index)) {
        case SessionTree::Kind::project:
        case SessionTree::Kind::bin:
            return view_->setExpanded(index, !view_->isExpanded(index));
        case SessionTree::Kind::session:
            emit sessionChosen(index.data(SessionTree::kIdRole).toString());
            return;
        case SessionTree::Kind::binned:
            return;
    }
}

bool SessionsScreen::runTreeKey(int key) {
    if (key != Qt::Key_Return && key != Qt::Key_Enter) return false;
    choose(view_->currentIndex());
    return true;
}

// ---- looks and events

void SessionsScreen::retranslate() {
    new_->setText(tr("New session"));
    new_->setAccessibleName(new_->text());
    newMore_->setAccessibleName(tr("Other ways to begin"));
    newMore_->setToolTip(newMore_->accessibleName());
    newHere_->setText(tr("New session in this folder"));
    newWorktree_->setText(tr("New session in its own worktree"));
    openFolder_->setText(tr("Open folder…"));
    search_->setPlaceholderText(tr("Search all sessions"));
    search_->setAccessibleName(search_->placeholderText());
    view_->setAccessibleName(tr("Sessions"));
    hits_->setAccessibleName(tr("Found in conversations"));
    actions_->retranslate();
    repaintLists();
    showHits(lastHits_);
}

void SessionsScreen::repaintLists() {
    view_->viewport()->update();
    hits_->viewport()->update();
}

void SessionsScreen::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(Role::textMuted));
    for (QLabel* label : {nothing_, hitsTitle_, message_})
        label->setPalette(palette);
    nothing_->setFont(look.font(TextRole::small));
    QFont title = look.font(TextRole::small);
    title.setWeight(QFont::DemiBold);
    hitsTitle_->setFont(title);
}

void SessionsScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
    minute_->start();
}

void SessionsScreen::hideEvent(QHideEvent* event) {
    minute_->stop();
    QWidget::hideEvent(event);
}

void SessionsScreen::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

bool SessionsScreen::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    if (watched == view_ && runTreeKey(key->key())) return true;
    if (watched == search_ && runSearchKey(key->key())) return true;
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

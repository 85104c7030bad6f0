#include "app/desktop/screens/sessions/session_tree.h"

#include <algorithm>
#include <utility>

#include "app/desktop/screens/sessions/session_age.h"
#include "app/desktop/screens/sessions/session_sign.h"
#include "base/clock.h"

namespace moxie::desktop {

namespace {

QString nameOf(const QString& folder) {
    const QString name = folder.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty);
    return name.isEmpty() ? folder : name;
}

bool sameSessions(const ProjectRows& one, const ProjectRows& other) {
    return one.repository == other.repository && one.branch == other.branch &&
           std::equal(one.sessions.begin(), one.sessions.end(), other.sessions.begin(),
                      other.sessions.end(),
                      [](const SessionRow& a, const SessionRow& b) { return a.id == b.id; });
}

}  // namespace

SessionTree::SessionTree(const base::Clock& clock, QObject* parent)
    : QAbstractItemModel(parent),
      clock_(clock) {}

void SessionTree::setRows(std::vector<ProjectRows> projects, std::vector<BinnedSession> bin) {
    if (bin == bin_ && hasSameShape(projects)) {
        projects_.swap(projects);
        return tellChangedRows(projects);
    }
    beginResetModel();
    projects_ = std::move(projects);
    bin_ = std::move(bin);
    endResetModel();
}

bool SessionTree::hasSameShape(const std::vector<ProjectRows>& projects) const {
    return std::equal(projects.begin(), projects.end(), projects_.begin(), projects_.end(),
                      sameSessions);
}

void SessionTree::tellChangedRows(const std::vector<ProjectRows>& before) {
    for (size_t project = 0; project < projects_.size(); ++project) {
        const auto& now = projects_[project].sessions;
        for (size_t row = 0; row < now.size(); ++row) {
            if (now[row] == before[project].sessions[row]) continue;
            const QModelIndex changed = index(int(row), 0, index(int(project), 0));
            emit dataChanged(changed, changed);
        }
    }
}

QModelIndex SessionTree::indexOf(const QString& id) const {
    const std::string wanted = id.toStdString();
    for (size_t project = 0; project < projects_.size(); ++project) {
        const auto& sessions = projects_[project].sessions;
        const auto found =
            std::find_if(sessions.begin(), sessions.end(),
                         [&](const SessionRow& session) { return session.id == wanted; });
        if (found != sessions.end())
            return index(int(found - sessions.begin()), 0, index(int(project), 0));
    }
    return {};
}

bool SessionTree::isBin(int project) const {
    return size_t(project) == projects_.size();
}

SessionTree::Kind SessionTree::kindOf(const QModelIndex& index) const {
    const bool isTop = index.internalId() == 0;
    const int project = isTop ? index.row() : int(index.internalId()) - 1;
    if (isBin(project)) return isTop ? Kind::bin : Kind::binned;
    return isTop ? Kind::project : Kind::session;
}

QString SessionTree::repositoryOf(const QModelIndex& index) const {
    return isBin(index.row()) ? QString()
                              : QString::fromStdString(projects_[size_t(index.row())].repository);
}

// The id of a session's index is its project's row, counted from 1; projects have 0.
QModelIndex SessionTree::index(int row, int column, const QModelIndex& parent) const {
    if (row < 0 || column != 0 || row >= rowCount(parent)) return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row()) + 1 : 0);
}

QModelIndex SessionTree::parent(const QModelIndex& index) const {
    if (!index.isValid() || index.internalId() == 0) return {};
    return createIndex(int(index.internalId()) - 1, 0, quintptr(0));
}

int SessionTree::rowCount(const QModelIndex& parent) const {
    if (!parent.isValid()) return int(projects_.size()) + (bin_.empty() ? 0 : 1);
    switch (kindOf(parent)) {
        case Kind::project:
            return int(projects_[size_t(parent.row())].sessions.size());
        case Kind::bin:
            return int(bin_.size());
        case Kind::session:
        case Kind::binned:
            break;
    }
    return 0;
}

int SessionTree::columnCount(const QModelIndex&) const {
    return 1;
}

QVariant SessionTree::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const Kind kind = kindOf(index);
    if (role == kKindRole) return int(kind);
    switch (kind) {
        case Kind::project:
        case Kind::bin:
            return projectData(index.row(), role);
        case Kind::session:
            return sessionData(
                projects_[size_t(index.internalId()) - 1].sessions[size_t(index.row())], role);
        case Kind::binned:
            return binnedData(bin_[size_t(index.row())], role);
    }
    return {};
}

QVariant SessionTree::projectData(int project, int role) const {
    if (isBin(project))
        return role == Qt::DisplayRole || role == Qt::AccessibleTextRole
                   ? tr("Deleted, kept for 30 days")
                   : QVariant();
    const ProjectRows& rows = projects_[size_t(project)];
    const QString folder = QString::fromStdString(rows.repository);
    const int count = int(rows.sessions.size());
    switch (role) {
        case Qt::DisplayRole:
            return nameOf(folder);
        case kBranchRole:
            return QString::fromStdString(rows.branch);
        case Qt::ToolTipRole:
            return rows.branch.empty()
                       ? folder
                       : tr("%1\nOn branch %2").arg(folder, QString::fromStdString(rows.branch));
        case Qt::AccessibleTextRole:
            return count == 1 ? tr("Project %1, 1 session").arg(nameOf(folder))
                              : tr("Project %1, %n sessions", "", count).arg(nameOf(folder));
        default:
            return {};
    }
}

QString SessionTree::spoken(const SessionRow& row, const QString& title) const {
    const QString state = SessionSign(row.state).word();
    const QString age = SessionAge(row.changedMs, clock_.wallMs()).spoken();
    if (row.isInWorktree)
        return tr("%1, %2, %3, in its own worktree on branch %4", "title, state, age, branch")
            .arg(title, state, age, QString::fromStdString(row.branch));
    return tr("%1, %2, %3", "title, state, age").arg(title, state, age);
}

QVariant SessionTree::sessionData(const SessionRow& row, int role) const {
    const QString title =
        row.title.empty() ? tr("Session without a message") : QString::fromStdString(row.title);
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            return title;
        case Qt::ToolTipRole:
        case Qt::AccessibleTextRole:
            return spoken(row, title);
        case kBranchRole:
            return row.isInWorktree ? QString::fromStdString(row.branch) : QString();
        case kWorktreeRole:
            return row.isInWorktree ? QString::fromStdString(row.repository) : QString();
        case kIdRole:
            return QString::fromStdString(row.id);
        case kStateRole:
            return int(row.state);
        case kChangedRole:
            return qint64(row.changedMs);
        case kUnseenRole:
            return row.isUnseen;
        default:
            return {};
    }
}

QVariant SessionTree::binnedData(const BinnedSession& row, int role) const {
    const QString title = row.title.isEmpty() ? tr("Session without a message") : row.title;
    switch (role) {
        case Qt::DisplayRole:
            return title;
        case Qt::ToolTipRole:
        case Qt::AccessibleTextRole:
            return tr("%1, deleted %2", "title, age")
                .arg(title, SessionAge(row.removedMs, clock_.wallMs()).spoken());
        case kIdRole:
            return row.id;
        case kStateRole:
            return int(SessionState::idle);
        case kChangedRole:
            return qint64(row.removedMs);
        default:
            return {};
    }
}

bool SessionTree::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !index.isValid() || kindOf(index) != Kind::session) return false;
    const QString title = value.toString().simplified();
    if (title == index.data(Qt::EditRole).toString()) return false;
    emit renamed(index.data(kIdRole).toString(), title);
    return true;
}

Qt::ItemFlags SessionTree::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    switch (kindOf(index)) {
        case Kind::project:
        case Kind::bin:
            return Qt::ItemIsEnabled | Qt::ItemIsSelectable;
        case Kind::session:
            return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsEditable |
                   Qt::ItemNeverHasChildren;
        case Kind::binned:
            return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    }
    return Qt::NoItemFlags;
}

}  // namespace moxie::desktop

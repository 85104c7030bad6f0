#include "app/desktop/screens/commit/commit_files.h"

#include <QHeaderView>
#include <QLocale>
#include <QScrollBar>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/changes/spaced_rows.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

enum class RowKind { file, hunk, line };

constexpr int kPathRole = Qt::UserRole, kKindRole = Qt::UserRole + 1;
constexpr int64_t kOpenLinesMax = 200;  // hunks of a file with fewer open with it
constexpr qsizetype kLineCharsMax = 400;
constexpr int kTabSpaces = 4;

QString qtText(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

RowKind kindOf(const QTreeWidgetItem& item) {
    return RowKind(item.data(0, kKindRole).toInt());
}

std::string pathOf(const QTreeWidgetItem& item) {
    return item.data(0, kPathRole).toString().toStdString();
}

// Only what is a change of a file that the last commit has can go in part.
bool canSplit(const CommitFile& file) {
    return file.change.status == 'M' && file.change.oldPath.empty();
}

QString lineText(const std::string& line) {
    QString text = qtText(line);
    while (text.endsWith(QLatin1Char('\n')) || text.endsWith(QLatin1Char('\r')))
        text.chop(1);
    text.replace(QLatin1Char('\t'), QString(kTabSpaces, QLatin1Char(' ')));
    return text.left(kLineCharsMax);
}

Qt::CheckState checkState(bool isTicked) {
    return isTicked ? Qt::Checked : Qt::Unchecked;
}

int64_t linesIn(const CommitPart& part) {
    int64_t n = 0;
    for (const CommitHunk& hunk : part.hunks)
        n += int64_t(hunk.removed.size() + hunk.added.size());
    return n;
}

// Names of files lose their beginning where there is no room, lines of code their end.
class CommitRows final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(0, grid(2));
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (RowKind(index.data(kKindRole).toInt()) != RowKind::file)
            option->textElideMode = Qt::ElideRight;
    }
};

// What the rows below a hunk say: the order in which they were added.
HunkTicks ticksBelow(const QTreeWidgetItem& hunkItem, const CommitHunk& hunk) {
    HunkTicks ticks;
    int row = 0;
    for (size_t i = 0; i < hunk.removed.size(); ++i)
        ticks.removed.push_back(hunkItem.child(row++)->checkState(0) == Qt::Checked);
    for (size_t i = 0; i < hunk.added.size(); ++i)
        ticks.added.push_back(hunkItem.child(row++)->checkState(0) == Qt::Checked);
    return ticks;
}

}  // namespace

CommitFiles::CommitFiles(Appearance& appearance, QWidget* parent)
    : QTreeWidget(parent),
      appearance_(appearance) {
    setColumnCount(3);
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setItemDelegate(new CommitRows(this));
    setFrameShape(QFrame::NoFrame);
    setExpandsOnDoubleClick(false);  // that shows the file
    setTextElideMode(Qt::ElideMiddle);
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(grid(2));
    header()->setSectionResizeMode(0, QHeaderView::Stretch);
    header()->setSectionResizeMode(1, QHeaderView::Fixed);
    header()->setSectionResizeMode(2, QHeaderView::Fixed);
    connect(this, &QTreeWidget::itemChanged, this, &CommitFiles::tellTicksSoon);
    connect(this, &QTreeWidget::itemExpanded, this, &CommitFiles::noteExpanded);
    connect(this, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
        while (item->parent() != nullptr)
            item = item->parent();
        emit fileWanted(item->data(0, kPathRole).toString());
    });
}

void CommitFiles::setFiles(const std::vector<CommitFile>& files) {
    remember();
    // Who staged something wants that; else everything is ticked.
    const bool isStagedOnly = std::any_of(files.begin(), files.end(), [](const CommitFile& file) {
        return file.change.isStaged && file.change.status != 'U';
    });
    std::set<std::string> present;
    for (const CommitFile& file : files) {
        const std::string& path = file.change.path;
        present.insert(path);
        if (known_.contains(path)) continue;
        if (isStagedOnly && !file.change.isStaged) unticked_.insert(path);
        if (file.change.isStaged && file.change.isUnstaged && canSplit(file)) waiting_.insert(path);
    }
    files_ = files;
    known_ = present;
    const auto isGone = [&](const std::string& path) { return !present.contains(path); };
    std::erase_if(unticked_, isGone);
    std::erase_if(waiting_, isGone);
    std::erase_if(split_, [&](const auto& entry) { return isGone(entry.first); });
    fill();
    std::set<std::string> wanted = waiting_;  // an answer may come at once and change it
    for (const auto& [path, split] : split_)
        wanted.insert(path);
    for (const std::string& path : wanted)
        emit hunksWanted(path);
}

void CommitFiles::repaintRows() {
    const Look& look = appearance_.look();
    QPalette quiet = look.palette();
    quiet.setColor(QPalette::Highlight, look.color(Role::accentSoft));
    quiet.setColor(QPalette::HighlightedText, look.color(Role::text));
    setPalette(quiet);
    remember();
    fill();
}

// What the rows say is kept before they go.
void CommitFiles::remember() {
    for (int i = 0; i < topLevelItemCount(); ++i) {
        const QTreeWidgetItem* item = topLevelItem(i);
        const std::string path = pathOf(*item);
        item->checkState(0) == Qt::Unchecked ? void(unticked_.insert(path))
                                             : void(unticked_.erase(path));
        const auto split = split_.find(path);
        if (split == split_.end()) continue;
        split->second.isOpen = item->isExpanded();
        for (int hunk = 0; hunk < item->childCount(); ++hunk)
            split->second.part.ticks[size_t(hunk)] =
                ticksBelow(*item->child(hunk), split->second.part.hunks[size_t(hunk)]);
    }
}

void CommitFiles::fill() {
    const std::string current = currentItem() != nullptr ? pathOf(*currentItem()) : std::string();
    const int scroll = verticalScrollBar()->value();
    isFilling_ = true;
    clear();
    for (const CommitFile& file : files_) {
        QTreeWidgetItem* item = addFile(file);
        if (const auto split = split_.find(file.change.path); split != split_.end())
            addHunks(*item, split->second);
    }
    sizeCounts();
    if (QTreeWidgetItem* item = itemOf(current)) setCurrentItem(item);
    verticalScrollBar()->setValue(scroll);
    isFilling_ = false;
    tellTicksSoon();
}

QTreeWidgetItem* CommitFiles::addFile(const CommitFile& file) {
    const std::string& path = file.change.path;
    auto* item = new QTreeWidgetItem(this);
    QString name = qtText(path);
    if (!file.change.oldPath.empty())
        name = tr("%1, was %2", "a renamed file").arg(name, qtText(file.change.oldPath));
    const QChar status = QLatin1Char(file.change.status == '?' ? 'A' : file.change.status);
    item->setText(0, status + QStringLiteral("  ") + name);
    const bool isInPart = file.change.isStaged && file.change.isUnstaged;
    item->setToolTip(
        0, isInPart && canSplit(file) ? tr("Staged in part: what is staged is ticked.") : name);
    setCounts(*item, file.nAdded, file.nRemoved);
    item->setData(0, kPathRole, qtText(path));
    item->setData(0, kKindRole, int(RowKind::file));
    item->setData(0, Qt::AccessibleTextRole,
                  tr("%1, %2 added, %3 removed").arg(name).arg(file.nAdded).arg(file.nRemoved));
    item->setCheckState(0, checkState(!unticked_.contains(path)));
    if (canSplit(file)) item->setChildIndicatorPolicy(QTreeWidgetItem::ShowIndicator);
    return item;
}

void CommitFiles::setCounts(QTreeWidgetItem& item, int64_t nAdded, int64_t nRemoved) {
    const Look& look = appearance_.look();
    const QLocale locale;
    item.setText(1, QLatin1Char('+') + locale.toString(qlonglong(nAdded)));
    item.setText(2, QChar(0x2212) + locale.toString(qlonglong(nRemoved)));
    item.setForeground(1, look.color(nAdded > 0 ? Role::success : Role::textMuted));
    item.setForeground(2, look.color(nRemoved > 0 ? Role::error : Role::textMuted));
    for (const int column : {1, 2})
        item.setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
}

void CommitFiles::sizeCounts() {
    int widest = 1;
    for (int i = 0; i < topLevelItemCount(); ++i)
        for (const int column : {1, 2})
            widest = std::max(widest, int(topLevelItem(i)->text(column).size()));
    const int width = QFontMetrics(font()).horizontalAdvance(QString(widest, QLatin1Char('8')));
    header()->resizeSection(1, width + grid(3));
    header()->resizeSection(2, width + grid(3));
}

void CommitFiles::addHunks(QTreeWidgetItem& file, const Split& split) {
    const Look& look = appearance_.look();
    const bool isShort = linesIn(split.part) <= kOpenLinesMax;
    for (size_t i = 0; i < split.part.hunks.size(); ++i) {
        const CommitHunk& hunk = split.part.hunks[i];
        auto* item = new QTreeWidgetItem(&file);
        const int64_t first = hunk.at.newBegin + 1, last = hunk.at.newEnd;
        const QString place = last < first    ? tr("After line %1").arg(last)
                              : last == first ? tr("Line %1").arg(first)
                                              : tr("Lines %1 to %2").arg(first).arg(last);
        item->setText(0, place);
        item->setForeground(0, look.color(Role::textMuted));
        item->setData(0, kPathRole, file.data(0, kPathRole));
        item->setData(0, kKindRole, int(RowKind::hunk));
        setCounts(*item, int64_t(hunk.added.size()), int64_t(hunk.removed.size()));
        item->setData(0, Qt::AccessibleTextRole,
                      tr("%1, %2 added, %3 removed")
                          .arg(place)
                          .arg(hunk.added.size())
                          .arg(hunk.removed.size()));
        addLines(*item, hunk, split.part.ticks[i]);
        item->setFlags(item->flags() | Qt::ItemIsAutoTristate);
        item->setExpanded(isShort);
    }
    file.setFlags(file.flags() | Qt::ItemIsAutoTristate);
    if (!split.part.path.empty() && split.part.hunks.empty())
        file.setChildIndicatorPolicy(QTreeWidgetItem::DontShowIndicator);
    file.setExpanded(split.isOpen);
}

void CommitFiles::addLines(QTreeWidgetItem& hunkItem, const CommitHunk& hunk,
                           const HunkTicks& ticks) {
    const Look& look = appearance_.look();
    const QFont font = look.font(TextRole::code);
    const auto add = [&](const std::string& line, bool isAdded, bool isTicked) {
        auto* item = new QTreeWidgetItem(&hunkItem);
        const QString text = lineText(line);
        item->setText(0, (isAdded ? QLatin1Char('+') : QChar(0x2212)) + QLatin1Char(' ') + text);
        item->setFont(0, font);
        item->setBackground(0, look.color(isAdded ? Role::addedRow : Role::removedRow));
        item->setData(0, kPathRole, hunkItem.data(0, kPathRole));
        item->setData(0, kKindRole, int(RowKind::line));
        item->setData(0, Qt::AccessibleTextRole,
                      isAdded ? tr("Added: %1").arg(text) : tr("Removed: %1").arg(text));
        item->setCheckState(0, checkState(isTicked));
        item->setFlags(item->flags() | Qt::ItemNeverHasChildren);
        item->setFirstColumnSpanned(true);
    };
    for (size_t i = 0; i < hunk.removed.size(); ++i)
        add(hunk.removed[i], false, ticks.removed[i]);
    for (size_t i = 0; i < hunk.added.size(); ++i)
        add(hunk.added[i], true, ticks.added[i]);
}

QTreeWidgetItem* CommitFiles::itemOf(const std::string& path) const {
    for (int i = 0; i < topLevelItemCount(); ++i)
        if (pathOf(*topLevelItem(i)) == path) return topLevelItem(i);
    return nullptr;
}

void CommitFiles::noteExpanded(QTreeWidgetItem* item) {
    if (isFilling_ || kindOf(*item) != RowKind::file || item->childCount() > 0) return;
    split_[pathOf(*item)].isOpen = true;
    emit hunksWanted(pathOf(*item));
}

void CommitFiles::showHunks(const CommitHunks& found) {
    const std::string& path = found.part.path;
    QTreeWidgetItem* item = itemOf(path);
    if (item == nullptr) return;
    remember();
    const bool wasWaiting = waiting_.erase(path) > 0;
    if (!found.problem.empty()) {
        split_.erase(path);
        isFilling_ = true;
        qDeleteAll(item->takeChildren());
        item->setCheckState(0, checkState(!unticked_.contains(path)));
        isFilling_ = false;
        item->setChildIndicatorPolicy(QTreeWidgetItem::DontShowIndicator);
        item->setToolTip(0, tr("Goes as a whole: %1").arg(qtText(found.problem)));
        return tellTicksSoon();
    }
    Split& split = split_[path];
    const bool isFirst = split.part.path.empty();
    if (!isFirst && split.part.hunks == found.part.hunks) return tellTicksSoon();
    const Tick tick = unticked_.contains(path) ? Tick::off : Tick::on;
    CommitPart now = found.part;
    if (!isFirst)
        now.ticks = carriedTicks(split.part, now.hunks, tick);
    else if (!wasWaiting)
        now.ticks = carriedTicks({}, now.hunks, tick);
    split.part = std::move(now);
    const int scroll = verticalScrollBar()->value();
    isFilling_ = true;
    qDeleteAll(item->takeChildren());
    addHunks(*item, split);
    isFilling_ = false;
    verticalScrollBar()->setValue(scroll);
    tellTicksSoon();
}

void CommitFiles::tickAll(Tick tick) {
    for (int i = 0; i < topLevelItemCount(); ++i)
        topLevelItem(i)->setCheckState(0, checkState(tick == Tick::on));
}

CommitFiles::Ticks CommitFiles::ticks() const {
    Ticks ticks;
    ticks.isWaiting = !waiting_.empty();
    for (int i = 0; i < topLevelItemCount(); ++i) {
        const QTreeWidgetItem* item = topLevelItem(i);
        const CommitFile& file = files_[size_t(i)];
        ++ticks.nFiles;
        if (item->checkState(0) == Qt::Unchecked) continue;
        ++ticks.nTicked;
        if (item->checkState(0) == Qt::Checked) {
            ticks.whole.push_back(file.change.path);
            if (!file.change.oldPath.empty()) ticks.whole.push_back(file.change.oldPath);
            continue;
        }
        CommitPart part = split_.at(file.change.path).part;
        for (int hunk = 0; hunk < item->childCount(); ++hunk)
            part.ticks[size_t(hunk)] = ticksBelow(*item->child(hunk), part.hunks[size_t(hunk)]);
        ticks.parts.push_back(std::move(part));
    }
    return ticks;
}

// One tick of a file changes many rows.
void CommitFiles::tellTicksSoon() {
    if (isFilling_ || std::exchange(isTelling_, true)) return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            isTelling_ = false;
            emit ticksChanged();
        },
        Qt::QueuedConnection);
}

}  // namespace moxie::desktop

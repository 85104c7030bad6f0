#include "app/desktop/screens/changes/file_list.h"

#include <QEvent>
#include <QHeaderView>
#include <QSignalBlocker>
#include <algorithm>

#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/spaced_rows.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kPathRole = Qt::UserRole;  // of a file; a folder has none
constexpr int kName = 0, kAdded = 1, kRemoved = 2;

}  // namespace

FileList::FileList(const DiffSource& source, Appearance& appearance, QWidget* parent)
    : QTreeWidget(parent),
      source_(source),
      appearance_(appearance) {
    setObjectName(QStringLiteral("changes.files"));
    setColumnCount(3);
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setItemDelegate(new SpacedRows(this));
    setRootIsDecorated(false);
    setIndentation(grid(4));
    setFrameShape(QFrame::NoFrame);
    setTextElideMode(Qt::ElideMiddle);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(grid(2));
    header()->setSectionResizeMode(kName, QHeaderView::Stretch);
    header()->setSectionResizeMode(kAdded, QHeaderView::Fixed);
    header()->setSectionResizeMode(kRemoved, QHeaderView::Fixed);
    connect(this, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (const auto file = indices_.find(item); file != indices_.end())
            emit fileChosen(file->second);
    });
    connect(this, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item, int column) {
        if (column == kName && indices_.contains(item))
            emit reviewedChanged(item->data(kName, kPathRole).toString(),
                                 item->checkState(kName) == Qt::Checked);
    });
    connect(&appearance_, &Appearance::changed, this, &FileList::reloadAll);
    retranslate();
}

void FileList::setShape(Shape shape) {
    if (shape == shape_) return;
    shape_ = shape;
    shownPaths_.clear();
    reload();
}

// Nullptr for the root.
QTreeWidgetItem* FileList::folderItem(const QString& folder, QList<QTreeWidgetItem*>& top) {
    if (folder.isEmpty()) return nullptr;
    if (const auto known = folders_.find(folder); known != folders_.end()) return known->second;
    const qsizetype slash = folder.lastIndexOf(QLatin1Char('/'));
    auto* item = new QTreeWidgetItem({folder.mid(slash + 1) + QLatin1Char('/')});
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    addBelow(folderItem(slash < 0 ? QString() : folder.left(slash), top), item, top);
    folders_[folder] = item;
    return item;
}

void FileList::addBelow(QTreeWidgetItem* folder, QTreeWidgetItem* item,
                        QList<QTreeWidgetItem*>& top) {
    if (folder == nullptr)
        top << item;
    else
        folder->addChild(item);
}

void FileList::fill(QTreeWidgetItem& item, int64_t index) {
    const ReviewedFile& file = source_.file(index);
    const Look& look = appearance_.look();
    const QString path = QString::fromStdString(file.review.path);
    const QString name = shape_ == Shape::flat ? path : path.section(QLatin1Char('/'), -1);
    const QChar status = DiffSource::statusOf(file);
    const QLocale locale;
    item.setText(kName, status + QStringLiteral("  ") + name);
    item.setToolTip(kName, path);
    const bool hasLines = file.nAdded + file.nRemoved > 0;
    item.setText(kAdded,
                 hasLines ? QLatin1Char('+') + locale.toString(qlonglong(file.nAdded)) : QString());
    item.setText(kRemoved,
                 hasLines ? QChar(0x2212) + locale.toString(qlonglong(file.nRemoved)) : QString());
    item.setTextAlignment(kAdded, Qt::AlignRight | Qt::AlignVCenter);
    item.setTextAlignment(kRemoved, Qt::AlignRight | Qt::AlignVCenter);
    item.setForeground(kAdded, look.color(file.nAdded > 0 ? Role::success : Role::textMuted));
    item.setForeground(kRemoved, look.color(file.nRemoved > 0 ? Role::error : Role::textMuted));
    const bool isReviewed = source_.isReviewed(file.review.path);
    item.setForeground(kName, look.color(isReviewed ? Role::textMuted : Role::text));
    item.setCheckState(kName, isReviewed ? Qt::Checked : Qt::Unchecked);
    item.setData(kName, kPathRole, path);
    item.setData(
        kName, Qt::AccessibleTextRole,
        isReviewed
            ? tr("%1, %2 added, %3 removed, reviewed").arg(path).arg(file.nAdded).arg(file.nRemoved)
            : tr("%1, %2 added, %3 removed").arg(path).arg(file.nAdded).arg(file.nRemoved));
}

void FileList::reload() {
    const QSignalBlocker quiet(this);
    std::vector<QString> paths;
    for (const auto& file : source_.snapshot().files)
        paths.push_back(QString::fromStdString(file->review.path));
    const bool isSame = dropGone(paths);
    const QList<QTreeWidgetItem*> top = isSame ? QList<QTreeWidgetItem*>() : makeItems(paths);
    shownPaths_ = std::move(paths);
    indices_.clear();
    for (size_t i = 0; i < items_.size(); ++i) {
        indices_[items_[i]] = int64_t(i);
        fillIfNew(int64_t(i));
    }
    if (!isSame) showItems(top);
    fitColumns();
}

// In no view yet, so that filling thousands of them tells nobody.
QList<QTreeWidgetItem*> FileList::makeItems(const std::vector<QString>& paths) {
    clear();
    folders_.clear();
    items_.clear();
    filled_.assign(paths.size(), {});
    QList<QTreeWidgetItem*> top;
    for (const QString& path : paths) {
        const qsizetype slash = path.lastIndexOf(QLatin1Char('/'));
        const bool isFlat = shape_ == Shape::flat || slash < 0;
        items_.push_back(new QTreeWidgetItem);
        addBelow(folderItem(isFlat ? QString() : path.left(slash), top), items_.back(), top);
    }
    return top;
}

void FileList::showItems(const QList<QTreeWidgetItem*>& top) {
    setRootIsDecorated(shape_ == Shape::tree);
    addTopLevelItems(top);
    for (const auto& [path, item] : folders_)
        item->setExpanded(true);
}

// Files leave one by one as they are decided: the others keep their items. False: some are new.
bool FileList::dropGone(const std::vector<QString>& paths) {
    std::vector<size_t> kept;
    for (size_t i = 0; i < shownPaths_.size() && kept.size() < paths.size(); ++i)
        if (shownPaths_[i] == paths[kept.size()]) kept.push_back(i);
    if (kept.size() < paths.size() || shownPaths_.empty()) return false;
    std::vector<QTreeWidgetItem*> items;
    std::vector<Filled> filled;
    for (size_t i = 0; i < shownPaths_.size(); ++i) {
        if (items.size() < kept.size() && kept[items.size()] == i) {
            items.push_back(items_[i]);
            filled.push_back(std::move(filled_[i]));
        } else {
            dropItem(items_[i]);
        }
    }
    items_ = std::move(items);
    filled_ = std::move(filled);
    return true;
}

// With the folders that are empty then.
void FileList::dropItem(QTreeWidgetItem* item) {
    while (item != nullptr && item->childCount() == 0) {
        QTreeWidgetItem* parent = item->parent();
        std::erase_if(folders_, [item](const auto& known) { return known.second == item; });
        delete item;
        item = parent;
    }
}

void FileList::reloadAll() {
    filled_.assign(items_.size(), {});
    reload();
}

void FileList::fillIfNew(int64_t index) {
    const auto& file = source_.snapshot().files[size_t(index)];
    const Filled now = {file, source_.isReviewed(file->review.path)};
    Filled& known = filled_[size_t(index)];
    if (known.file == now.file && known.isReviewed == now.isReviewed) return;
    known = now;
    fill(*items_[size_t(index)], index);
}

void FileList::fitColumns() {
    const QFontMetrics metrics(font());
    for (const int column : {kAdded, kRemoved}) {
        int width = 0;
        for (const QTreeWidgetItem* item : items_)
            width = std::max(width, int(item->text(column).size()));
        header()->resizeSection(
            column, metrics.horizontalAdvance(QString(width, QLatin1Char('8'))) + grid(3));
    }
}

void FileList::showCurrent(int64_t file) {
    if (file < 0 || file >= int64_t(items_.size()) || currentItem() == items_[size_t(file)]) return;
    const QSignalBlocker quiet(this);
    setCurrentItem(items_[size_t(file)]);
}

void FileList::retranslate() {
    setAccessibleName(tr("Changed files"));
}

void FileList::changeEvent(QEvent* event) {
    QTreeWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        reloadAll();
    }
    if (event->type() == QEvent::FontChange) fitColumns();
}

}  // namespace moxie::desktop

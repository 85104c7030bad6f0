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

constexpr int kFileRole = Qt::UserRole, kPathRole = Qt::UserRole + 1;
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
    setTextElideMode(Qt::ElideLeft);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(grid(2));
    header()->setSectionResizeMode(kName, QHeaderView::Stretch);
    header()->setSectionResizeMode(kAdded, QHeaderView::Fixed);
    header()->setSectionResizeMode(kRemoved, QHeaderView::Fixed);
    connect(this, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (item != nullptr && item->data(kName, kFileRole).isValid())
            emit fileChosen(item->data(kName, kFileRole).toLongLong());
    });
    connect(this, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item, int column) {
        if (column == kName && item->data(kName, kFileRole).isValid())
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

QTreeWidgetItem* FileList::folderItem(const QString& folder) {
    if (folder.isEmpty()) return invisibleRootItem();
    if (const auto known = folders_.find(folder); known != folders_.end()) return known->second;
    const qsizetype slash = folder.lastIndexOf(QLatin1Char('/'));
    QTreeWidgetItem* parent = folderItem(slash < 0 ? QString() : folder.left(slash));
    auto* item = new QTreeWidgetItem(parent, {folder.mid(slash + 1) + QLatin1Char('/')});
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    item->setExpanded(true);
    folders_[folder] = item;
    return item;
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
    item.setData(kName, kFileRole, qlonglong(index));
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
    const auto nFiles = int64_t(source_.snapshot().files.size());
    for (int64_t i = 0; i < nFiles; ++i)
        paths.push_back(QString::fromStdString(source_.file(i).review.path));
    if (paths != shownPaths_) {
        clear();
        folders_.clear();
        items_.clear();
        filled_.clear();
        setRootIsDecorated(shape_ == Shape::tree);
        for (int64_t i = 0; i < nFiles; ++i) {
            const QString& path = paths[size_t(i)];
            const qsizetype slash = path.lastIndexOf(QLatin1Char('/'));
            QTreeWidgetItem* parent =
                folderItem(shape_ == Shape::flat || slash < 0 ? QString() : path.left(slash));
            items_[i] = new QTreeWidgetItem(parent);
        }
        shownPaths_ = std::move(paths);
    }
    for (const auto& [index, item] : items_)
        fillIfNew(*item, index);
    fitColumns();
}

void FileList::reloadAll() {
    filled_.clear();
    reload();
}

void FileList::fillIfNew(QTreeWidgetItem& item, int64_t index) {
    const auto& file = source_.snapshot().files[size_t(index)];
    const Filled now = {file, source_.isReviewed(file->review.path)};
    Filled& known = filled_[index];
    if (known.file == now.file && known.isReviewed == now.isReviewed) return;
    known = now;
    fill(item, index);
}

void FileList::fitColumns() {
    const QFontMetrics metrics(font());
    for (const int column : {kAdded, kRemoved}) {
        int width = 0;
        for (const auto& [index, item] : items_)
            width = std::max(width, int(item->text(column).size()));
        header()->resizeSection(
            column, metrics.horizontalAdvance(QString(width, QLatin1Char('8'))) + grid(3));
    }
}

void FileList::showCurrent(int64_t file) {
    const auto known = items_.find(file);
    if (known == items_.end() || currentItem() == known->second) return;
    const QSignalBlocker quiet(this);
    setCurrentItem(known->second);
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

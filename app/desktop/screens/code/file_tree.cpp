#include "app/desktop/screens/code/file_tree.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/shell/clear_button.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

// Rows with air around the text.
class TreeRows final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(0, grid(2));
    }
};

constexpr int kName = 0, kLetter = 1;
constexpr int kPathRole = Qt::UserRole, kFolderRole = Qt::UserRole + 1,
              kReadRole = Qt::UserRole + 2, kBytesRole = Qt::UserRole + 3;

QString childPath(const QString& folder, const QString& name) {
    return folder.isEmpty() ? name : folder + QLatin1Char('/') + name;
}

QString pathOf(const QTreeWidgetItem& item) {
    return item.data(kName, kPathRole).toString();
}

bool isFolder(const QTreeWidgetItem& item) {
    return item.data(kName, kFolderRole).toBool();
}

Role roleOfLetter(QChar letter) {
    if (letter == QLatin1Char('A') || letter == QLatin1Char('?')) return Role::success;
    if (letter == QLatin1Char('D') || letter == QLatin1Char('U')) return Role::error;
    return Role::warning;
}

}  // namespace

FileTree::FileTree(CodeModel& model, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      title_(new QLabel(this)),
      close_(new QToolButton(this)),
      filter_(new QLineEdit(this)),
      tree_(new QTreeWidget(this)),
      found_(new CodeList(appearance, this)),
      sentence_(new QLabel(this)),
      asking_(std::make_unique<QObject>()) {
    setObjectName(QStringLiteral("code.files"));
    title_->setObjectName(QStringLiteral("code.files.title"));
    close_->setObjectName(QStringLiteral("code.files.close"));
    filter_->setObjectName(QStringLiteral("code.files.filter"));
    tree_->setObjectName(QStringLiteral("code.files.tree"));
    found_->setObjectName(QStringLiteral("code.files.found"));
    sentence_->setObjectName(QStringLiteral("code.files.sentence"));
    layOut();
    wire();
    applyLook();
    retranslate();
}

FileTree::~FileTree() = default;

void FileTree::layOut() {
    close_->setText(QChar(0x00D7));
    close_->setAutoRaise(true);
    addClearButton(*filter_);
    tree_->setColumnCount(2);
    tree_->setHeaderHidden(true);
    tree_->setUniformRowHeights(true);
    tree_->setItemDelegate(new TreeRows(tree_));
    tree_->setIndentation(grid(4));
    tree_->setFrameShape(QFrame::NoFrame);
    tree_->header()->setStretchLastSection(false);
    tree_->header()->setMinimumSectionSize(grid(4));
    tree_->header()->setSectionResizeMode(kName, QHeaderView::Stretch);
    tree_->header()->setSectionResizeMode(kLetter, QHeaderView::Fixed);
    found_->setAddButton(CodeList::AddButton::underMouse);
    sentence_->setForegroundRole(QPalette::PlaceholderText);
    sentence_->setAlignment(Qt::AlignCenter);
    sentence_->setWordWrap(true);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(grid(3), grid(1), grid(1), 0);
    head->addWidget(title_, 1);
    head->addWidget(close_);
    auto* search = new QHBoxLayout;
    search->setContentsMargins(grid(2), grid(1), grid(2), grid(2));
    search->addWidget(filter_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 1, 0);  // the line that parts it from the text
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addLayout(search);
    for (QWidget* widget : {static_cast<QWidget*>(tree_), static_cast<QWidget*>(found_),
                            static_cast<QWidget*>(sentence_)})
        layout->addWidget(widget, 1);
}

void FileTree::wire() {
    connect(close_, &QToolButton::clicked, this, &FileTree::closeWanted);
    connect(filter_, &QLineEdit::textChanged, this, &FileTree::find);
    connect(found_, &CodeList::placeWanted, this, &FileTree::placeWanted);
    connect(found_, &CodeList::addToMessage, this, &FileTree::addToMessage);
    connect(found_, &CodeList::editorWanted, this, &FileTree::editorWanted);
    connect(tree_, &QTreeWidget::itemExpanded, this, [this](QTreeWidgetItem* item) {
        open_.insert(pathOf(*item));
        if (!item->data(kName, kReadRole).toBool()) readFolder(pathOf(*item));
    });
    connect(tree_, &QTreeWidget::itemCollapsed, this,
            [this](QTreeWidgetItem* item) { open_.erase(pathOf(*item)); });
    connect(tree_, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem* item) {
        if (isFolder(*item)) item->setExpanded(!item->isExpanded());
        if (!isFolder(*item) && !pathOf(*item).isEmpty())
            emit placeWanted({.path = pathOf(*item), .line = 1});
    });
    for (QWidget* widget : {static_cast<QWidget*>(filter_), static_cast<QWidget*>(tree_),
                            static_cast<QWidget*>(found_)})
        widget->installEventFilter(this);
    connect(&model_, &CodeModel::stateChanged, this, &FileTree::takeState);
    connect(&model_, &CodeModel::indexChanged, this, [this] {
        const IndexState& index = model_.index();
        const bool isNew = index.stats.generation != generation_;
        if (isVisible() && (isNew || index.phase == IndexState::Phase::current)) readAgain();
    });
    connect(&appearance_, &Appearance::changed, this, &FileTree::applyLook);
}

// ---- texts and looks

void FileTree::retranslate() {
    title_->setText(tr("Files"));
    close_->setAccessibleName(tr("Close the list of files"));
    close_->setToolTip(tr("Close the list of files"));
    filter_->setPlaceholderText(tr("Find a file…"));
    filter_->setAccessibleName(tr("Find a file in all folders"));
    tree_->setAccessibleName(tr("Files of the repository"));
    found_->setAccessibleName(tr("Files that fit"));
}

void FileTree::applyLook() {
    const Look& look = appearance_.look();
    QFont bold = look.font(TextRole::body);
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    const QFontMetrics metrics(look.font(TextRole::body));
    tree_->header()->resizeSection(kLetter, metrics.horizontalAdvance(QLatin1Char('M')) + grid(4));
    showLetters();
    update();
}

void FileTree::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    retranslate();
    generation_ = -1;
    if (isVisible()) takeState();
}

void FileTree::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(width() - 1, 0, width() - 1, height());
}

void FileTree::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    takeState();
}

// ---- reading

void FileTree::takeState() {
    if (!isVisible()) return;
    switch (model_.state()) {
        case CodeModel::State::empty:
            return showSentence(tr("No repository is open."));
        case CodeModel::State::loading:
            return showSentence(tr("The files are being read…"));
        case CodeModel::State::error:
            return showSentence(tr("The index cannot be read: %1").arg(model_.errorText()));
        case CodeModel::State::ready:
            break;
    }
    showSentence({});
    readAgain();
}

void FileTree::readAgain() {
    if (model_.state() != CodeModel::State::ready) return;
    generation_ = model_.index().stats.generation;
    asking_ = std::make_unique<QObject>();
    readFolder({});
    for (const QString& path : open_)
        if (items_.contains(path)) readFolder(path);
    auto* asker = new QObject(asking_.get());
    model_.changedPaths(*asker, [this](const ChangedPaths& changed) {
        changed_ = changed;
        changedFolders_.clear();
        for (const auto& [path, letter] : changed_)
            for (qsizetype slash = path.lastIndexOf(QLatin1Char('/')); slash > 0;
                 slash = path.lastIndexOf(QLatin1Char('/'), slash - 1))
                changedFolders_.insert(path.left(slash));
        showLetters();
    });
}

void FileTree::readFolder(const QString& path) {
    auto* asker = new QObject(asking_.get());
    model_.folder(path, *asker, [this, path, asker](const FolderListing& listing) {
        asker->deleteLater();
        fill(path, listing);
    });
}

QTreeWidgetItem* FileTree::itemFor(const QString& folder, const FolderListing::Entry& entry) {
    const QString path = childPath(folder, entry.name);
    if (const auto known = items_.find(path);
        known != items_.end() && isFolder(*known->second) == entry.isFolder)
        return known->second;
    auto* item = new QTreeWidgetItem({entry.name});
    item->setData(kName, kPathRole, path);
    item->setData(kName, kFolderRole, entry.isFolder);
    item->setData(kName, kBytesRole, qlonglong(entry.bytes));
    if (entry.isFolder) item->setChildIndicatorPolicy(QTreeWidgetItem::ShowIndicator);
    item->setTextAlignment(kLetter, Qt::AlignCenter);
    item->setToolTip(kName, entry.isFolder ? path
                                           : path + QStringLiteral(" · ") +
                                                 CodeRows::price(aboutTokens(entry.bytes)));
    items_[path] = item;
    return item;
}

void FileTree::noteLeftOut(QTreeWidgetItem& folder, int64_t nLeftOut) {
    if (nLeftOut == 0) return;
    auto* item = new QTreeWidgetItem(
        {tr("%n more: type letters above", "files of a large folder", int(nLeftOut))});
    item->setFlags(Qt::NoItemFlags);
    folder.addChild(item);
}

// Items that are there still keep what is below them.
void FileTree::fill(const QString& path, const FolderListing& listing) {
    QTreeWidgetItem* folder = tree_->invisibleRootItem();
    if (!path.isEmpty()) {
        const auto known = items_.find(path);
        if (known == items_.end()) return;
        folder = known->second;
    }
    const QSignalBlocker quiet(tree_);
    const QString current = tree_->currentItem() ? pathOf(*tree_->currentItem()) : QString();
    folder->setData(kName, kReadRole, true);
    const QList<QTreeWidgetItem*> before = folder->takeChildren();
    QList<QTreeWidgetItem*> after;
    for (const FolderListing::Entry& entry : listing.entries)
        after << itemFor(path, entry);
    folder->addChildren(after);
    noteLeftOut(*folder, listing.nLeftOut);
    const std::set<QTreeWidgetItem*> kept(after.begin(), after.end());
    for (QTreeWidgetItem* gone : before) {
        if (kept.contains(gone)) continue;
        const QString below = pathOf(*gone) + QLatin1Char('/');
        std::erase_if(items_, [&](const auto& known) {
            return known.second == gone || known.first.startsWith(below);
        });
        delete gone;
    }
    for (QTreeWidgetItem* item : after) {
        restoreOpen(*item);
        showLetter(*item);
    }
    if (const auto known = items_.find(current); known != items_.end())
        tree_->setCurrentItem(known->second);
    else if (tree_->currentItem() == nullptr && tree_->topLevelItemCount() > 0)
        tree_->setCurrentItem(tree_->topLevelItem(0));
    revealWanted();
}

// Taking an item out of the tree closes it.
void FileTree::restoreOpen(QTreeWidgetItem& item) {
    if (!isFolder(item) || !open_.contains(pathOf(item))) return;
    item.setExpanded(true);
    if (!item.data(kName, kReadRole).toBool()) readFolder(pathOf(item));
    for (int i = 0; i < item.childCount(); ++i)
        restoreOpen(*item.child(i));
}

void FileTree::showFile(const QString& path) {
    wanted_ = path;
    revealWanted();
}

void FileTree::revealWanted() {
    if (wanted_.isEmpty()) return;
    for (qsizetype slash = wanted_.indexOf(QLatin1Char('/')); slash > 0;
         slash = wanted_.indexOf(QLatin1Char('/'), slash + 1)) {
        const auto folder = items_.find(wanted_.left(slash));
        if (folder == items_.end()) return;
        const bool isRead = folder->second->data(kName, kReadRole).toBool();
        const QSignalBlocker quiet(tree_);
        folder->second->setExpanded(true);
        if (open_.insert(folder->first).second && !isRead) readFolder(folder->first);
        if (!isRead) return;  // it goes on when the answer is there
    }
    const auto file = items_.find(wanted_);
    if (file == items_.end()) return;
    tree_->setCurrentItem(file->second);
    tree_->scrollToItem(file->second);
    wanted_.clear();
}

// ---- what differs from the last commit

void FileTree::showLetters() {
    for (const auto& [path, item] : items_)
        showLetter(*item);
}

void FileTree::showLetter(QTreeWidgetItem& item) {
    const QString path = pathOf(item);
    const auto known = changed_.find(path);
    const bool isChanged = known != changed_.end();
    const bool hasChanged = isFolder(item) && changedFolders_.contains(path);
    const QChar letter = isChanged ? known->second : QChar(0x2022);
    item.setText(kLetter, isChanged || hasChanged ? QString(letter) : QString());
    const Look& look = appearance_.look();
    item.setForeground(kLetter, look.color(isChanged ? roleOfLetter(letter) : Role::textMuted));
    const QString name = item.text(kName);
    item.setData(kName, Qt::AccessibleTextRole,
                 isChanged        ? tr("%1, git: %2", "name, letter").arg(name, QString(letter))
                 : hasChanged     ? tr("folder %1, with changes").arg(name)
                 : isFolder(item) ? tr("folder %1").arg(name)
                                  : name);
}

// ---- finding

void FileTree::find() {
    const QString typed = filter_->text().trimmed();
    if (typed.isEmpty()) return takeState();
    CodeQuery query = parseCodeQuery(typed);
    query.scope = CodeScope::files;
    model_.find(query, *this, [this, typed](const CodeHits& found) {
        if (filter_->text().trimmed() != typed) return;
        if (found.hits.empty()) return showSentence(tr("No file is called “%1”.").arg(typed));
        std::vector<CodeRow> rows;
        for (const CodeHit& hit : found.hits)
            rows.push_back(CodeRows::of(hit));
        found_->setRows(std::move(rows));
        showSentence({});
    });
}

// Without one, the tree or what was found.
void FileTree::showSentence(const QString& sentence) {
    const bool isFinding = !filter_->text().trimmed().isEmpty();
    sentence_->setText(sentence);
    sentence_->setVisible(!sentence.isEmpty());
    tree_->setVisible(sentence.isEmpty() && !isFinding);
    found_->setVisible(sentence.isEmpty() && isFinding);
}

// ---- keys

void FileTree::focusFiles() {
    if (tree_->isVisibleTo(this))
        tree_->setFocus(Qt::OtherFocusReason);
    else
        filter_->setFocus(Qt::OtherFocusReason);
}

bool FileTree::handleKey(QObject* watched, int key, Qt::KeyboardModifiers modifiers) {
    const bool isEnter = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (key == Qt::Key_Escape) {
        if (filter_->text().isEmpty()) return emit closeWanted(), true;
        filter_->clear();
        return filter_->setFocus(), true;
    }
    if (watched == filter_) {
        if (key == Qt::Key_Down) {
            QWidget* list = found_->isVisible() ? static_cast<QWidget*>(found_) : tree_;
            return list->setFocus(Qt::OtherFocusReason), true;
        }
        if (isEnter && found_->isVisible()) return found_->openCurrent(), true;
        return false;
    }
    QTreeWidgetItem* item = tree_->currentItem();
    if (watched != tree_ || !isEnter || item == nullptr || pathOf(*item).isEmpty()) return false;
    if (modifiers.testFlag(Qt::ShiftModifier))
        return emit addToMessage(referenceTo(pathOf(*item), 0, 0)), true;
    if (!isFolder(*item) && modifiers.testFlag(Qt::ControlModifier))
        return emit editorWanted(pathOf(*item), 1, 0), true;
    if (isFolder(*item)) return item->setExpanded(!item->isExpanded()), true;
    return emit placeWanted({.path = pathOf(*item), .line = 1}), true;
}

bool FileTree::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    return handleKey(watched, key->key(), key->modifiers()) || QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

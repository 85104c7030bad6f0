#include "app/desktop/screens/code/code_list.h"

#include <QAbstractListModel>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kButtonPart = 3;  // the button takes no more than such a part of a row

}

class CodeList::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    void fill(std::vector<CodeRow> rows) {
        beginResetModel();
        rows_ = std::move(rows);
        endResetModel();
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(rows_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid() || size_t(index.row()) >= rows_.size()) return {};
        const CodeRow& row = rows_[size_t(index.row())];
        if (role == Qt::DisplayRole) return row.title;
        if (role == Qt::AccessibleTextRole) return row.spoken;
        if (role == Qt::ToolTipRole && !row.target.path.isEmpty())
            return row.reference.mid(1);  // without the '@'
        return {};
    }

    Qt::ItemFlags flags(const QModelIndex& index) const override {
        const bool isHeading = index.isValid() && size_t(index.row()) < rows_.size() &&
                               rows_[size_t(index.row())].look == CodeRow::Look::heading;
        return isHeading ? Qt::ItemFlags(Qt::NoItemFlags) : QAbstractListModel::flags(index);
    }

    const std::vector<CodeRow>& rows() const { return rows_; }

private:
    std::vector<CodeRow> rows_;
};

class CodeList::Painter final : public QStyledItemDelegate {
public:
    Painter(CodeList& list, Appearance& appearance)
        : QStyledItemDelegate(&list),
          list_(list),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        const CodeRow* row = list_.rowAt(index);
        if (!row) return {};
        const Look& look = appearance_.look();
        const int height = QFontMetrics(look.font(TextRole::body)).height();
        if (row->look == CodeRow::Look::heading) return {0, height + grid(4)};
        const auto lines =
            row->snippet.isEmpty() ? 0 : int(row->snippet.count(QLatin1Char('\n'))) + 1;
        const int code = QFontMetrics(look.font(TextRole::code)).height();
        return {0, height + grid(3) + (lines > 0 ? lines * code + grid(1) : 0)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const CodeRow* row = list_.rowAt(index);
        if (!row) return;
        painter->save();
        if (row->look == CodeRow::Look::heading)
            paintHeading(*painter, option.rect, *row);
        else
            paintRow(*painter, option, index, *row);
        painter->restore();
    }

    // The short form leaves room for the name where the list is narrow.
    // The short form leaves room for the name where the list is narrow.
    QString buttonText(const CodeRow& row, int width) const {
        const QString whole =
            CodeList::tr("Add, %1", "to the message; its price").arg(CodeRows::price(row.tokens));
        const QFontMetrics metrics(appearance_.look().font(TextRole::small));
        if (metrics.horizontalAdvance(whole) * kButtonPart <= width) return whole;
        return CodeList::tr("Add ≈%1", "to the message; about so many tokens")
            .arg(QLocale().toString(qlonglong(row.tokens)));
    }

    QRect buttonRect(const QRect& row, const CodeRow& content) const {
        const QFontMetrics metrics(appearance_.look().font(TextRole::small));
        const int width = metrics.horizontalAdvance(buttonText(content, row.width())) + grid(4);
        const int height = metrics.height() + grid(1);
        const int line = QFontMetrics(appearance_.look().font(TextRole::body)).height() + grid(3);
        return {row.right() + 1 - width - grid(2), row.top() + (line - height) / 2, width, height};
    }

private:
    void paintHeading(QPainter& painter, const QRect& rect, const CodeRow& row) const {
        const Look& look = appearance_.look();
        painter.setFont(look.font(TextRole::small));
        painter.setPen(look.color(Role::textMuted));
        painter.drawText(rect.adjusted(grid(3), grid(2), -grid(3), -grid(1)),
                         int(Qt::AlignLeft | Qt::AlignBottom), row.title);
    }

    void paintRow(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index,
                  const CodeRow& row) const {
        const Look& look = appearance_.look();
        const bool isChosen = index == list_.currentIndex();
        const bool isUnderMouse = option.state.testFlag(QStyle::State_MouseOver);
        if (isChosen) {
            painter.fillRect(option.rect, look.color(Role::accentSoft));
            painter.fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                             look.color(Role::accent));
        } else if (isUnderMouse) {
            painter.fillRect(option.rect, look.color(Role::currentRow));
        }
        const int height = QFontMetrics(look.font(TextRole::body)).height() + grid(3);
        QRect line(option.rect.left() + grid(3), option.rect.top(), option.rect.width() - grid(5),
                   height);
        const bool hasButton = isUnderMouse || (isChosen && list_.addButton_ == AddButton::chosen);
        if (hasButton && !row.reference.isEmpty())
            line.setRight(paintButton(painter, option.rect, row));
        paintSign(painter, line, row);
        line.setLeft(line.left() + signWidth() + grid(2));
        paintLine(painter, line, row);
        paintSnippet(painter,
                     option.rect.adjusted(grid(5) + signWidth(), height - grid(1), -grid(2), 0),
                     row);
    }

    int signWidth() const {
        return QFontMetrics(appearance_.look().font(TextRole::code)).horizontalAdvance(u'0') * 2;
    }

    // Returns where what stands left of it must end.
    int paintButton(QPainter& painter, const QRect& rect, const CodeRow& row) const {
        const Look& look = appearance_.look();
        const QRect button = buttonRect(rect, row);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(look.color(Role::borderStrong));
        painter.setBrush(look.color(Role::surface));
        painter.drawRoundedRect(QRectF(button).adjusted(0.5, 0.5, -0.5, -0.5), grid(1), grid(1));
        painter.setFont(look.font(TextRole::small));
        painter.setPen(look.color(Role::text));
        painter.drawText(button, int(Qt::AlignCenter), buttonText(row, rect.width()));
        return button.left() - grid(2);
    }

    void paintSign(QPainter& painter, const QRect& line, const CodeRow& row) const {
        const Look& look = appearance_.look();
        const QRect box(line.left(), line.top(), signWidth(), line.height());
        if (row.look == CodeRow::Look::symbol) {
            painter.setFont(look.font(TextRole::code));
            painter.setPen(look.color(row.badgeRole));
            painter.drawText(box, int(Qt::AlignCenter), row.badge);
            return;
        }
        // A sheet for a file, an arrow for a use.
        painter.setPen(look.color(Role::textMuted));
        painter.setBrush(Qt::NoBrush);
        if (row.look == CodeRow::Look::use) {
            painter.setFont(look.font(TextRole::body));
            painter.drawText(box, int(Qt::AlignCenter), QChar(0x2192));
            return;
        }
        const QRect sheet(box.center().x() - 4, box.center().y() - 5, 8, 10);
        painter.drawRect(sheet);
        painter.drawLine(sheet.left() + 2, sheet.top() + 3, sheet.right() - 1, sheet.top() + 3);
        painter.drawLine(sheet.left() + 2, sheet.top() + 6, sheet.right() - 1, sheet.top() + 6);
    }

    void paintLine(QPainter& painter, QRect line, const CodeRow& row) const {
        const Look& look = appearance_.look();
        painter.setPen(look.color(Role::text));
        const int used = paintTitle(painter, line, row);
        line.setLeft(line.left() + used + grid(2));
        painter.setFont(look.font(TextRole::small));
        painter.setPen(look.color(Role::textMuted));
        const QFontMetrics metrics = painter.fontMetrics();
        // A little more than the text, for Qt cuts what fits exactly.
        const int wanted = metrics.horizontalAdvance(row.place) + grid(1);
        const int placeWidth = std::min(wanted, line.width() * 2 / 3);
        if (placeWidth == wanted || placeWidth > grid(6))
            painter.drawText(line, int(Qt::AlignRight | Qt::AlignVCenter),
                             metrics.elidedText(row.place, Qt::ElideLeft, placeWidth));
        const int left = line.width() - placeWidth - grid(2);
        if (left > grid(6))
            painter.drawText(line, int(Qt::AlignLeft | Qt::AlignVCenter),
                             metrics.elidedText(row.detail, Qt::ElideRight, left));
    }

    // The typed letters are bold; returns the width.
    int paintTitle(QPainter& painter, const QRect& line, const CodeRow& row) const {
        QFont plain = appearance_.look().font(TextRole::body), bold = plain;
        bold.setWeight(QFont::Bold);
        const QString text = QFontMetrics(bold).elidedText(row.title, Qt::ElideRight, line.width());
        const auto isHit = [&](qsizetype at) {
            return std::binary_search(row.matched.begin(), row.matched.end(), int(at));
        };
        int x = line.left();
        for (qsizetype at = 0; at < text.size();) {
            qsizetype end = at + 1;
            while (end < text.size() && isHit(end) == isHit(at))
                ++end;
            painter.setFont(isHit(at) ? bold : plain);
            const QString piece = text.mid(at, end - at);
            painter.drawText(QRect(x, line.top(), line.right() - x + 1, line.height()),
                             int(Qt::AlignLeft | Qt::AlignVCenter), piece);
            x += painter.fontMetrics().horizontalAdvance(piece);
            at = end;
        }
        return x - line.left();
    }

    void paintSnippet(QPainter& painter, QRect rect, const CodeRow& row) const {
        if (row.snippet.isEmpty()) return;
        const Look& look = appearance_.look();
        painter.setFont(look.font(TextRole::code));
        painter.setPen(look.color(Role::textMuted));
        const QFontMetrics metrics = painter.fontMetrics();
        for (const QString& line : row.snippet.split(QLatin1Char('\n'))) {
            painter.drawText(rect, int(Qt::AlignLeft | Qt::AlignTop),
                             metrics.elidedText(line, Qt::ElideRight, rect.width()));
            rect.setTop(rect.top() + metrics.height());
        }
    }

    CodeList& list_;
    Appearance& appearance_;
};

CodeList::CodeList(Appearance& appearance, QWidget* parent)
    : QListView(parent),
      appearance_(appearance),
      model_(new Model(this)),
      painter_(new Painter(*this, appearance)) {
    setModel(model_);
    setItemDelegate(painter_);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setMouseTracking(true);
    connect(&appearance, &Appearance::changed, this, [this] {
        scheduleDelayedItemsLayout();
        viewport()->update();
    });
}

CodeList::~CodeList() = default;

const CodeRow* CodeList::rowAt(const QModelIndex& index) const {
    const auto& all = model_->rows();
    return index.isValid() && size_t(index.row()) < all.size() ? &all[size_t(index.row())]
                                                               : nullptr;
}

void CodeList::setRows(std::vector<CodeRow> rows) {
    model_->fill(std::move(rows));
    const auto& all = model_->rows();
    const auto first = std::find_if(all.begin(), all.end(), [](const CodeRow& row) {
        return row.look != CodeRow::Look::heading;
    });
    setCurrentIndex(first == all.end() ? QModelIndex()
                                       : model_->index(int(first - all.begin()), 0));
    scrollToTop();
}

const std::vector<CodeRow>& CodeList::rows() const {
    return model_->rows();
}

void CodeList::setCurrentRow(int row) {
    if (row == currentRow()) return;
    setCurrentIndex(row < 0 ? QModelIndex() : model_->index(row, 0));
}

void CodeList::moveBy(int rows) {
    const int count = model_->rowCount(), step = rows < 0 ? -1 : 1;
    int at = currentRow();
    for (int left = std::abs(rows), tried = 0; left > 0 && tried < count; ++tried) {
        const int next = at + step;
        if (std::abs(rows) > 1 && (next < 0 || next >= count)) break;  // a page stops at the ends
        at = (next + count) % count;
        if (model_->rows()[size_t(at)].look != CodeRow::Look::heading) --left;
    }
    if (at < 0 || at >= count) return;
    if (model_->rows()[size_t(at)].look == CodeRow::Look::heading) return;
    setCurrentIndex(model_->index(at, 0));
}

void CodeList::openCurrent() {
    if (const CodeRow* row = rowAt(currentIndex())) emit placeWanted(CodePlace(row->target));
}

void CodeList::addCurrent() {
    const CodeRow* row = rowAt(currentIndex());
    if (row && !row->reference.isEmpty()) emit addToMessage(QString(row->reference));
}

void CodeList::editCurrent() {
    if (const CodeRow* row = rowAt(currentIndex()))
        emit editorWanted(QString(row->target.path), row->target.line, row->target.column);
}

QRect CodeList::addRect(int row) const {
    const QModelIndex index = model_->index(row, 0);
    const CodeRow* content = rowAt(index);
    if (!content || content->reference.isEmpty()) return {};
    return painter_->buttonRect(visualRect(index), *content);
}

void CodeList::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (event->modifiers().testFlag(Qt::ControlModifier)) return editCurrent();
            return event->modifiers().testFlag(Qt::ShiftModifier) ? addCurrent() : openCurrent();
        case Qt::Key_Down:
            return moveBy(1);
        case Qt::Key_Up:
            return moveBy(-1);
        default:
            QListView::keyPressEvent(event);
    }
}

void CodeList::mousePressEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (const CodeRow* row = rowAt(index); row && row->look != CodeRow::Look::heading)
        setCurrentIndex(index);
}

void CodeList::mouseReleaseEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (event->button() != Qt::LeftButton || !index.isValid() || index != currentIndex()) return;
    addRect(index.row()).contains(event->pos()) ? addCurrent() : openCurrent();
}

void CodeList::mouseMoveEvent(QMouseEvent* event) {
    QListView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->pos());
    const bool isOnButton = index.isValid() && addRect(index.row()).contains(event->pos());
    viewport()->setCursor(isOnButton ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void CodeList::leaveEvent(QEvent* event) {
    QListView::leaveEvent(event);
    viewport()->unsetCursor();
}

void CodeList::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index =
        event->reason() == QContextMenuEvent::Mouse ? indexAt(event->pos()) : currentIndex();
    const CodeRow* row = rowAt(index);
    if (!row || row->reference.isEmpty()) return;
    setCurrentIndex(index);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setAccessibleName(tr("What to do with this place"));
    menu->addAction(tr("Go there"), this, &CodeList::openCurrent);
    menu->addAction(tr("Open in the editor"), this, &CodeList::editCurrent);
    menu->addAction(tr("Add to message, %1", "its price").arg(CodeRows::price(row->tokens)), this,
                    &CodeList::addCurrent);
    menu->addAction(tr("Copy the place"), this, [text = row->reference.mid(1)] {
        QGuiApplication::clipboard()->setText(text);
    });
    menu->popup(event->reason() == QContextMenuEvent::Mouse
                    ? event->globalPos()
                    : viewport()->mapToGlobal(visualRect(index).center()));
}

}  // namespace moxie::desktop

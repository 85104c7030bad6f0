#include "app/desktop/screens/composer/completion_popup.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/shell/qt_compat.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kPopupWidthMax = 560, kPopupRowsMax = 8;
constexpr int kDetailRole = Qt::UserRole;

// Label at the left, what it is quietly at the right.
class SuggestionPainter final : public QStyledItemDelegate {
public:
    SuggestionPainter(Appearance& appearance, QObject* parent)
        : QStyledItemDelegate(parent),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {0, option.fontMetrics.height() + grid(2)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Look& look = appearance_.look();
        const bool isChosen = (option.state & QStyle::State_Selected) != 0;
        painter->fillRect(option.rect, look.color(isChosen ? Role::accentSoft : Role::raised));
        if (isChosen)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                              look.color(Role::accent));
        QRect inner = option.rect.adjusted(grid(3), 0, -grid(3), 0);
        painter->setFont(look.font(TextRole::body));
        painter->setPen(look.color(Role::text));
        const QString label = painter->fontMetrics().elidedText(
            index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, inner.width());
        painter->drawText(inner, int(Qt::AlignLeft | Qt::AlignVCenter), label);
        inner.setLeft(inner.left() + painter->fontMetrics().horizontalAdvance(label) + grid(4));
        if (inner.width() < grid(8)) return;
        painter->setFont(look.font(TextRole::small));
        painter->setPen(look.color(isChosen ? Role::text : Role::textMuted));
        const QString detail = painter->fontMetrics().elidedText(index.data(kDetailRole).toString(),
                                                                 Qt::ElideMiddle, inner.width());
        painter->drawText(inner, int(Qt::AlignRight | Qt::AlignVCenter), detail);
    }

private:
    Appearance& appearance_;
};

}  // namespace

class CompletionPopup::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    void fill(std::vector<Suggestion> rows) {
        beginResetModel();
        rows_ = std::move(rows);
        endResetModel();
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(rows_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override {
        const Suggestion& row = rows_[size_t(index.row())];
        switch (role) {
            case Qt::DisplayRole:
                return row.label;
            case kDetailRole:
                return row.detail;
            case Qt::AccessibleTextRole:
                return row.detail.isEmpty()
                           ? row.label
                           : CompletionPopup::tr("%1, %2", "a name and where it is")
                                 .arg(row.label, row.detail);
            default:
                return {};
        }
    }

    const Suggestion& row(int row) const { return rows_[size_t(row)]; }

private:
    std::vector<Suggestion> rows_;
};

CompletionPopup::CompletionPopup(Appearance& appearance, QWidget& window)
    : QFrame(&window),
      appearance_(appearance),
      model_(new Model(this)),
      list_(new QListView(this)) {
    setObjectName(QStringLiteral("composer.completion"));
    setFocusPolicy(Qt::NoFocus);
    list_->setObjectName(QStringLiteral("composer.completionList"));
    list_->setAccessibleName(tr("Names that fit"));
    list_->setModel(model_);
    list_->setItemDelegate(new SuggestionPainter(appearance, list_));
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, grid(1), 1, grid(1));
    layout->addWidget(list_);
    connect(list_, &QListView::clicked, this,
            [this](const QModelIndex& index) { choose(index.row()); });
    hide();
}

void CompletionPopup::open(std::vector<Suggestion> rows, QRect caret) {
    model_->fill(std::move(rows));
    if (model_->rowCount() == 0) return hide();
    QPalette palette = appearance_.look().palette();
    palette.setColor(QPalette::Base, appearance_.look().color(Role::raised));
    list_->setPalette(palette);
    place(caret);
    show();
    raise();
    goTo(0);
}

void CompletionPopup::place(QRect caret) {
    const QWidget& window = *parentWidget();
    const int width = std::min(kPopupWidthMax, window.width() - grid(4));
    const int rows = std::min(kPopupRowsMax, model_->rowCount());
    const int wanted = rows * list_->sizeHintForRow(0) + grid(2);
    const int height = std::min(wanted, std::max(caret.top() - grid(2), grid(10)));
    const int x = std::clamp(caret.left() - grid(3), grid(2),
                             std::max(grid(2), window.width() - width - grid(2)));
    setGeometry(x, std::max(0, caret.top() - height - grid(1)), width, height);
}

void CompletionPopup::goTo(int row) {
    const QModelIndex index = model_->index(row, 0);
    list_->setCurrentIndex(index);
    // The focus is elsewhere, so a screen reader has to be told.
    setAccessibleName(index.data(Qt::AccessibleTextRole).toString());
    sendAnnouncement(this, accessibleName());
}

void CompletionPopup::choose(int row) {
    const Suggestion suggestion = model_->row(row);
    hide();
    emit chosen(suggestion);
}

bool CompletionPopup::takeKey(const QKeyEvent& event) {
    const int rows = model_->rowCount(), row = list_->currentIndex().row();
    if (!isVisible() || rows == 0) return false;
    switch (event.key()) {
        case Qt::Key_Down:
            return goTo((row + 1) % rows), true;
        case Qt::Key_Up:
            return goTo((row + rows - 1) % rows), true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Tab:
            if (event.modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier)) return false;
            return choose(row), true;
        case Qt::Key_Escape:
            return hide(), true;
        default:
            return false;
    }
}

// A line of its own: a dark list over a dark window has no shadow to stand out by.
void CompletionPopup::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::borderStrong));
    painter.setBrush(appearance_.look().color(Role::raised));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

}  // namespace moxie::desktop

#include "app/desktop/shell/command_palette.h"

#include <QAbstractListModel>
#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/fuzzy_match.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kWidthMax = 640, kRowsShown = 10;
constexpr int kEnglishMalus = 1'000'000;  // more than any score
constexpr int kKeysRole = Qt::UserRole, kPositionsRole = Qt::UserRole + 1;

// Text with the matched letters bold, keys at the right end.
class RowPainter final : public QStyledItemDelegate {
public:
    RowPainter(Appearance& appearance, QObject* parent)
        : QStyledItemDelegate(parent),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {0, option.fontMetrics.height() + grid(3)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Look& look = appearance_.look();
        const bool isChosen = (option.state & QStyle::State_Selected) != 0;
        painter->fillRect(option.rect, look.color(isChosen ? Role::accentSoft : Role::surface));
        if (isChosen)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())),
                              look.color(Role::accent));
        const QRect inner = option.rect.adjusted(grid(3), 0, -grid(3), 0);
        painter->setPen(look.color(isChosen ? Role::text : Role::textMuted));
        painter->setFont(look.font(TextRole::small));
        const QString keys = index.data(kKeysRole).toString();
        painter->drawText(inner, int(Qt::AlignRight | Qt::AlignVCenter), keys);
        paintLetters(*painter, inner, index, look);
    }

private:
    static void paintLetters(QPainter& painter, QRect rect, const QModelIndex& index,
                             const Look& look) {
        const QString text = index.data(Qt::DisplayRole).toString();
        const QVariantList hits = index.data(kPositionsRole).toList();
        QFont font = look.font(TextRole::body);
        painter.setPen(look.color(Role::text));
        int x = rect.left();
        for (qsizetype at = 0; at < text.size();) {
            const bool isHit = hits.contains(QVariant(int(at)));
            qsizetype end = at + 1;
            while (end < text.size() && hits.contains(QVariant(int(end))) == isHit)
                ++end;
            font.setWeight(isHit ? QFont::Bold : QFont::Normal);
            painter.setFont(font);
            const QString piece = text.mid(at, end - at);
            painter.drawText(QRect(x, rect.top(), rect.width(), rect.height()),
                             int(Qt::AlignLeft | Qt::AlignVCenter), piece);
            x += painter.fontMetrics().horizontalAdvance(piece);
            at = end;
        }
    }

    Appearance& appearance_;
};

}  // namespace

class CommandPalette::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    struct Row {
        QAction* action = nullptr;
        FuzzyMatch match;
    };

    void fill(const ActionRegistry& registry, const QString& query) {
        beginResetModel();
        registry_ = &registry;
        rows_.clear();
        for (QAction* action : registry.actions()) {
            if (!action->isEnabled() || action->objectName() == QLatin1String("palette.open"))
                continue;
            if (auto match = fuzzyMatch(query, action->text()))
                rows_.push_back({action, *std::move(match)});
            // Those who know a command by its English name find it in every language, after the
            // others and without marked letters.
            else if (auto english =
                         fuzzyMatch(query, QString::fromLatin1(registry.spec(*action).text)))
                rows_.push_back({action, FuzzyMatch{english->score - kEnglishMalus, {}}});
        }
        std::stable_sort(rows_.begin(), rows_.end(),
                         [](const Row& a, const Row& b) { return a.match.score > b.match.score; });
        endResetModel();
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(rows_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid() || size_t(index.row()) >= rows_.size()) return {};
        const Row& row = rows_[size_t(index.row())];
        switch (role) {
            case Qt::DisplayRole:
                return row.action->text();
            case Qt::AccessibleTextRole:
                return row.action->toolTip();
            case kKeysRole:
                return registry_->keysText(*row.action);
            case kPositionsRole: {
                QVariantList positions;
                for (const int at : row.match.positions)
                    positions << at;
                return positions;
            }
            default:
                return {};
        }
    }

    QAction* actionAt(int row) const {
        return row >= 0 && size_t(row) < rows_.size() ? rows_[size_t(row)].action : nullptr;
    }

private:
    const ActionRegistry* registry_ = nullptr;
    std::vector<Row> rows_;
};

CommandPalette::CommandPalette(ActionRegistry& registry, Appearance& appearance, QWidget& window)
    : QFrame(&window),
      registry_(registry),
      appearance_(appearance),
      query_(new QLineEdit(this)),
      list_(new QListView(this)),
      nothing_(new QLabel(this)),
      model_(new Model(this)) {
    setObjectName(QStringLiteral("commandPalette"));
    query_->setObjectName(QStringLiteral("paletteQuery"));
    query_->installEventFilter(this);
    list_->setObjectName(QStringLiteral("paletteList"));
    list_->setModel(model_);
    list_->setItemDelegate(new RowPainter(appearance, list_));
    list_->setFocusPolicy(Qt::NoFocus);
    nothing_->setObjectName(QStringLiteral("paletteNothing"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    layout->setSpacing(grid(1));
    layout->addWidget(query_);
    layout->addWidget(list_);
    layout->addWidget(nothing_);
    connect(query_, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(list_, &QListView::clicked, this,
            [this](const QModelIndex& index) { run(index.row()); });
    window.installEventFilter(this);
    retranslate();
    hide();
}

CommandPalette::~CommandPalette() = default;

void CommandPalette::retranslate() {
    setAccessibleName(tr("Command palette"));
    query_->setPlaceholderText(tr("Type a command"));
    query_->setAccessibleName(tr("Command"));
    list_->setAccessibleName(tr("Commands that fit"));
    nothing_->setText(tr("No command fits."));
}

void CommandPalette::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

// A line of its own: a dark palette over a dark window has no shadow to stand out by.
void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::borderStrong));
    painter.setBrush(appearance_.look().color(Role::raised));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void CommandPalette::open() {
    if (!isVisible()) focusBefore_ = QApplication::focusWidget();
    query_->clear();
    fill();
    show();
    raise();
    query_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::fill() {
    model_->fill(registry_, query_->text());
    const bool isEmpty = model_->rowCount() == 0;
    list_->setVisible(!isEmpty);
    nothing_->setVisible(isEmpty);
    list_->setCurrentIndex(model_->index(0, 0));
    place();
}

void CommandPalette::place() {
    const int width = std::min(kWidthMax, parentWidget()->width() - grid(8));
    const int row = list_->sizeHintForRow(0) > 0 ? list_->sizeHintForRow(0) : grid(8);
    const int rows = std::clamp(list_->model()->rowCount(), 1, kRowsShown);
    const int wanted = query_->sizeHint().height() + rows * row + grid(6);
    resize(width, std::min(wanted, parentWidget()->height() - grid(20)));
    move((parentWidget()->width() - width) / 2, grid(10));
}

void CommandPalette::close() {
    hide();
    if (focusBefore_) focusBefore_->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::run(int row) {
    QAction* action = model_->actionAt(row);
    if (action == nullptr) return;
    close();  // first: the action may move the focus
    action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
    if (watched != query_) return QFrame::eventFilter(watched, event);
    if (event->type() == QEvent::FocusOut && isVisible() &&
        static_cast<QFocusEvent*>(event)->reason() == Qt::MouseFocusReason)
        hide();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const int rows = model_->rowCount();
    const int row = list_->currentIndex().row();
    const auto goTo = [&](int wanted) {
        if (rows > 0) list_->setCurrentIndex(model_->index((wanted + rows) % rows, 0));
    };
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            return goTo(row + 1), true;
        case Qt::Key_Up:
            return goTo(row - 1), true;
        case Qt::Key_PageDown:
            return goTo(std::min(row + kRowsShown, rows - 1)), true;
        case Qt::Key_PageUp:
            return goTo(std::max(row - kRowsShown, 0)), true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return run(row), true;
        case Qt::Key_Escape:
            return close(), true;
        default:
            return QFrame::eventFilter(watched, event);
    }
}

}  // namespace moxie::desktop

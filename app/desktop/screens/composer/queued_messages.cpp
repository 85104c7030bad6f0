#include "app/desktop/screens/composer/queued_messages.h"

#include <QAbstractListModel>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kQueuedRowsMax = 3;

// The beginning of the message on one line, its number before it.
class QueuedPainter final : public QStyledItemDelegate {
public:
    QueuedPainter(Appearance& appearance, QObject* parent)
        : QStyledItemDelegate(parent),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {0, option.fontMetrics.height() + grid(2)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Look& look = appearance_.look();
        const bool isChosen = (option.state & QStyle::State_Selected) != 0;
        if (isChosen) painter->fillRect(option.rect, look.color(Role::accentSoft));
        if (isChosen && (option.state & QStyle::State_HasFocus) != 0) {
            painter->setPen(look.color(Role::focusRing));
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
        painter->setFont(look.font(TextRole::body));
        QRect inner = option.rect.adjusted(grid(2), 0, -grid(2), 0);
        painter->setPen(look.color(isChosen ? Role::text : Role::textMuted));
        const QString number = QString::number(index.row() + 1);
        painter->drawText(inner, int(Qt::AlignLeft | Qt::AlignVCenter), number);
        inner.setLeft(inner.left() + painter->fontMetrics().horizontalAdvance(number) + grid(3));
        painter->setPen(look.color(Role::text));
        const QString text = index.data(Qt::DisplayRole).toString();
        painter->drawText(inner, int(Qt::AlignLeft | Qt::AlignVCenter),
                          painter->fontMetrics().elidedText(text, Qt::ElideRight, inner.width()));
    }

private:
    Appearance& appearance_;
};

}  // namespace

class QueuedMessages::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    void fill(const std::vector<QueuedMessage>& rows) {
        beginResetModel();
        rows_ = rows;
        endResetModel();
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(rows_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override {
        const QueuedMessage& message = rows_[size_t(index.row())];
        QString text = message.text.left(1'000).simplified();
        if (const auto nPictures = int(message.images.size()); nPictures > 0)
            text = QueuedMessages::tr("%1 (with %n pictures)", "message", nPictures).arg(text);
        switch (role) {
            case Qt::DisplayRole:
                return text;
            case Qt::AccessibleTextRole:
                return QueuedMessages::tr("Queued: %1").arg(text);
            default:
                return {};
        }
    }

    const std::vector<QueuedMessage>& rows() const { return rows_; }

private:
    std::vector<QueuedMessage> rows_;
};

QueuedMessages::QueuedMessages(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      model_(new Model(this)),
      title_(new QLabel(this)),
      list_(new QListView(this)),
      edit_(makeButton("composer.queued.edit", &QueuedMessages::editWanted)),
      sendNow_(makeButton("composer.queued.sendNow", &QueuedMessages::sendNowWanted)),
      remove_(makeButton("composer.queued.remove", &QueuedMessages::removeWanted)) {
    setObjectName(QStringLiteral("composer.queued"));
    list_->setObjectName(QStringLiteral("composer.queued.list"));
    list_->setModel(model_);
    list_->setItemDelegate(new QueuedPainter(appearance, list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list_->installEventFilter(this);
    connect(list_, &QListView::doubleClicked, this, [this] { emit editWanted(chosenId()); });
    auto* head = new QHBoxLayout;
    head->setSpacing(grid(1));
    head->addWidget(title_, 1);
    for (QToolButton* button : {edit_, sendNow_, remove_})
        head->addWidget(button);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(1));
    layout->addLayout(head);
    layout->addWidget(list_);
    connect(&appearance, &Appearance::changed, this, &QueuedMessages::applyLook);
    hide();
    applyLook();
    retranslate();
}

QToolButton* QueuedMessages::makeButton(const char* name, void (QueuedMessages::*wanted)(qint64)) {
    auto* button = new QToolButton(this);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, [this, wanted] {
        if (chosenId() != 0) (this->*wanted)(chosenId());
    });
    return button;
}

qint64 QueuedMessages::chosenId() const {
    const int row = list_->currentIndex().row();
    return row < 0 ? 0 : model_->rows()[size_t(row)].id;
}

void QueuedMessages::setQueued(const std::vector<QueuedMessage>& queued) {
    if (queued == model_->rows()) return;
    const qint64 chosen = chosenId();
    model_->fill(queued);
    const auto same = std::find_if(queued.begin(), queued.end(),
                                   [&](const QueuedMessage& one) { return one.id == chosen; });
    const auto row = same == queued.end() ? 0 : same - queued.begin();
    list_->setCurrentIndex(model_->index(int(row), 0));
    retranslate();
    applyLook();
    setVisible(!queued.empty());
}

void QueuedMessages::retranslate() {
    const int count = model_->rowCount();
    title_->setText(count == 1 ? tr("1 message waits for the end of this turn")
                               : tr("%n messages wait for the end of this turn", "", count));
    list_->setAccessibleName(tr("Queued messages"));
    edit_->setText(tr("Edit"));
    edit_->setAccessibleName(tr("Edit the chosen queued message"));
    sendNow_->setText(tr("Send now"));
    sendNow_->setAccessibleName(tr("Stop the turn and send the chosen queued message"));
    remove_->setText(tr("Remove"));
    remove_->setAccessibleName(tr("Remove the chosen queued message"));
    for (QToolButton* button : {edit_, sendNow_, remove_})
        button->setToolTip(button->accessibleName());
}

void QueuedMessages::applyLook() {
    const Look& look = appearance_.look();
    title_->setFont(look.font(TextRole::small));
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(Role::textMuted));
    title_->setPalette(palette);
    palette = look.palette();
    palette.setColor(QPalette::Base, look.color(Role::window));
    list_->setPalette(palette);
    for (QToolButton* button : {edit_, sendNow_, remove_})
        button->setFont(look.font(TextRole::small));
    const int rows = std::clamp(model_->rowCount(), 1, kQueuedRowsMax);
    list_->setFixedHeight(rows * (QFontMetrics(look.font(TextRole::body)).height() + grid(2)));
}

void QueuedMessages::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

bool QueuedMessages::eventFilter(QObject* watched, QEvent* event) {
    if (watched != list_ || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_F2) {
        emit editWanted(chosenId());
        return true;
    }
    if (key == Qt::Key_Delete || key == Qt::Key_Backspace) {
        emit removeWanted(chosenId());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

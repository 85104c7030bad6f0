// Small pieces that the pages of the settings share: labels that wrap and follow the look.
// Threads: GUI thread only.
#pragma once
#include <QLabel>
#include <QPushButton>
#include <QStyledItemDelegate>

#include "app/desktop/theme/look.h"

namespace moxie::desktop {

inline QLabel* makeText(QWidget* parent, const QString& objectName) {
    auto* label = new QLabel(parent);
    label->setObjectName(objectName);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);
    return label;
}

inline void dress(QLabel& label, const Look& look, TextRole text, Role ink) {
    label.setFont(look.font(text));
    QPalette palette = label.palette();
    palette.setColor(QPalette::WindowText, look.color(ink));
    label.setPalette(palette);
}

// Rows of a list with room to breathe.
class RoomyRows final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(0, grid(2));
    }
};

inline QPushButton* makeButton(QWidget* parent, const QString& objectName) {
    auto* button = new QPushButton(parent);
    button->setObjectName(objectName);
    return button;
}

}  // namespace moxie::desktop

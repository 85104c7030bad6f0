// Rows of a list with air around the text, on the 4 px grid. Threads: GUI thread only.
#pragma once
#include <QStyledItemDelegate>

#include "app/desktop/theme/look.h"

namespace moxie::desktop {

class SpacedRows final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(0, grid(2));
    }
};

}  // namespace moxie::desktop

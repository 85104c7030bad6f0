// How a step of the plan looks: a sign whose shape says how far it is, the text, how many calls
// served it, and in plan mode a tick. Threads: GUI thread only.
#pragma once
#include <QStyledItemDelegate>

namespace moxie::desktop {

class Appearance;

class PlanRowPainter final : public QStyledItemDelegate {
    Q_OBJECT

public:
    PlanRowPainter(Appearance& appearance, QObject* parent);

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const override;

protected:
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;

private:
    struct Parts {
        QRect tick, sign, text;
    };

    Parts partsOf(const QStyleOptionViewItem& option, const QModelIndex& index) const;

    Appearance& appearance_;
};

}  // namespace moxie::desktop

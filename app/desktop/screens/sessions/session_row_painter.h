// How a row of the sidebar looks: a project's name and branch, or a session with its sign, title,
// branch of its own, unread dot and age. Threads: GUI thread only.
#pragma once
#include <QStyledItemDelegate>

namespace moxie::base {
class Clock;
}

namespace moxie::desktop {

class Appearance;

class SessionRowPainter final : public QStyledItemDelegate {
    Q_OBJECT

public:
    SessionRowPainter(const base::Clock& clock, Appearance& appearance, QObject* parent);

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const override;

private:
    QRect signRect(const QRect& row) const;
    QRect textRect(const QRect& row) const;
    void paintProject(QPainter& painter, const QRect& row, const QModelIndex& index) const;
    QRect paintBranch(QPainter& painter, QRect room, const QString& branch) const;
    void paintSession(QPainter& painter, const QStyleOptionViewItem& option,
                      const QModelIndex& index) const;

    const base::Clock& clock_;
    Appearance& appearance_;
};

}  // namespace moxie::desktop

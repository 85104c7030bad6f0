// The tree of the sidebar: whole rows are tinted, the session in the window has a bar, projects
// have an arrow. Threads: GUI thread only.
#pragma once
#include <QTreeView>

namespace moxie::desktop {

class Appearance;

class SessionTreeView final : public QTreeView {
    Q_OBJECT

public:
    explicit SessionTreeView(Appearance& appearance, QWidget* parent = nullptr);

    // The session in the window.
    void setShown(const QString& id);

protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option,
                 const QModelIndex& index) const override;
    void drawBranches(QPainter* painter, const QRect& rect,
                      const QModelIndex& index) const override;

private:
    void applyLook();

    Appearance& appearance_;
    QString shown_;
};

}  // namespace moxie::desktop

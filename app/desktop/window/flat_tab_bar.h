// Tabs without frames: the chosen one is underlined, the focus shows as a ring.
// Threads: GUI thread only.
#pragma once
#include <QTabBar>

namespace moxie::desktop {

class Appearance;

class FlatTabBar final : public QTabBar {
    Q_OBJECT

public:
    // `appearance` outlives it.
    explicit FlatTabBar(const Appearance& appearance, QWidget* parent = nullptr);

protected:
    QSize tabSizeHint(int index) const override;
    QSize minimumTabSizeHint(int index) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    int iconWidth(int index) const;
    int iconEdge() const;
    void paintTab(QPainter& painter, int index) const;

    const Appearance& appearance_;
};

}  // namespace moxie::desktop

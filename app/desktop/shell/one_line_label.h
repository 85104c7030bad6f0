// A label of one line that ends in an ellipsis where it has no room; the tooltip then says it
// whole. Screen readers always hear the whole text. Threads: GUI thread only.
#pragma once
#include <QLabel>

namespace moxie::desktop {

class OneLineLabel final : public QLabel {
    Q_OBJECT

public:
    explicit OneLineLabel(QWidget* parent = nullptr);

    // As wide as the ellipsis.
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString shownText() const;
};

}  // namespace moxie::desktop

// The strip under a canvas in which one types what to find: next, previous, "not found", Escape
// gives the focus back. Hidden until open(). Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QLineEdit;

namespace moxie::desktop {

class Canvas;

class FindBar final : public QWidget {
    Q_OBJECT

public:
    // Opens itself on the canvas's Ctrl+F. `canvas` must outlive the bar.
    FindBar(Canvas& canvas, QWidget* parent);

    void open();
    void close();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Canvas& canvas_;
    QLineEdit* query_;
    QLabel* state_;
};

}  // namespace moxie::desktop

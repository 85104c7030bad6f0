// A field that takes the next key with its modifiers instead of doing what it does elsewhere.
// Escape gives up, so Escape itself cannot be recorded. Threads: GUI thread only.
#pragma once
#include <QKeySequence>
#include <QLineEdit>

namespace moxie::desktop {

class KeyCapture final : public QLineEdit {
    Q_OBJECT

public:
    explicit KeyCapture(QWidget* parent);

signals:
    void captured(const QKeySequence& keys);
    void cancelled();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
};

}  // namespace moxie::desktop

#include "app/desktop/screens/settings/key_capture.h"

#include <QContextMenuEvent>
#include <QKeyEvent>

namespace moxie::desktop {

namespace {

bool isModifier(int key) {
    return key == Qt::Key_Control || key == Qt::Key_Shift || key == Qt::Key_Alt ||
           key == Qt::Key_Meta || key == Qt::Key_AltGr || key == Qt::Key_CapsLock ||
           key == Qt::Key_NumLock || key == 0 || key == Qt::Key_unknown;
}

}  // namespace

KeyCapture::KeyCapture(QWidget* parent) : QLineEdit(parent) {
    setReadOnly(true);
    setAttribute(Qt::WA_InputMethodEnabled, false);
}

// Before shortcuts, and before Tab moves the focus.
bool KeyCapture::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        keyPressEvent(static_cast<QKeyEvent*>(event));
        return true;
    }
    return QLineEdit::event(event);
}

void KeyCapture::keyPressEvent(QKeyEvent* event) {
    event->accept();
    if (isModifier(event->key())) return;
    const Qt::KeyboardModifiers modifiers =
        event->modifiers() & ~(Qt::KeypadModifier | Qt::GroupSwitchModifier);
    if (event->key() == Qt::Key_Escape && modifiers == Qt::NoModifier) return emit cancelled();
    emit captured(QKeySequence(QKeyCombination(modifiers, Qt::Key(event->key()))));
}

void KeyCapture::focusOutEvent(QFocusEvent* event) {
    QLineEdit::focusOutEvent(event);
    if (isVisible() && event->reason() != Qt::ActiveWindowFocusReason) emit cancelled();
}

void KeyCapture::contextMenuEvent(QContextMenuEvent* event) {
    event->accept();
}

}  // namespace moxie::desktop

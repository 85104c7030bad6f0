#include "app/desktop/shell/announcer.h"

#include <QAccessible>

#include "app/desktop/shell/qt_compat.h"

namespace moxie::desktop {

Announcer::Announcer(QWidget* window) : QWidget(window) {
    setObjectName(QStringLiteral("announcer"));
    setFixedSize(0, 0);
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents);
}

void Announcer::say(const QString& sentence) {
    setAccessibleName(sentence);  // tells NameChanged itself
    if (QAccessible::isActive()) sendAnnouncement(this, sentence);
}

}  // namespace moxie::desktop

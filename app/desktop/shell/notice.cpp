#include "app/desktop/shell/notice.h"

#include <QCoreApplication>
#include <QWidget>
#include <utility>

namespace moxie::desktop {

NoticeEvent::NoticeEvent(QWidget& from, Notice notice)
    : QEvent(kind()),
      from_(from),
      notice_(std::move(notice)) {}

QEvent::Type NoticeEvent::kind() {
    static const auto registered = QEvent::Type(QEvent::registerEventType());
    return registered;
}

void postNotice(QWidget& from, Notice notice) {
    NoticeEvent event(from, std::move(notice));
    event.ignore();
    for (QWidget* at = &from; at != nullptr && !event.isAccepted(); at = at->parentWidget())
        QCoreApplication::sendEvent(at, &event);
}

void withdrawNotice(QWidget& from) {
    postNotice(from, {});
}

}  // namespace moxie::desktop

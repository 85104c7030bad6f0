// The state of a session as a small sign that is told by its shape, not only by its colour, and as
// a word. Threads: GUI thread only.
#pragma once
#include <QCoreApplication>
#include <QString>

#include "app/desktop/model/session_list.h"

class QPainter;
class QRectF;

namespace moxie::desktop {

class Look;

class SessionSign {
    Q_DECLARE_TR_FUNCTIONS(moxie::desktop::SessionSign)

public:
    explicit SessionSign(SessionState state) : state_(state) {}

    QString word() const;  // "needs permission"
    // Fills the square `box`.
    void paint(QPainter& painter, const QRectF& box, const Look& look) const;

private:
    SessionState state_;
};

}  // namespace moxie::desktop

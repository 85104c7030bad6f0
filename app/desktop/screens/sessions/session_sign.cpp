#include "app/desktop/screens/sessions/session_sign.h"

#include <QPainter>
#include <QPolygonF>
#include <algorithm>

#include "app/desktop/theme/look.h"

namespace moxie::desktop {

namespace {

QPointF at(const QRectF& box, double x, double y) {
    return {box.left() + box.width() * x, box.top() + box.height() * y};
}

QPen strokeOf(const QRectF& box, const QColor& color) {
    return QPen(color, std::max(1.5, box.width() / 7), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

// A filled triangle with a bar: somebody has to come.
void paintWarning(QPainter& painter, const QRectF& box, const Look& look) {
    const QColor ink = look.color(Role::warning);
    painter.setPen(QPen(ink, 1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(ink);
    painter.drawPolygon(QPolygonF({at(box, 0.5, 0.04), at(box, 1, 0.94), at(box, 0, 0.94)}));
    painter.setPen(
        QPen(look.color(Role::window), std::max(1.2, box.width() / 9), Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(at(box, 0.5, 0.36), at(box, 0.5, 0.64));
    painter.drawLine(at(box, 0.5, 0.72), at(box, 0.5, 0.84));
}

void paintQuestion(QPainter& painter, const QRectF& box, const Look& look) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(look.color(Role::info));
    painter.drawEllipse(box);
    QFont font = look.font(TextRole::title);
    font.setPixelSize(std::max(6, int(box.height() * 0.8)));
    painter.setFont(font);
    painter.setPen(look.color(Role::window));
    painter.drawText(box, int(Qt::AlignCenter), QStringLiteral("?"));
}

void paintPause(QPainter& painter, const QRectF& box, const Look& look) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(look.color(Role::warning));
    for (const double x : {0.16, 0.58})
        painter.drawRoundedRect(QRectF(at(box, x, 0.1), at(box, x + 0.26, 0.9)), 1, 1);
}

// Half full: under way. It does not move.
void paintWorking(QPainter& painter, const QRectF& box, const Look& look) {
    const QColor ink = look.color(Role::accent);
    const QRectF ring = box.adjusted(1, 1, -1, -1);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawPie(ring, 90 * 16, -180 * 16);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, 1.5));
    painter.drawEllipse(ring);
}

}  // namespace

QString SessionSign::word() const {
    switch (state_) {
        case SessionState::needsPermission:
            return tr("needs permission");
        case SessionState::asks:
            return tr("asks a question");
        case SessionState::paused:
            return tr("paused by its budget");
        case SessionState::failed:
            return tr("failed");
        case SessionState::working:
            return tr("working");
        case SessionState::finishedUnseen:
            return tr("finished, not seen yet");
        case SessionState::idle:
            return tr("idle");
    }
    return {};
}

void SessionSign::paint(QPainter& painter, const QRectF& box, const Look& look) const {
    switch (state_) {
        case SessionState::needsPermission:
            return paintWarning(painter, box, look);
        case SessionState::asks:
            return paintQuestion(painter, box, look);
        case SessionState::paused:
            return paintPause(painter, box, look);
        case SessionState::failed:
            painter.setPen(strokeOf(box, look.color(Role::error)));
            painter.drawLine(at(box, 0.18, 0.18), at(box, 0.82, 0.82));
            painter.drawLine(at(box, 0.82, 0.18), at(box, 0.18, 0.82));
            return;
        case SessionState::working:
            return paintWorking(painter, box, look);
        case SessionState::finishedUnseen: {
            painter.setPen(strokeOf(box, look.color(Role::success)));
            painter.setBrush(Qt::NoBrush);
            painter.drawPolyline(
                QPolygonF({at(box, 0.1, 0.55), at(box, 0.4, 0.85), at(box, 0.92, 0.18)}));
            return;
        }
        case SessionState::idle:
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(look.color(Role::textMuted), 1.2));
            painter.drawEllipse(box.center(), box.width() * 0.22, box.height() * 0.22);
            return;
    }
}

}  // namespace moxie::desktop

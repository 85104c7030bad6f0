#include "app/desktop/screens/plan/plan_header.h"

#include <QFontMetrics>
#include <QPainter>
#include <QPolygonF>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kBarWidth = grid(24), kBarHeight = grid(1);

void paintArrow(QPainter& painter, QPointF middle, double reach, bool isOpen) {
    QPolygonF arrow;
    if (isOpen)
        arrow << QPointF(-reach, -reach / 2) << QPointF(0, reach / 2) << QPointF(reach, -reach / 2);
    else
        arrow << QPointF(-reach / 2, -reach) << QPointF(reach / 2, 0) << QPointF(-reach / 2, reach);
    painter.drawPolyline(arrow.translated(middle));
}

}  // namespace

PlanHeader::PlanHeader(Appearance& appearance, QWidget* parent)
    : QAbstractButton(parent),
      appearance_(appearance) {
    setObjectName(QStringLiteral("plan.header"));
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
    connect(&appearance, &Appearance::changed, this, [this] { updateGeometry(); });
}

void PlanHeader::setProgress(int nDone, int nSteps) {
    nDone_ = nDone;
    nSteps_ = nSteps;
    update();
}

QSize PlanHeader::sizeHint() const {
    const QFontMetrics metrics(appearance_.look().font(TextRole::body));
    return {grid(60), metrics.height() + grid(3)};
}

void PlanHeader::paintEvent(QPaintEvent*) {
    const Look& look = appearance_.look();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus()) {
        painter.setPen(look.color(Role::focusRing));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), grid(1), grid(1));
    }
    QRect inner = rect().adjusted(grid(2), 0, -grid(2), 0);
    painter.setPen(QPen(look.color(Role::textMuted), 1.5, Qt::SolidLine, Qt::RoundCap));
    paintArrow(painter, QPointF(inner.left() + grid(2), inner.center().y() + 0.5), grid(1),
               isChecked());
    inner.setLeft(inner.left() + grid(6));
    if (nSteps_ > 0 && inner.width() > 3 * kBarWidth) {
        const QRectF bar(inner.right() - kBarWidth, inner.center().y() - kBarHeight / 2 + 1,
                         kBarWidth, kBarHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(look.color(Role::border));
        painter.drawRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
        QRectF done = bar;
        done.setWidth(bar.width() * nDone_ / nSteps_);
        painter.setBrush(look.color(nDone_ == nSteps_ ? Role::success : Role::accent));
        painter.drawRoundedRect(done, kBarHeight / 2.0, kBarHeight / 2.0);
        inner.setRight(inner.right() - kBarWidth - grid(3));
    }
    painter.setFont(look.font(TextRole::body));
    painter.setPen(look.color(Role::text));
    painter.drawText(inner, int(Qt::AlignLeft | Qt::AlignVCenter),
                     painter.fontMetrics().elidedText(text(), Qt::ElideRight, inner.width()));
}

}  // namespace moxie::desktop

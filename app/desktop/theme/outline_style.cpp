#include "app/desktop/theme/outline_style.h"

#include <QPainter>
#include <QStyleOption>
#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr double kCornerRadius = 2.0;

// What has the focus keeps the ring that Fusion draws.
bool hasFocusRing(const QStyleOption& option) {
    return (option.state & QStyle::State_HasFocus) != 0;
}

void prepare(QPainter& painter, const QStyleOption& option, QPalette::ColorRole role) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(option.palette.color(role));
    painter.setBrush(Qt::NoBrush);
}

void outlineBox(QPainter& painter, const QStyleOption& option, QPalette::ColorRole role) {
    painter.save();
    prepare(painter, option, role);
    painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), kCornerRadius,
                            kCornerRadius);
    painter.restore();
}

// A flat button has no panel while nobody presses it.
bool hasPanel(const QStyleOption& option) {
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(&option);
    return button == nullptr || (button->features & QStyleOptionButton::Flat) == 0;
}

void outlineCircle(QPainter& painter, const QStyleOption& option) {
    painter.save();
    prepare(painter, option, QPalette::Dark);
    const QRectF rect(option.rect);
    const double size = std::min(rect.width(), rect.height()) - 1;
    QRectF circle(0, 0, size, size);
    circle.moveCenter(rect.center());
    painter.drawEllipse(circle);
    painter.restore();
}

}  // namespace

OutlineStyle::OutlineStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void OutlineStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option,
                                 QPainter* painter, const QWidget* widget) const {
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    switch (element) {
        case PE_IndicatorCheckBox:
            return outlineBox(*painter, *option, QPalette::Dark);
        case PE_IndicatorRadioButton:
            return outlineCircle(*painter, *option);
        case PE_FrameLineEdit:
            if (!hasFocusRing(*option)) outlineBox(*painter, *option, QPalette::Dark);
            return;
        case PE_PanelButtonCommand:
            if (!hasFocusRing(*option) && hasPanel(*option))
                outlineBox(*painter, *option, QPalette::Mid);
            return;
        case PE_Frame:
            if (!hasFocusRing(*option)) outlineBox(*painter, *option, QPalette::Mid);
            return;
        default:
            return;
    }
}

void OutlineStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                      QPainter* painter, const QWidget* widget) const {
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (hasFocusRing(*option)) return;
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    if (control == CC_SpinBox && spin != nullptr && spin->frame)
        outlineBox(*painter, *option, QPalette::Dark);
    if (control == CC_ComboBox && box != nullptr && box->frame)
        outlineBox(*painter, *option, QPalette::Dark);
}

}  // namespace moxie::desktop

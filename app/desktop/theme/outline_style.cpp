#include "app/desktop/theme/outline_style.h"

#include <QPainter>
#include <QStyleOption>
#include <algorithm>
#include <cstdint>

namespace moxie::desktop {

namespace {

constexpr double kCornerRadius = 3.0;
constexpr int kTextRoom = 3;  // beside the text of a field, beyond Fusion's own
constexpr int kScrollBarExtent = 12;
constexpr int kThumbLengthMin = 28;

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

// One colour, a little other under the mouse and while it is pressed.
void drawButton(QPainter& painter, const QStyleOption& option) {
    const bool isDown = (option.state & (QStyle::State_Sunken | QStyle::State_On)) != 0;
    const bool isUnderMouse = (option.state & QStyle::State_MouseOver) != 0 &&
                              (option.state & QStyle::State_Enabled) != 0;
    QColor ground = option.palette.color(QPalette::Button);
    const bool isDark = ground.lightness() < 128;
    if (isDown)
        ground = isDark ? ground.lighter(150) : ground.darker(112);
    else if (isUnderMouse)
        ground = isDark ? ground.lighter(125) : ground.darker(105);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(
        option.palette.color(hasFocusRing(option) ? QPalette::Highlight : QPalette::Mid));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), kCornerRadius,
                            kCornerRadius);
    painter.restore();
}

// The bar's parts along its length: where the thumb begins, and how long it is.
struct Thumb {
    int begin = 0, length = 0;
};

Thumb thumbOf(const QStyleOptionSlider& bar, int length) {
    const int64_t range = int64_t(bar.maximum) - bar.minimum;
    if (range <= 0 || length <= kThumbLengthMin) return {0, length};
    const int64_t page = std::max(1, bar.pageStep);
    const auto thumb =
        int(std::clamp<int64_t>(page * length / (range + page), kThumbLengthMin, length));
    return {QStyle::sliderPositionFromValue(bar.minimum, bar.maximum, bar.sliderPosition,
                                            length - thumb, bar.upsideDown),
            thumb};
}

void drawScrollBar(QPainter& painter, const QStyleOptionSlider& bar, const QRect& thumb) {
    painter.fillRect(bar.rect, bar.palette.color(QPalette::Window));
    if (bar.maximum <= bar.minimum) return;
    const bool isHeld = (bar.activeSubControls & QStyle::SC_ScrollBarSlider) != 0 &&
                        (bar.state & (QStyle::State_MouseOver | QStyle::State_Sunken)) != 0;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(bar.palette.color(isHeld ? QPalette::PlaceholderText : QPalette::Dark));
    const QRectF inside = QRectF(thumb).adjusted(2.5, 2.5, -2.5, -2.5);
    const double radius = std::min(inside.width(), inside.height()) / 2;
    painter.drawRoundedRect(inside, radius, radius);
    painter.restore();
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
    if (element == PE_PanelButtonCommand && hasPanel(*option)) return drawButton(*painter, *option);
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    switch (element) {
        case PE_IndicatorCheckBox:
            return outlineBox(*painter, *option, QPalette::Dark);
        case PE_IndicatorRadioButton:
            return outlineCircle(*painter, *option);
        case PE_FrameLineEdit:
            if (!hasFocusRing(*option)) outlineBox(*painter, *option, QPalette::Dark);
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
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control == CC_ScrollBar && bar != nullptr)
        return drawScrollBar(*painter, *bar,
                             subControlRect(control, option, SC_ScrollBarSlider, widget));
    const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option);
    if (control == CC_ToolButton && tool != nullptr &&
        (tool->features & QStyleOptionToolButton::MenuButtonPopup) == 0) {
        QStyleOptionToolButton plain = *tool;
        plain.features &= ~QStyleOptionToolButton::HasMenu;
        return QProxyStyle::drawComplexControl(control, &plain, painter, widget);
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (hasFocusRing(*option)) return;
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    if (control == CC_SpinBox && spin != nullptr && spin->frame)
        outlineBox(*painter, *option, QPalette::Dark);
    if (control == CC_ComboBox && box != nullptr && box->frame)
        outlineBox(*painter, *option, QPalette::Dark);
}

QRect OutlineStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option,
                                   SubControl part, const QWidget* widget) const {
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control != CC_ScrollBar || bar == nullptr)
        return QProxyStyle::subControlRect(control, option, part, widget);
    const bool isVertical = bar->orientation == Qt::Vertical;
    const QRect& whole = bar->rect;
    const int length = isVertical ? whole.height() : whole.width();
    const Thumb thumb = thumbOf(*bar, length);
    const auto along = [&](int begin, int size) {
        return isVertical
                   ? QRect(whole.left(), whole.top() + begin, whole.width(), size)
                   : visualRect(bar->direction, whole,
                                QRect(whole.left() + begin, whole.top(), size, whole.height()));
    };
    switch (part) {
        case SC_ScrollBarSlider:
            return along(thumb.begin, thumb.length);
        case SC_ScrollBarSubPage:
            return along(0, thumb.begin);
        case SC_ScrollBarAddPage:
            return along(thumb.begin + thumb.length, length - thumb.begin - thumb.length);
        case SC_ScrollBarGroove:
            return whole;
        default:
            return {};  // no arrows at the ends
    }
}

QRect OutlineStyle::subElementRect(SubElement element, const QStyleOption* option,
                                   const QWidget* widget) const {
    const QRect rect = QProxyStyle::subElementRect(element, option, widget);
    return element == SE_LineEditContents ? rect.adjusted(kTextRoom, 0, -kTextRoom, 0) : rect;
}

int OutlineStyle::pixelMetric(PixelMetric metric, const QStyleOption* option,
                              const QWidget* widget) const {
    return metric == PM_ScrollBarExtent ? kScrollBarExtent
                                        : QProxyStyle::pixelMetric(metric, option, widget);
}

}  // namespace moxie::desktop

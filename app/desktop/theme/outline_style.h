// Fusion made flat, with outlines one can see: Fusion makes them of a darker window colour, which
// on a dark window is none. Ours are the palette's Dark (Role::borderStrong) and Mid
// (Role::border). Buttons have one colour, scroll bars a bar and nothing else, text fields room
// beside the text; a button says by its text that it has a menu. Threads: GUI thread only.
#pragma once
#include <QProxyStyle>

namespace moxie::desktop {

class OutlineStyle final : public QProxyStyle {
    Q_OBJECT

public:
    OutlineStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                            QPainter* painter, const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                         const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option,
                         const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option,
                    const QWidget* widget) const override;
};

}  // namespace moxie::desktop

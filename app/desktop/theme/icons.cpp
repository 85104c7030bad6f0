#include "app/desktop/theme/icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>
#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr double kIconGrid = 16;
constexpr double kIconStroke = 1.4;

// M and L: to a point; O: a circle of middle and radius; C: a curve of two controls and an end; Z:
// back to where the line began.
constexpr std::array<std::string_view, kIconCount> kIconStrokes = {
    "M8 3 L8 13 M3 8 L13 8",                                              // add
    "M9 2 L4 2 L4 14 L12 14 L12 9 M14 3 L8 9 M8 5.5 L8 9 L11.5 9",        // apply
    "M2.5 3.5 L13.5 3.5 L13.5 10.5 L8 10.5 L5 13.5 L5 10.5 L2.5 10.5 Z",  // aside
    "O4.5 3.5 1.5 O4.5 12.5 1.5 O11.5 5.5 1.5 M4.5 5 L4.5 11 M11.5 7 C11.5 9.5 4.5 8 4.5 11",
    "M4.5 2.5 L4.5 8.5 M1.5 5.5 L7.5 5.5 M8.5 12 L14.5 12 M13 3 L3 14",  // changes
    "M3 8.5 L6.5 12 L13 4.5",                                            // check
    "M4 4 L12 12 M12 4 L4 12",                                           // close
    "M5.5 4 L1.5 8 L5.5 12 M10.5 4 L14.5 8 L10.5 12",                    // code
    "O8 8 3 M1.5 8 L5 8 M11 8 L14.5 8",                                  // commit
    "M8 3 L8 13 M3.5 8.5 L8 13 L12.5 8.5",                               // down
    "M3 13 L3.5 10 L11 2.5 L13.5 5 L6 12.5 Z M9.5 4 L12 6.5",            // edit
    "M4 2 L9.5 2 L12.5 5 L12.5 14 L4 14 Z M9.5 2 L9.5 5 L12.5 5",        // file
    "M2 4 L6 4 L7.5 5.5 L14 5.5 L14 12.5 L2 12.5 Z",                     // folder
    "O8 8 6 M8 7.5 L8 11.5 M8 4.8 L8 5",                                 // info
    "M2 3 L14 3 L14 13 L2 13 Z O5.5 6 1 M2.5 12 L6.5 8.5 L9 10.5 L11.5 7.5 L14 10",
    "M3 8 L13 8",                            // remove
    "O7 7 4.5 M10.3 10.3 L14 14",            // search
    "M8 13.5 L8 3 M3.5 7.5 L8 3 L12.5 7.5",  // send
    "M4 4 L12 4 L12 12 L4 12 Z",             // stop
    "M3 8 L13 8 M11.5 4.5 C9.5 2.5 5 3 5 5.5 M4.5 11.5 C6.5 13.5 11 13 11 10.5",
    "M4 3 L2.5 3 L2.5 13 L4 13 M12 3 L13.5 3 L13.5 13 L12 13 M6 6 L10 10 M10 6 L6 10",
    "M2 3 L14 3 L14 13 L2 13 Z M4.5 6 L7 8 L4.5 10 M8.5 10.5 L11.5 10.5",  // terminal
    "M6 3 L2.5 6.5 L6 10 M2.5 6.5 L10 6.5 C14.5 6.5 14.5 13 10 13 L7 13",  // undo
    "M8 13 L8 3 M3.5 7.5 L8 3 L12.5 7.5",                                  // up
    "M8 2.5 L14.5 13.5 L1.5 13.5 Z M8 6.5 L8 10 M8 11.9 L8 12",            // warning
};

// Our own texts above: no error is possible that a test would not see.
class StrokeReader {
public:
    explicit StrokeReader(std::string_view text) : rest_(text) {}

    QPainterPath read() {
        QPainterPath path;
        while (skipBlanks(), !rest_.empty()) {
            const char verb = rest_.front();
            rest_.remove_prefix(1);
            switch (verb) {
                case 'M':
                    path.moveTo(point());
                    break;
                case 'L':
                    path.lineTo(point());
                    break;
                case 'C': {
                    const QPointF one = point(), other = point();
                    path.cubicTo(one, other, point());
                    break;
                }
                case 'O': {
                    const QPointF middle = point();
                    const double radius = number();
                    path.addEllipse(middle, radius, radius);
                    break;
                }
                default:
                    path.closeSubpath();
            }
        }
        return path;
    }

private:
    void skipBlanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

    double number() {
        skipBlanks();
        double value = 0;
        const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        rest_.remove_prefix(size_t(read.ptr - rest_.data()));
        return value;
    }

    QPointF point() {
        const double x = number();
        return {x, number()};
    }

    std::string_view rest_;
};

class StrokeIcon final : public QIconEngine {
public:
    StrokeIcon(IconShape shape, Role ink, const Appearance& appearance)
        : shape_(shape),
          ink_(ink),
          appearance_(&appearance) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const Role ink = mode == QIcon::Disabled ? Role::textDisabled : ink_;
        drawIcon(*painter, rect, shape_, appearance_->look().color(ink));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new StrokeIcon(*this); }  // QIcon owns it

private:
    IconShape shape_;
    Role ink_;
    const Appearance* appearance_;
};

}  // namespace

QIcon icon(IconShape shape, Role ink, const Appearance& appearance) {
    return QIcon(new StrokeIcon(shape, ink, appearance));  // owned by the icon
}

void drawIcon(QPainter& painter, const QRectF& rect, IconShape shape, const QColor& ink) {
    const double edge = std::min(rect.width(), rect.height());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.center() - QPointF(edge / 2, edge / 2));
    painter.scale(edge / kIconGrid, edge / kIconGrid);
    painter.setPen(QPen(ink, kIconStroke, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(StrokeReader(kIconStrokes[size_t(shape)]).read());
    painter.restore();
}

}  // namespace moxie::desktop

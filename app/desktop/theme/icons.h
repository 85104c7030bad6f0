// The window's icons: strokes on a grid of 16, drawn where they are needed in the colour of a role,
// sharp at every size and scale. One set, no files, nothing of others. An icon stands beside a word
// or has a tool tip and an accessible name; it is never the only sign. Threads: GUI thread only.
#pragma once
#include <QIcon>

#include "app/desktop/theme/color_roles.h"

class QPainter;
class QRectF;

namespace moxie::desktop {

class Appearance;

enum class IconShape : uint8_t {
    add,
    apply,
    aside,
    branch,
    changes,
    check,
    close,
    code,
    commit,
    down,
    edit,
    file,
    folder,
    info,
    picture,
    remove,
    search,
    send,
    stop,
    strike,
    symbols,
    terminal,
    undo,
    up,
    warning,
};
inline constexpr int kIconCount = int(IconShape::warning) + 1;

// Follows the theme; disabled it has the ink of disabled text. `appearance` outlives it.
QIcon icon(IconShape shape, Role ink, const Appearance& appearance);

// Into the largest square in the middle of `rect`.
void drawIcon(QPainter& painter, const QRectF& rect, IconShape shape, const QColor& ink);

}  // namespace moxie::desktop

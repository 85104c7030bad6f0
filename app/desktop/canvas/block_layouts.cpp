#include "app/desktop/canvas/block_layouts.h"

#include <QFontMetrics>
#include <QTextDocument>
#include <QTextOption>
#include <algorithm>
#include <cmath>
#include <utility>

namespace moxie::desktop {

namespace {

struct Padding {
    int x = 0, y = 0;
};

Padding paddingOf(BlockFrame frame) {
    switch (frame) {
        case BlockFrame::plain:
            return {0, 0};
        case BlockFrame::quiet:
            return {grid(3), 0};
        case BlockFrame::user:
        case BlockFrame::card:
        case BlockFrame::attention:
        case BlockFrame::failure:
            return {grid(3), grid(2)};
    }
    return {};
}

}  // namespace

BlockLayouts::BlockLayouts(const BlockSource& source) : source_(source) {}

BlockLayouts::~BlockLayouts() = default;

void BlockLayouts::configure(const Look& look, int zoomPercent, int width) {
    if (look == look_ && zoomPercent == zoomPercent_ && width == width_) return;
    look_ = look;
    zoomPercent_ = zoomPercent;
    width_ = width;
    const QFontMetrics metrics(look.font(TextRole::body, zoomPercent));
    lineHeight_ = metrics.lineSpacing();
    headHeight_ = metrics.height() + grid(1);
    charWidth_ = std::max(1, metrics.averageCharWidth());
    clear();
}

BlockLayout& BlockLayouts::of(int64_t block) {
    if (const auto known = known_.find(block); known != known_.end()) {
        order_.splice(order_.begin(), order_, known->second.used);
        return known->second.layout;
    }
    if (known_.size() >= kLayoutsMax) {
        known_.erase(order_.back());
        order_.pop_back();
    }
    order_.push_front(block);
    return known_.emplace(block, Entry{make(block), order_.begin()}).first->second.layout;
}

void BlockLayouts::forget(int64_t first, int64_t count) {
    for (auto it = order_.begin(); it != order_.end();) {
        const bool isGone = *it >= first && *it < first + count;
        if (isGone) known_.erase(*it);
        it = isGone ? order_.erase(it) : std::next(it);
    }
}

void BlockLayouts::clear() {
    known_.clear();
    order_.clear();
}

int BlockLayouts::estimate(int64_t block) const {
    const int64_t perLine = std::max(1, width_ / charWidth_);
    const int64_t lines = std::min<int64_t>(source_.textLength(block) / perLine + 1, 100'000);
    return int(lines) * lineHeight_ + grid(2);
}

BlockLayout BlockLayouts::make(int64_t block) const {
    BlockLayout made;
    made.head = source_.head(block);
    const Padding padding = paddingOf(made.head.frame);
    const int left = std::max(0, made.head.indent) * grid(5);
    const int width = std::max(grid(10), width_ - left);
    const int top = std::max(0, made.head.gapAbove) * grid(1);
    int y = top + padding.y;
    if (!made.head.title.isEmpty()) {
        made.headRect = QRect(left + padding.x, y, width - 2 * padding.x, headHeight_);
        y += headHeight_;
    }
    if (made.head.fold != Fold::folded) {
        made.document = std::make_unique<QTextDocument>();
        made.document->setUndoRedoEnabled(false);
        made.document->setDocumentMargin(0);
        made.document->setDefaultFont(look_.font(TextRole::body, zoomPercent_));
        QTextOption option = made.document->defaultTextOption();
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        made.document->setDefaultTextOption(option);
        made.document->setTextWidth(width - 2 * padding.x);
        source_.compose(block, *made.document, look_);
        made.textAt = {left + padding.x, y};
        if (!made.document->isEmpty()) y += int(std::lround(made.document->size().height()));
    }
    made.frame = QRect(left, top, width, y + padding.y - top);
    made.height = y + padding.y + grid(1);
    return made;
}

}  // namespace moxie::desktop

// The laid-out blocks of a BlockCanvas: the visible ones and their neighbours, at most 64; the one
// not used for longest goes first. Threads: GUI thread only.
#pragma once
#include <QRect>
#include <list>
#include <memory>
#include <unordered_map>

#include "app/desktop/canvas/block_source.h"

class QTextDocument;

namespace moxie::desktop {

// A block as it is painted. Rectangles are relative to the block's own top-left corner.
struct BlockLayout {
    BlockHead head;
    std::unique_ptr<QTextDocument> document;  // null while folded
    QRect frame;                              // the painted box
    QRect headRect;                           // empty: no head
    QPoint textAt;
    int height = 0;  // with the gap above
};

class BlockLayouts {
public:
    static constexpr size_t kLayoutsMax = 64;

    explicit BlockLayouts(const BlockSource& source);
    ~BlockLayouts();

    // The width of the column and the fonts; forgets everything if they differ.
    void configure(const Look& look, int zoomPercent, int width);
    // Lays the block out if needed. The reference holds until the next call.
    BlockLayout& of(int64_t block);
    void forget(int64_t first, int64_t count);
    void clear();

    // A guess without a layout.
    int estimate(int64_t block) const;

    size_t size() const { return known_.size(); }

private:
    using Order = std::list<int64_t>;

    struct Entry {
        BlockLayout layout;
        Order::iterator used;
    };

    BlockLayout make(int64_t block) const;

    const BlockSource& source_;
    Look look_;
    int zoomPercent_ = 100;
    int width_ = 0;
    int lineHeight_ = 16, headHeight_ = 24, charWidth_ = 8;
    Order order_;  // most recently used first
    std::unordered_map<int64_t, Entry> known_;
};

}  // namespace moxie::desktop

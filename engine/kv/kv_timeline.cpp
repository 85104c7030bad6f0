#include "engine/kv/kv_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "engine/kv/page_memory.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

size_t pagesFor(int64_t tokens) {
    return static_cast<size_t>((tokens + kPageTokens - 1) / kPageTokens);
}

}  // namespace

void KvPage::Free::operator()(uint8_t* p) const {
    PageMemory::shared().give(p, bytes);
}

// What is never written goes to disk with the others, as zeros.
std::shared_ptr<KvPage> KvPage::make(int64_t bytes) {
    const auto size = static_cast<size_t>(bytes);
    auto page = std::make_shared<KvPage>();
    page->data_ = {PageMemory::shared().take(size), Free{size}};
    page->bytes_ = bytes;
    return page->data_ == nullptr ? nullptr : page;
}

Result<KvTimeline> KvTimeline::make(const KvLayout& layout) {
    KvTimeline timeline(layout);
    try {
        timeline.frontier_.assign(static_cast<size_t>(layout.frontierFloats), 0.0F);
    } catch (const std::bad_alloc&) {
        return fail(Errc::outOfMemory,
                    fmt::format("no memory for a frontier of {} bytes", layout.frontierFloats * 4));
    }
    return timeline;
}

Result<KvTimeline> KvTimeline::fork() const {
    TRY_ASSIGN(KvTimeline branch, make(*layout_));
    branch.restore(pages_, frontier_, tokens_);
    return branch;
}

Status KvTimeline::reserve(int64_t count) {
    const int64_t writtenFrom = std::max<int64_t>(0, tokens_ - layout_->lookaheadTokens());
    const auto first = static_cast<size_t>(writtenFrom / kPageTokens);
    const size_t end = pagesFor(tokens_ + count);
    for (size_t i = first; i < end; ++i) {
        const bool isShared = i < pages_.size() && pages_[i].use_count() > 1;
        if (i < pages_.size() && !isShared) continue;
        auto page = KvPage::make(layout_->pageBytes);
        if (page == nullptr)
            return fail(Errc::outOfMemory,
                        fmt::format("no memory for {} bytes of KV cache after {} tokens",
                                    layout_->pageBytes, i * size_t{kPageTokens}));
        if (isShared) {
            std::memcpy(page->data(), pages_[i]->data(), static_cast<size_t>(page->bytes()));
            data_[i] = page->data();
            pages_[i] = std::move(page);
        } else {
            data_.push_back(page->data());
            pages_.push_back(std::move(page));
        }
    }
    return {};
}

void KvTimeline::commit(int64_t count) {
    tokens_ += count;
    BASE_CHECK(pagesFor(tokens_) <= pages_.size());
}

void KvTimeline::truncate(int64_t count) {
    BASE_CHECK(count >= 0 && count <= tokens_);
    tokens_ = count;
    pages_.resize(pagesFor(count));
    data_.resize(pages_.size());
}

void KvTimeline::write(int64_t layer, int64_t stream, int64_t lane, int64_t row,
                       const float* values) {
    const KvStream& s =
        layout_->layers[static_cast<size_t>(layer)].streams[static_cast<size_t>(stream)];
    const int64_t perPage = s.rowsPerPage();
    uint8_t* rows = data_[static_cast<size_t>(row / perPage)] + s.pageOffset + lane * s.laneBytes();
    if (s.order == RowOrder::panels)
        writeKey(s.format, values, row % perPage, rows);
    else
        writeRow(s.format, values, rows + row % perPage * s.format.bytes);
}

const float* KvTimeline::read(int64_t layer, int64_t stream, int64_t lane, int64_t begin,
                              int64_t count, float* scratch) const {
    const KvStream& s = this->stream(layer, stream);
    if (s.order == RowOrder::panels) {
        readKeys(s.format, lanePage(s, lane, begin), begin % s.rowsPerPage(), count, scratch);
        return scratch;
    }
    const uint8_t* stored = rows(layer, stream, lane, begin);
    if (s.format.kind == RowKind::f32) return reinterpret_cast<const float*>(stored);
    readRows(s.format, stored, count, scratch);
    return scratch;
}

const uint8_t* KvTimeline::lanePage(const KvStream& stream, int64_t lane, int64_t row) const {
    return data_[static_cast<size_t>(row / stream.rowsPerPage())] + stream.pageOffset +
           lane * stream.laneBytes();
}

const uint8_t* KvTimeline::rows(int64_t layer, int64_t stream, int64_t lane, int64_t row) const {
    const KvStream& s = this->stream(layer, stream);
    return lanePage(s, lane, row) + row % s.rowsPerPage() * s.format.bytes;
}

const uint8_t* KvTimeline::panel(int64_t layer, int64_t stream, int64_t row) const {
    const KvStream& s = this->stream(layer, stream);
    if (row / s.rowsPerPage() >= std::ssize(pages_)) return nullptr;
    return panelOf(s.format, lanePage(s, 0, row), row % s.rowsPerPage());
}

void KvTimeline::prefetch(int64_t layer, int64_t stream, int64_t lane, int64_t row,
                          int64_t count) const {
    constexpr int64_t kLine = 64;
    const KvStream& s = this->stream(layer, stream);
    if (row / s.rowsPerPage() >= std::ssize(pages_)) return;
    const uint8_t* begin = rows(layer, stream, lane, row);
    for (int64_t i = 0; i < count * s.format.bytes; i += kLine)
        __builtin_prefetch(begin + i);
}

std::span<float> KvTimeline::frontier(int64_t layer) {
    const KvLayer& l = layout_->layers[static_cast<size_t>(layer)];
    return std::span(frontier_).subspan(static_cast<size_t>(l.frontierOffset),
                                        static_cast<size_t>(l.frontierFloats));
}

std::span<const float> KvTimeline::frontier(int64_t layer) const {
    const KvLayer& l = layout_->layers[static_cast<size_t>(layer)];
    return std::span(frontier_).subspan(static_cast<size_t>(l.frontierOffset),
                                        static_cast<size_t>(l.frontierFloats));
}

void KvTimeline::restore(std::vector<std::shared_ptr<KvPage>> pages,
                         std::span<const float> frontier, int64_t tokens) {
    BASE_CHECK(pages.size() == pagesFor(tokens) && frontier.size() == frontier_.size());
    pages_ = std::move(pages);
    data_.clear();
    for (const auto& page : pages_)
        data_.push_back(page->data());
    std::copy(frontier.begin(), frontier.end(), frontier_.begin());
    tokens_ = tokens;
}

int64_t KvTimeline::allocatedBytes() const {
    return std::ssize(pages_) * layout_->pageBytes + std::ssize(frontier_) * int64_t{sizeof(float)};
}

}  // namespace moxie::engine

#include "engine/kv/state_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

// How the rows of a window are written.
enum class RingForm : uint8_t { floats, rows };

void putFloats(std::span<const float> values, std::vector<uint8_t>& out) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    out.insert(out.end(), bytes, bytes + values.size_bytes());
}

class ByteReader {
public:
    explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    // Empty if there are not so many left.
    std::span<const uint8_t> take(size_t count) {
        if (count > bytes_.size()) {
            isShort_ = true;
            return {};
        }
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }

    void takeFloats(std::span<float> values) {
        const auto bytes = take(values.size_bytes());
        if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    }

    bool isShort() const { return isShort_; }

    size_t left() const { return bytes_.size(); }

private:
    std::span<const uint8_t> bytes_;
    bool isShort_ = false;
};

// The rows in `format`, or nothing if reading them back would change a bit.
std::vector<uint8_t> exactRows(const RowFormat& format, std::span<const float> values) {
    const int64_t nRows = std::ssize(values) / format.values;
    std::vector<uint8_t> rows(static_cast<size_t>(nRows * format.bytes));
    for (int64_t i = 0; i < nRows; ++i)
        writeRow(format, values.data() + i * format.values, rows.data() + i * format.bytes);
    std::vector<float> back(values.size());
    readRows(format, rows.data(), nRows, back.data());
    if (std::memcmp(back.data(), values.data(), values.size_bytes()) != 0) return {};
    return rows;
}

void writeRing(const RowFormat& format, std::span<const float> values, std::vector<uint8_t>& out) {
    const std::vector<uint8_t> rows = exactRows(format, values);
    const bool isExact = !rows.empty();
    out.push_back(static_cast<uint8_t>(isExact ? RingForm::rows : RingForm::floats));
    if (isExact)
        out.insert(out.end(), rows.begin(), rows.end());
    else
        putFloats(values, out);
}

void readRing(const RowFormat& format, std::span<float> values, ByteReader& in) {
    const auto form = in.take(1);
    if (form.empty()) return;
    if (form[0] == static_cast<uint8_t>(RingForm::floats)) return in.takeFloats(values);
    const int64_t nRows = std::ssize(values) / format.values;
    const auto rows = in.take(static_cast<size_t>(nRows * format.bytes));
    if (!rows.empty()) readRows(format, rows.data(), nRows, values.data());
}

}  // namespace

StateCodec::StateCodec(const ModelPlan& plan, const KvLayout& layout, KvFormat format)
    : layout_(&layout),
      stateFloats_(layout.hasDraft ? static_cast<size_t>(draftStateDim(plan)) : 0),
      logitFloats_(static_cast<size_t>(plan.vocabularySize)) {
    for (size_t i = 0; i < plan.blocks.size(); ++i)
        addParts(plan.blocks[i], layout.layers[i], format, 0);
    size_t layer = plan.blocks.size();
    const int64_t lag = layout.lookaheadTokens();
    for (const Block* block : draftBlocks(plan))
        if (layer < layout.layers.size()) addParts(*block, layout.layers[layer++], format, lag);
}

void StateCodec::addParts(const Block& block, const KvLayer& layer, KvFormat format,
                          int64_t lagTokens) {
    int64_t offset = layer.frontierOffset;
    const int64_t end = offset + layer.frontierFloats;
    const auto add = [&](Part part) {
        part.offset = offset;
        part.lagTokens = lagTokens;
        offset += part.floats;
        if (part.floats > 0) parts_.push_back(part);
    };
    if (const auto* step = std::get_if<CompressedAttention>(&block.attention)) {
        add({.kind = Part::Kind::ring,
             .floats = step->window * step->headDim,
             .ring = {.nSlots = step->window, .format = windowRow(*step, format)}});
        const auto addBlock = [&](const Compressor& compressor) {
            add({.kind = Part::Kind::block,
                 .floats = frontierFloats(compressor),
                 .compressor = &compressor});
        };
        if (step->compressor) addBlock(*step->compressor);
        if (step->indexer) addBlock(step->indexer->keys);
    }
    add({.kind = Part::Kind::plain, .floats = end - offset});
}

// What a later token can read. The rest was written over or never written.
std::vector<StateCodec::Stretch> StateCodec::liveStretches(const Part& part, int64_t tokens) {
    const int64_t seen = std::max<int64_t>(0, tokens - part.lagTokens);
    if (part.kind == Part::Kind::plain) return {{part.offset, part.floats}};
    if (part.kind == Part::Kind::ring)
        return {{part.offset, std::min(seen, part.ring.nSlots) * part.ring.format.values}};
    const Compressor& step = *part.compressor;
    const int64_t open = step.ratio * step.width();
    const int64_t filled = seen % step.ratio * step.width();
    std::vector<Stretch> live = {{part.offset, filled}, {part.offset + open, filled}};
    if (step.hasOverlap && seen >= step.ratio)
        live.push_back({part.offset + 2 * open, 2 * step.ratio * step.dim});
    return live;
}

void StateCodec::writeRows(const KvPage& page, int64_t tokens, std::vector<uint8_t>& out) const {
    for (const KvLayer& layer : layout_->layers)
        for (const KvStream& stream : layer.streams)
            for (int64_t lane = 0; lane < stream.lanes; ++lane) {
                const uint8_t* begin = page.data() + stream.pageOffset + lane * stream.laneBytes();
                const int64_t nRows = tokens / stream.tokensPerRow;
                const size_t at = out.size();
                out.resize(at + static_cast<size_t>(nRows * stream.format.bytes));
                if (stream.order == RowOrder::panels)
                    panelsToRows(stream.format, begin, nRows, out.data() + at);
                else
                    std::memcpy(out.data() + at, begin, out.size() - at);
            }
}

std::shared_ptr<KvPage> StateCodec::readRows(std::span<const uint8_t> bytes, int64_t tokens) const {
    BASE_CHECK(std::ssize(bytes) == rowBytes(tokens));
    auto page = KvPage::make(layout_->pageBytes);
    if (page == nullptr) return nullptr;
    const uint8_t* from = bytes.data();
    for (const KvLayer& layer : layout_->layers)
        for (const KvStream& stream : layer.streams)
            for (int64_t lane = 0; lane < stream.lanes; ++lane) {
                uint8_t* begin = page->data() + stream.pageOffset + lane * stream.laneBytes();
                const int64_t nRows = tokens / stream.tokensPerRow;
                const int64_t count = nRows * stream.format.bytes;
                if (stream.order == RowOrder::panels)
                    rowsToPanels(stream.format, from, nRows, begin);
                else
                    std::memcpy(begin, from, static_cast<size_t>(count));
                from += count;
            }
    return page;
}

void StateCodec::writePoint(const ResumePoint& point, int64_t tokens,
                            std::vector<uint8_t>& out) const {
    const std::span<const float> frontier(point.frontier);
    for (const Part& part : parts_)
        for (const Stretch& live : liveStretches(part, tokens)) {
            const auto values =
                frontier.subspan(static_cast<size_t>(live.begin), static_cast<size_t>(live.count));
            if (part.kind == Part::Kind::ring)
                writeRing(part.ring.format, values, out);
            else
                putFloats(values, out);
        }
    putFloats(point.lastState, out);
    putFloats(point.logits, out);
}

Result<ResumePoint> StateCodec::readPoint(std::span<const uint8_t> bytes, int64_t tokens) const {
    ResumePoint point;
    point.frontier.resize(static_cast<size_t>(layout_->frontierFloats));
    point.lastState.resize(tokens > 0 ? stateFloats_ : 0);
    ByteReader in(bytes);
    for (const Part& part : parts_)
        for (const Stretch& live : liveStretches(part, tokens)) {
            const auto values =
                std::span(point.frontier)
                    .subspan(static_cast<size_t>(live.begin), static_cast<size_t>(live.count));
            if (part.kind == Part::Kind::ring)
                readRing(part.ring.format, values, in);
            else
                in.takeFloats(values);
        }
    in.takeFloats(point.lastState);
    if (in.left() > 0) {
        point.logits.resize(logitFloats_);
        in.takeFloats(point.logits);
    }
    if (in.isShort() || in.left() > 0)
        return fail(Errc::corrupt,
                    fmt::format("a resume point of {} bytes does not fit the model", bytes.size()));
    return point;
}

}  // namespace moxie::engine

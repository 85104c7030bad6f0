#include "engine/kv/kv_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/index_scores.h"

namespace moxie::engine {

namespace {

RowFormat plainRow(KvFormat format, int64_t values) {
    return rowFormat(format == KvFormat::f32 ? RowKind::f32 : RowKind::f16, values);
}

bool isMultiple(int64_t values, int64_t block) {
    return values > 0 && values % block == 0;
}

// A latent and its rotated part, in FP8 where the makers keep them so.
RowFormat latentRow(KvFormat format, const MlaAttention& attention) {
    const int64_t values = attention.rank + attention.ropeDim;
    if (format == KvFormat::native && attention.indexer && isMultiple(attention.rank, 128))
        return rowFormat(RowKind::fp8Latent, values, attention.rank);
    return plainRow(format, values);
}

// `kind` where the makers' format is asked for and the sizes allow it.
RowFormat nativeRow(KvFormat format, RowKind kind, int64_t values, int64_t block) {
    if (format == KvFormat::native && isMultiple(values, block)) return rowFormat(kind, values);
    return plainRow(format, values);
}

void addStreams(KvLayer& layer, const GqaAttention& attention, KvFormat format) {
    const KvStream rows = {.format = plainRow(format, attention.headDim),
                           .lanes = attention.nKvHeads};
    layer.streams = {rows, rows};
}

void addStreams(KvLayer&, const Identity&, KvFormat) {}

void addStreams(KvLayer& layer, const MlaAttention& attention, KvFormat format) {
    layer.streams = {{.format = latentRow(format, attention)}};
    if (attention.indexer)
        layer.streams.push_back(
            {.format = nativeRow(format, RowKind::fp8Key, attention.indexer->headDim, 128)});
}

void addStreams(KvLayer& layer, const CompressedAttention& attention, KvFormat format) {
    if (attention.compressor)
        layer.streams.push_back(
            {.format = windowRow(attention, format), .tokensPerRow = attention.compressor->ratio});
    if (attention.indexer)
        layer.streams.push_back(
            {.format = nativeRow(format, RowKind::fp4Key, attention.indexer->headDim, 32),
             .tokensPerRow = attention.indexer->keys.ratio});
    layer.frontierFloats = frontierFloats(attention);
}

// Keys that are kept finer than they are compared.
void roundIndexKeys(const Block& block, KvLayer& layer) {
    const auto* mla = std::get_if<MlaAttention>(&block.attention);
    const auto* compressed = std::get_if<CompressedAttention>(&block.attention);
    if (!(mla != nullptr && mla->indexer) && !(compressed != nullptr && compressed->indexer))
        return;
    KvStream& keys = layer.streams.back();
    const bool isFiner = keys.format.kind == RowKind::f32 || keys.format.kind == RowKind::f16;
    if (!isFiner || !kernels::canRoundIndex(keys.format.values)) return;
    keys.format = rowFormat(RowKind::roundedKey, keys.format.values);
    if (canLieInPanels(keys.format, keys.rowsPerPage())) keys.order = RowOrder::panels;
}

void addEngramFrontier(KvLayer& layer, const Block& block, int64_t residual) {
    if (block.engram)
        layer.frontierFloats += (block.engram->kernelSize - 1) * block.engram->dilation * residual;
}

}  // namespace

base::Result<KvFormat> kvFormatFromName(std::string_view name) {
    if (name == "f32") return KvFormat::f32;
    if (name == "f16") return KvFormat::f16;
    if (name == "native") return KvFormat::native;
    return base::fail(
        base::Errc::invalidInput,
        fmt::format("cache format \"{}\", expected f32, f16 or native", name.substr(0, 40)));
}

RowFormat windowRow(const CompressedAttention& attention, KvFormat format) {
    const int64_t scaled = attention.headDim - 2 * attention.ropePairs;
    if (format == KvFormat::native && isMultiple(scaled, 64))
        return rowFormat(RowKind::fp8Window, attention.headDim, scaled);
    return plainRow(format, attention.headDim);
}

int64_t frontierFloats(const Compressor& compressor) {
    const int64_t open = 2 * compressor.ratio * compressor.width();
    const int64_t before = compressor.hasOverlap ? 2 * compressor.ratio * compressor.dim : 0;
    return open + before;
}

int64_t frontierFloats(const CompressedAttention& attention) {
    int64_t floats = attention.window * attention.headDim;
    if (attention.compressor) floats += frontierFloats(*attention.compressor);
    if (attention.indexer) floats += frontierFloats(attention.indexer->keys);
    return floats;
}

int64_t KvLayout::rowBytes(int64_t tokens) const {
    int64_t bytes = 0;
    for (const KvLayer& layer : layers)
        for (const KvStream& stream : layer.streams)
            bytes += stream.lanes * (tokens / stream.tokensPerRow) * stream.format.bytes;
    return bytes;
}

int64_t KvLayout::allocatedBytes(int64_t tokens) const {
    const int64_t pages = (tokens + kPageTokens - 1) / kPageTokens;
    return pages * pageBytes + frontierFloats * int64_t{sizeof(float)};
}

int64_t KvLayout::finishedPages(int64_t tokens) const {
    return std::max<int64_t>(0, tokens - lookaheadTokens()) / kPageTokens;
}

KvLayout makeKvLayout(const ModelPlan& plan, KvFormat format, DraftRows draft, IndexScores scores) {
    const bool isKept = draft == DraftRows::kept;
    BASE_CHECK(!isKept || plan.canDraft());
    KvLayout layout = {.hasDraft = isKept && plan.draft};
    const auto addBlock = [&](const Block& block) {
        KvLayer layer;
        std::visit([&](const auto& attention) { addStreams(layer, attention, format); },
                   block.attention);
        if (scores == IndexScores::rounded) roundIndexKeys(block, layer);
        addEngramFrontier(layer, block, residualDim(plan));
        for (KvStream& stream : layer.streams) {
            stream.pageOffset = layout.pageBytes;
            layout.pageBytes += (stream.pageBytes() + 63) / 64 * 64;
        }
        layer.frontierOffset = layout.frontierFloats;
        layout.frontierFloats += layer.frontierFloats;
        layout.layers.push_back(std::move(layer));
    };
    for (const Block& block : plan.blocks)
        addBlock(block);
    if (isKept)
        for (const Block* block : draftBlocks(plan))
            addBlock(*block);
    return layout;
}

}  // namespace moxie::engine

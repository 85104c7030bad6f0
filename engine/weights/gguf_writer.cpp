#include "engine/weights/gguf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/weights/packed_text.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kAlignment = 32;  // of the data, as readers assume without general.alignment
constexpr uint32_t kOwnTypesBegin = 1000;  // numbers of kernels::DType that are not ggml's

int64_t paddingAfter(int64_t bytes) {
    return (kAlignment - bytes % kAlignment) % kAlignment;
}

Status writePadding(ByteSink& sink, int64_t bytes) {
    static constexpr std::array<std::byte, kAlignment> kZeros = {};
    return sink.write(std::span(kZeros).first(static_cast<size_t>(bytes)));
}

Status checkNames(std::vector<std::string> names, std::string_view what) {
    std::ranges::sort(names);
    if (!names.empty() && names.front().empty())
        return fail(Errc::invalidInput, fmt::format("a {} without a name", what));
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
        return fail(Errc::invalidInput, fmt::format("{} {} is there twice", what, *twice));
    return {};
}

}  // namespace

Result<int64_t> ggufTensorBytes(const GgufTensorSpec& spec) {
    const auto number = static_cast<uint32_t>(spec.dtype);
    const kernels::BlockFormat* format =
        number < kOwnTypesBegin ? kernels::blockFormat(number) : nullptr;
    if (format == nullptr)
        return fail(Errc::invalidInput,
                    fmt::format("tensor {}: type {} has no place in GGUF", spec.name, number));
    if (spec.dims.empty() || spec.dims.size() > 4 || spec.dims[0] % format->blockValues != 0)
        return fail(Errc::invalidInput,
                    fmt::format("tensor {}: expected one to four dimensions, the first a multiple "
                                "of {} ({})",
                                spec.name, format->blockValues, format->name));
    int64_t bytes = format->blockBytes;
    for (size_t i = 0; i < spec.dims.size(); ++i) {
        const int64_t count = i == 0 ? spec.dims[0] / format->blockValues : spec.dims[i];
        if (count < 1 || __builtin_mul_overflow(bytes, count, &bytes))
            return fail(Errc::invalidInput,
                        fmt::format("tensor {}: dimension {} is {}", spec.name, i, spec.dims[i]));
    }
    return bytes;
}

Result<GgufWriter> GgufWriter::begin(ByteSink& sink, const GgufMetadata& metadata,
                                     std::span<const GgufTensorSpec> tensors) {
    TRY(checkNames({metadata.keys().begin(), metadata.keys().end()}, "key"));
    std::vector<std::string> names;
    for (const GgufTensorSpec& spec : tensors)
        names.push_back(spec.name);
    TRY(checkNames(std::move(names), "tensor"));
    std::string header = "GGUF";
    appendPacked(header, uint32_t{3});
    appendPacked(header, static_cast<uint64_t>(tensors.size()));
    appendPacked(header, static_cast<uint64_t>(metadata.keys().size()));
    header += metadata.packed();
    std::vector<WriteOrder::Tensor> order;
    int64_t offset = 0;
    for (const GgufTensorSpec& spec : tensors) {
        TRY_ASSIGN(const int64_t bytes, ggufTensorBytes(spec));
        appendPackedText(header, spec.name);
        appendPacked(header, static_cast<uint32_t>(spec.dims.size()));
        for (const int64_t dim : spec.dims)
            appendPacked(header, static_cast<uint64_t>(dim));
        appendPacked(header, static_cast<uint32_t>(spec.dtype));
        appendPacked(header, static_cast<uint64_t>(offset));
        if (__builtin_add_overflow(offset, bytes + paddingAfter(bytes), &offset))
            return fail(Errc::invalidInput, fmt::format("tensor {}: size overflows", spec.name));
        order.push_back({spec.name, bytes});
    }
    TRY(sink.write(std::as_bytes(std::span(header))));
    TRY(writePadding(sink, paddingAfter(std::ssize(header))));
    return GgufWriter(sink, WriteOrder(std::move(order)));
}

Status GgufWriter::write(std::string_view tensor, std::span<const std::byte> part) {
    TRY(order_.advance(tensor, std::ssize(part)));
    TRY(sink_->write(part));
    tensorBytes_ += std::ssize(part);
    if (!order_.isBetweenTensors()) return {};
    return writePadding(*sink_, paddingAfter(std::exchange(tensorBytes_, 0)));
}

Status GgufWriter::finish() {
    return order_.checkFinished();
}

}  // namespace moxie::engine

#include "engine/safetensors/safetensors_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/text.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr size_t kHeaderAlignment = 8;

Status checkTensorNames(std::span<const SafetensorsSpec> tensors) {
    std::set<std::string_view> names;
    for (const SafetensorsSpec& spec : tensors) {
        if (spec.name.empty() || spec.name == "__metadata__" || !base::isValidUtf8(spec.name))
            return fail(Errc::invalidInput,
                        fmt::format("\"{}\" is no name of a tensor", base::toValidUtf8(spec.name)));
        if (!names.insert(spec.name).second)
            return fail(Errc::invalidInput, fmt::format("tensor {} is there twice", spec.name));
    }
    return {};
}

std::string notesJson(std::span<const SafetensorsNote> notes) {
    std::vector<std::string> members;
    for (const SafetensorsNote& note : notes)
        members.push_back(quoteJson(note.key) + ":" + quoteJson(note.value));
    return fmt::format("\"__metadata__\":{{{}}}", fmt::join(members, ","));
}

}  // namespace

Result<int64_t> safetensorsBytes(const SafetensorsSpec& spec) {
    if (spec.shape.size() > kSafetensorsDimsMax)
        return fail(Errc::invalidInput,
                    fmt::format("tensor {}: {} dimensions, expected at most {}", spec.name,
                                spec.shape.size(), kSafetensorsDimsMax));
    int64_t bytes = bytesOf(spec.type);
    for (const int64_t size : spec.shape)
        if (size < 1 || __builtin_mul_overflow(bytes, size, &bytes))
            return fail(Errc::invalidInput, fmt::format("tensor {}: shape [{}]", spec.name,
                                                        fmt::join(spec.shape, ", ")));
    return bytes;
}

std::vector<SafetensorsSpec> inStorageOrder(std::vector<SafetensorsSpec> tensors) {
    std::ranges::stable_sort(tensors, std::greater<>(),
                             [](const SafetensorsSpec& spec) { return bytesOf(spec.type); });
    return tensors;
}

Result<SafetensorsWriter> SafetensorsWriter::begin(ByteSink& sink,
                                                   std::span<const SafetensorsSpec> tensors,
                                                   std::span<const SafetensorsNote> notes) {
    TRY(checkTensorNames(tensors));
    std::vector<std::string> members;
    if (!notes.empty()) members.push_back(notesJson(notes));
    std::vector<WriteOrder::Tensor> order;
    int64_t offset = 0;
    for (const SafetensorsSpec& spec : tensors) {
        TRY_ASSIGN(const int64_t bytes, safetensorsBytes(spec));
        int64_t end = 0;
        if (offset % bytesOf(spec.type) != 0 || __builtin_add_overflow(offset, bytes, &end))
            return fail(Errc::invalidInput,
                        fmt::format("tensor {} {} at {} of the data, expected a multiple of {}",
                                    spec.name, toString(spec.type), offset, bytesOf(spec.type)));
        members.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                      quoteJson(spec.name), toString(spec.type),
                                      fmt::join(spec.shape, ","), offset, end));
        order.push_back({spec.name, bytes});
        offset = end;
    }
    std::string header = fmt::format("{{{}}}", fmt::join(members, ","));
    header.resize((header.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment,
                  ' ');
    const uint64_t length = header.size();
    TRY(sink.write(std::as_bytes(std::span(&length, 1))));
    TRY(sink.write(std::as_bytes(std::span(header))));
    return SafetensorsWriter(sink, WriteOrder(std::move(order)));
}

Status SafetensorsWriter::write(std::string_view tensor, std::span<const std::byte> part) {
    TRY(order_.advance(tensor, std::ssize(part)));
    return sink_->write(part);
}

Status SafetensorsWriter::finish() {
    return order_.checkFinished();
}

}  // namespace moxie::engine

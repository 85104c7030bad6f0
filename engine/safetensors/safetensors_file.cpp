#include "engine/safetensors/safetensors_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "engine/safetensors/header_parser.h"
#include "engine/weights/foreign_file.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

static_assert(std::endian::native == std::endian::little, "safetensors are read in place");

namespace {

// The bound of the format's reference implementation.
constexpr uint64_t kHeaderBytesMax = 100'000'000;
constexpr int64_t kLengthBytes = 8;
constexpr int64_t kValuesMax = int64_t(1) << 40;  // as in gguf_header.cpp

struct TypeRow {
    SafetensorsType type;
    std::string_view name;
    int64_t bytes;
};

constexpr std::array kTypeRows = {
    TypeRow{SafetensorsType::boolean, "BOOL", 1},   TypeRow{SafetensorsType::u8, "U8", 1},
    TypeRow{SafetensorsType::i8, "I8", 1},          TypeRow{SafetensorsType::f8E5m2, "F8_E5M2", 1},
    TypeRow{SafetensorsType::f8E4m3, "F8_E4M3", 1}, TypeRow{SafetensorsType::f8E8m0, "F8_E8M0", 1},
    TypeRow{SafetensorsType::i16, "I16", 2},        TypeRow{SafetensorsType::u16, "U16", 2},
    TypeRow{SafetensorsType::f16, "F16", 2},        TypeRow{SafetensorsType::bf16, "BF16", 2},
    TypeRow{SafetensorsType::i32, "I32", 4},        TypeRow{SafetensorsType::u32, "U32", 4},
    TypeRow{SafetensorsType::f32, "F32", 4},        TypeRow{SafetensorsType::i64, "I64", 8},
    TypeRow{SafetensorsType::u64, "U64", 8},        TypeRow{SafetensorsType::f64, "F64", 8},
};

const TypeRow& rowOf(SafetensorsType type) {
    return *std::ranges::find(kTypeRows, type, &TypeRow::type);
}

std::string typeNames() {
    std::string names;
    for (const TypeRow& row : kTypeRows) {
        if (!names.empty()) names += ", ";
        names += row.name;
    }
    return names;
}

// Type, shape and size; not yet the place.
Result<SafetensorsTensor> checkedTensor(SafetensorsHeader::Tensor& stored) {
    SafetensorsTensor tensor;
    tensor.name = std::move(stored.name);
    if (tensor.name.empty()) return fail(Errc::corrupt, "a tensor without a name");
    const auto type = safetensorsTypeFromName(stored.type);
    if (!type)
        return fail(Errc::unsupported,
                    fmt::format("tensor {} has dtype {} at {} of the data, "
                                "expected one of {}",
                                tensor.name, stored.type, stored.offsets[0], typeNames()));
    tensor.type = *type;
    tensor.nDims = static_cast<int32_t>(stored.shape.size());
    tensor.bytes = bytesOf(*type);
    for (size_t i = 0; i < stored.shape.size(); ++i) {
        tensor.shape[i] = stored.shape[i];
        if (stored.shape[i] < 1 || stored.shape[i] > kValuesMax ||
            __builtin_mul_overflow(tensor.bytes, stored.shape[i], &tensor.bytes))
            return fail(Errc::corrupt, fmt::format("tensor {}: shape {}, expected sizes from 1 to "
                                                   "2^40 whose product fits",
                                                   tensor.name, shapeText(tensor)));
    }
    const int64_t begin = stored.offsets[0];
    const int64_t end = stored.offsets[1];
    if (begin > end || end - begin != tensor.bytes)
        return fail(
            Errc::corrupt,
            fmt::format("tensor {}: bytes {} to {} for {} {}, expected {} bytes", tensor.name,
                        begin, end, stored.type, shapeText(tensor), tensor.bytes));
    tensor.offset = begin;
    return tensor;
}

// No two tensors may share bytes: a small file could else claim any amount of data.
Status checkOverlaps(const std::vector<SafetensorsTensor>& tensors) {
    std::vector<std::reference_wrapper<const SafetensorsTensor>> byPlace(tensors.begin(),
                                                                         tensors.end());
    std::ranges::sort(byPlace, {}, &SafetensorsTensor::offset);
    for (size_t i = 1; i < byPlace.size(); ++i) {
        const SafetensorsTensor& before = byPlace[i - 1];
        const SafetensorsTensor& tensor = byPlace[i];
        if (tensor.offset < before.offset + before.bytes)
            return fail(Errc::corrupt, fmt::format("tensor {} at offset {} lies over {}, which "
                                                   "ends at {}",
                                                   tensor.name, tensor.offset, before.name,
                                                   before.offset + before.bytes));
    }
    return {};
}

}  // namespace

std::string_view toString(SafetensorsType type) {
    return rowOf(type).name;
}

int64_t bytesOf(SafetensorsType type) {
    return rowOf(type).bytes;
}

std::optional<SafetensorsType> safetensorsTypeFromName(std::string_view name) {
    const auto row = std::ranges::find(kTypeRows, name, &TypeRow::name);
    if (row == kTypeRows.end()) return std::nullopt;
    return row->type;
}

std::string shapeText(const SafetensorsTensor& tensor) {
    const std::span<const int64_t> sizes(tensor.shape.data(), static_cast<size_t>(tensor.nDims));
    return fmt::format("[{}]", fmt::join(sizes, ", "));
}

bool beginsAsSafetensors(std::span<const std::byte> bytes) {
    if (std::ssize(bytes) <= kLengthBytes || bytes[kLengthBytes] != std::byte{'{'}) return false;
    uint64_t headerBytes = 0;
    std::memcpy(&headerBytes, bytes.data(), sizeof headerBytes);
    return headerBytes <= kHeaderBytesMax;
}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    TRY_ASSIGN(base::MappedFile mapping, base::MappedFile::open(path));
    SafetensorsFile file;
    if (Status status = file.read(mapping.bytes()); !status) {
        if (const auto foreign = describeForeignFile(mapping.bytes());
            foreign && !beginsAsSafetensors(mapping.bytes()))
            return fail(Errc::unsupported, fmt::format("{}: {}", name, *foreign));
        return fail(std::move(status).error().within(name));
    }
    file.mapping_ = std::move(mapping);
    return file;
}

Result<SafetensorsFile> SafetensorsFile::parse(std::span<const std::byte> bytes) {
    SafetensorsFile file;
    TRY(file.read(bytes));
    return file;
}

Status SafetensorsFile::read(std::span<const std::byte> bytes) {
    fileBytes_ = std::ssize(bytes);
    if (fileBytes_ < kLengthBytes)
        return fail(Errc::corrupt, fmt::format("file ends at {}, expected 8 bytes of the header's "
                                               "length",
                                               fileBytes_));
    uint64_t headerBytes = 0;
    std::memcpy(&headerBytes, bytes.data(), sizeof headerBytes);
    if (headerBytes > std::min(kHeaderBytesMax, static_cast<uint64_t>(fileBytes_ - kLengthBytes)))
        return fail(Errc::corrupt,
                    fmt::format("header of {} bytes at 8, expected at most {} and no more than "
                                "the file of {}",
                                headerBytes, kHeaderBytesMax, fileBytes_));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes,
                                headerBytes);
    if (!text.starts_with('{')) return fail(Errc::corrupt, "expected \"{\" at 8");
    TRY_ASSIGN(SafetensorsHeader header, parseSafetensorsHeader(text));
    const int64_t dataAt = kLengthBytes + static_cast<int64_t>(headerBytes);
    for (SafetensorsHeader::Tensor& stored : header.tensors) {
        TRY_ASSIGN(SafetensorsTensor tensor, checkedTensor(stored));
        if (tensor.bytes > fileBytes_ - dataAt ||
            tensor.offset > fileBytes_ - dataAt - tensor.bytes)
            return fail(Errc::corrupt,
                        fmt::format("tensor {}: {} bytes at {} end behind the file's {} data "
                                    "bytes: it is not whole",
                                    tensor.name, tensor.bytes, tensor.offset, fileBytes_ - dataAt));
        tensor.offset += dataAt;
        tensor.data = reinterpret_cast<const uint8_t*>(bytes.data()) + tensor.offset;
        tensors_.push_back(std::move(tensor));
    }
    std::ranges::sort(tensors_, {}, &SafetensorsTensor::name);
    if (const auto twice = std::ranges::adjacent_find(tensors_, {}, &SafetensorsTensor::name);
        twice != tensors_.end())
        return fail(Errc::corrupt, fmt::format("tensor {} is there twice", twice->name));
    TRY(checkOverlaps(tensors_));
    notes_ = std::move(header.notes);
    return {};
}

const SafetensorsTensor* SafetensorsFile::findTensor(std::string_view name) const {
    const auto at = std::ranges::lower_bound(tensors_, name, {}, &SafetensorsTensor::name);
    return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

}  // namespace moxie::engine

#include "engine/gguf/gguf_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "engine/gguf/packed_values.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

static_assert(std::endian::native == std::endian::little, "GGUF values are read in place");

int64_t ggufValueBytes(GgufType type) {
    switch (type) {
        case GgufType::u8:
        case GgufType::i8:
        case GgufType::boolean:
            return 1;
        case GgufType::u16:
        case GgufType::i16:
            return 2;
        case GgufType::u32:
        case GgufType::i32:
        case GgufType::f32:
            return 4;
        case GgufType::u64:
        case GgufType::i64:
        case GgufType::f64:
            return 8;
        case GgufType::string:
        case GgufType::array:
            break;
    }
    return 0;
}

namespace {

constexpr int64_t kNameBytesMax = 65'535;  // keys, by the specification
constexpr int kArrayDepthMax = 4;
// Fifty times the largest vocabulary: a file with holes could ask for any amount of memory.
constexpr int64_t kStringsMax = 1 << 24;
constexpr int64_t kAlignmentMax = 1 << 20;
// 2^40 values are more than any file we could map; the bound keeps products in 64 bits.
constexpr uint64_t kDimMax = uint64_t(1) << 40;

// ggml's names of its tensor types, for messages about those we do not have.
constexpr std::array<std::string_view, 40> kGgmlTypeNames = {
    "F32",   "F16",        "Q4_0",       "Q4_1",       "Q4_2",     "Q4_3",     "Q5_0",
    "Q5_1",  "Q8_0",       "Q8_1",       "Q2_K",       "Q3_K",     "Q4_K",     "Q5_K",
    "Q6_K",  "Q8_K",       "IQ2_XXS",    "IQ2_XS",     "IQ3_XXS",  "IQ1_S",    "IQ4_NL",
    "IQ3_S", "IQ2_S",      "IQ4_XS",     "I8",         "I16",      "I32",      "I64",
    "F64",   "IQ1_M",      "BF16",       "Q4_0_4_4",   "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",
    "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4"};

// nullptr for types we do not have, and for those of other files.
const kernels::BlockFormat* ggmlFormat(uint32_t type) {
    return type < kGgmlTypeNames.size() ? kernels::blockFormat(type) : nullptr;
}

// "F32, F16, ... or MXFP4".
std::string ggmlFormatNames() {
    std::string names;
    for (uint32_t type = 0; type < kGgmlTypeNames.size(); ++type)
        if (const kernels::BlockFormat* format = ggmlFormat(type)) {
            if (!names.empty()) names += ", ";
            names += format->name;
        }
    const size_t last = names.rfind(", ");
    return last == std::string::npos ? names : names.replace(last, 2, " or ");
}

// Reads forward through the header; every step checks what is left.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    int64_t pos() const { return pos_; }

    int64_t left() const { return static_cast<int64_t>(bytes_.size()) - pos_; }

    Result<std::span<const std::byte>> take(int64_t bytes) {
        if (bytes < 0 || bytes > left())
            return fail(Errc::corrupt,
                        fmt::format("file ends at {}, but {} more bytes are due at {}",
                                    bytes_.size(), bytes, pos_));
        const auto part = bytes_.subspan(static_cast<size_t>(pos_), static_cast<size_t>(bytes));
        pos_ += bytes;
        return part;
    }

    template <class T>
    Result<T> number() {
        TRY_ASSIGN(const auto part, take(sizeof(T)));
        return loadPacked<T>(part.data());
    }

    // A count of things that take at least bytesEach in the file.
    Result<int64_t> count(std::string_view what, int64_t bytesEach) {
        const int64_t at = pos_;
        TRY_ASSIGN(const uint64_t value, number<uint64_t>());
        if (value > static_cast<uint64_t>(left() / bytesEach))
            return fail(Errc::corrupt,
                        fmt::format("{} {} at {} do not fit into the file of {} bytes", value, what,
                                    at, bytes_.size()));
        return static_cast<int64_t>(value);
    }

    Result<std::string_view> string() {
        TRY_ASSIGN(const int64_t bytes, count("bytes of a string", 1));
        TRY_ASSIGN(const auto part, take(bytes));
        return std::string_view(reinterpret_cast<const char*>(part.data()), part.size());
    }

    Result<GgufType> type() {
        const int64_t at = pos_;
        TRY_ASSIGN(const uint32_t value, number<uint32_t>());
        if (value > static_cast<uint32_t>(GgufType::f64))
            return fail(Errc::corrupt,
                        fmt::format("value type {} at {}, expected 0 to 12", value, at));
        return GgufType{value};
    }

private:
    std::span<const std::byte> bytes_;
    int64_t pos_ = 0;
};

Status skipArray(Reader& reader, int depth) {
    if (depth > kArrayDepthMax)
        return fail(Errc::corrupt, fmt::format("arrays nested deeper than {}", kArrayDepthMax));
    TRY_ASSIGN(const GgufType type, reader.type());
    if (const int64_t each = ggufValueBytes(type); each > 0) {
        TRY_ASSIGN(const int64_t count, reader.count("array elements", each));
        TRY(reader.take(count * each));
        return {};
    }
    TRY_ASSIGN(const int64_t count, reader.count("array elements", 8));
    for (int64_t i = 0; i < count; ++i) {
        if (type == GgufType::string)
            TRY(reader.string());
        else
            TRY(skipArray(reader, depth + 1));
    }
    return {};
}

Status readArray(Reader& reader, GgufEntry& entry) {
    TRY_ASSIGN(entry.elementType, reader.type());
    if (const int64_t each = ggufValueBytes(entry.elementType); each > 0) {
        TRY_ASSIGN(entry.count, reader.count("array elements", each));
        TRY_ASSIGN(entry.raw, reader.take(entry.count * each));
        return {};
    }
    TRY_ASSIGN(entry.count, reader.count("array elements", 8));
    if (entry.count > kStringsMax)
        return fail(Errc::corrupt, fmt::format("{} strings in {}, expected at most {}", entry.count,
                                               entry.key, kStringsMax));
    for (int64_t i = 0; i < entry.count; ++i) {
        if (entry.elementType == GgufType::array) {
            TRY(skipArray(reader, 2));
            continue;
        }
        TRY_ASSIGN(const std::string_view text, reader.string());
        entry.strings.push_back(text);
    }
    return {};
}

Result<GgufEntry> readEntry(Reader& reader) {
    GgufEntry entry;
    TRY_ASSIGN(entry.key, reader.string());
    if (entry.key.empty() || std::ssize(entry.key) > kNameBytesMax)
        return fail(Errc::corrupt,
                    fmt::format("key of {} bytes before {}", entry.key.size(), reader.pos()));
    TRY_ASSIGN(entry.type, reader.type());
    if (entry.type == GgufType::array) {
        TRY(readArray(reader, entry));
    } else if (entry.type == GgufType::string) {
        TRY_ASSIGN(entry.text, reader.string());
    } else {
        TRY_ASSIGN(entry.raw, reader.take(ggufValueBytes(entry.type)));
    }
    return entry;
}

// Dimensions into `tensor`, and the product of all but the first.
Result<int64_t> readShape(Reader& reader, StoredTensor& tensor) {
    TRY_ASSIGN(const uint32_t nDims, reader.number<uint32_t>());
    if (nDims < 1 || nDims > tensor.dims.size())
        return fail(Errc::corrupt, fmt::format("tensor {} has {} dimensions, expected 1 to 4",
                                               tensor.name, nDims));
    tensor.nDims = static_cast<int32_t>(nDims);
    int64_t rows = 1;
    for (size_t i = 0; i < nDims; ++i) {
        TRY_ASSIGN(const uint64_t dim, reader.number<uint64_t>());
        if (dim < 1 || dim > kDimMax)
            return fail(Errc::corrupt,
                        fmt::format("tensor {}: dimension {} is {}, expected 1 to 2^40",
                                    tensor.name, i, dim));
        tensor.dims[i] = static_cast<int64_t>(dim);
        if (i > 0 && __builtin_mul_overflow(rows, tensor.dims[i], &rows))
            return fail(Errc::corrupt, fmt::format("tensor {}: size overflows", tensor.name));
    }
    return rows;
}

// Everything but `weights.data`, whose place is known only after the last entry.
Result<StoredTensor> readTensor(Reader& reader) {
    StoredTensor tensor;
    TRY_ASSIGN(tensor.name, reader.string());
    if (tensor.name.empty() || std::ssize(tensor.name) > kNameBytesMax)
        return fail(Errc::corrupt, fmt::format("tensor name of {} bytes before {}",
                                               tensor.name.size(), reader.pos()));
    TRY_ASSIGN(const int64_t rows, readShape(reader, tensor));
    const int64_t typeAt = reader.pos();
    TRY_ASSIGN(const uint32_t type, reader.number<uint32_t>());
    const kernels::BlockFormat* format = ggmlFormat(type);
    if (format == nullptr)
        return fail(Errc::unsupported,
                    fmt::format("tensor {} has type {} ({}) at offset {}, expected {}", tensor.name,
                                type < kGgmlTypeNames.size() ? kGgmlTypeNames[type] : "unknown",
                                type, typeAt, ggmlFormatNames()));
    if (tensor.dims[0] % format->blockValues != 0)
        return fail(Errc::corrupt,
                    fmt::format("tensor {}: {} columns are no multiple of {} ({})", tensor.name,
                                tensor.dims[0], format->blockValues, format->name));
    tensor.weights = {.dtype = format->dtype,
                      .rows = rows,
                      .cols = tensor.dims[0],
                      .rowBytes = tensor.dims[0] / format->blockValues * format->blockBytes};
    if (__builtin_mul_overflow(rows, tensor.weights.rowBytes, &tensor.bytes))
        return fail(Errc::corrupt, fmt::format("tensor {}: size overflows", tensor.name));
    TRY_ASSIGN(const uint64_t offset, reader.number<uint64_t>());
    if (offset > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return fail(Errc::corrupt, fmt::format("tensor {}: offset {}", tensor.name, offset));
    tensor.offset = static_cast<int64_t>(offset);
    return tensor;
}

Result<int64_t> alignmentOf(const GgufHeader& header) {
    const GgufEntry* entry = findEntry(header, "general.alignment");
    if (entry == nullptr) return 32;
    const auto alignment = integerOf(*entry);
    if (!alignment || *alignment < 1 || *alignment > kAlignmentMax ||
        !std::has_single_bit(static_cast<uint64_t>(*alignment)))
        return fail(
            Errc::corrupt,
            fmt::format("general.alignment is {}, expected a power of two up to {}",
                        alignment ? std::to_string(*alignment) : "no integer", kAlignmentMax));
    return *alignment;
}

// Gives the tensors their places, which are counted from dataAt, and checks them.
Status placeTensors(std::span<const std::byte> file, int64_t dataAt, int64_t alignment,
                    std::vector<StoredTensor>& tensors) {
    const int64_t dataBytes = std::ssize(file) - dataAt;  // negative if the padding is cut
    for (StoredTensor& tensor : tensors) {
        if (tensor.offset % alignment != 0)
            return fail(Errc::corrupt, fmt::format("tensor {}: offset {} is no multiple of {}",
                                                   tensor.name, tensor.offset, alignment));
        if (tensor.bytes > dataBytes || tensor.offset > dataBytes - tensor.bytes)
            return fail(Errc::corrupt,
                        fmt::format("tensor {}: {} bytes at {} end behind the file's {} data bytes",
                                    tensor.name, tensor.bytes, tensor.offset,
                                    std::max<int64_t>(dataBytes, 0)));
        tensor.offset += dataAt;
        tensor.weights.data = reinterpret_cast<const uint8_t*>(file.data()) + tensor.offset;
    }
    return {};
}

}  // namespace

Result<GgufHeader> readGgufHeader(std::span<const std::byte> file) {
    Reader reader(file);
    GgufHeader header;
    TRY_ASSIGN(const auto magic, reader.take(4));
    if (std::memcmp(magic.data(), "GGUF", 4) != 0)
        return fail(Errc::corrupt, "the file does not begin with \"GGUF\"");
    TRY_ASSIGN(header.version, reader.number<uint32_t>());
    if (header.version != 2 && header.version != 3)
        return fail(Errc::unsupported,
                    fmt::format("GGUF version {}{}, expected 2 or 3", header.version,
                                (header.version & 0xffff) == 0 ? " (big-endian file)" : ""));
    TRY_ASSIGN(const int64_t nTensors, reader.count("tensors", 32));
    TRY_ASSIGN(const int64_t nEntries, reader.count("metadata entries", 13));
    for (int64_t i = 0; i < nEntries; ++i) {
        TRY_ASSIGN(GgufEntry entry, readEntry(reader));
        header.entries.push_back(std::move(entry));
    }
    std::ranges::sort(header.entries, {}, &GgufEntry::key);
    if (const auto twice = std::ranges::adjacent_find(header.entries, {}, &GgufEntry::key);
        twice != header.entries.end())
        return fail(Errc::corrupt, fmt::format("key {} is there twice", twice->key));
    TRY_ASSIGN(const int64_t alignment, alignmentOf(header));
    for (int64_t i = 0; i < nTensors; ++i) {
        TRY_ASSIGN(const StoredTensor tensor, readTensor(reader));
        header.tensors.push_back(tensor);
    }
    const int64_t dataAt = (reader.pos() + alignment - 1) / alignment * alignment;
    TRY(placeTensors(file, dataAt, alignment, header.tensors));
    std::ranges::sort(header.tensors, {}, &StoredTensor::name);
    if (const auto twice = std::ranges::adjacent_find(header.tensors, {}, &StoredTensor::name);
        twice != header.tensors.end())
        return fail(Errc::corrupt, fmt::format("tensor {} is there twice", twice->name));
    return header;
}

const GgufEntry* findEntry(const GgufHeader& header, std::string_view key) {
    const auto at = std::ranges::lower_bound(header.entries, key, {}, &GgufEntry::key);
    return at != header.entries.end() && at->key == key ? &*at : nullptr;
}

std::optional<int64_t> integerOf(const GgufEntry& entry) {
    if (entry.type == GgufType::array) return std::nullopt;
    return packedInteger(entry.type, entry.raw.data());
}

}  // namespace moxie::engine

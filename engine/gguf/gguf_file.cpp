#include "engine/gguf/gguf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

static_assert(std::endian::native == std::endian::little, "GGUF values are read in place");

namespace {

constexpr int64_t kNameBytesMax = 65'535;  // keys, by the specification
constexpr int kArrayDepthMax = 4;
// Fifty times the largest vocabulary: a file with holes could ask for any amount of memory.
constexpr int64_t kStringsMax = 1 << 24;
constexpr int64_t kAlignmentMax = 1 << 20;

// Bytes of one value of a fixed size; 0 for strings, arrays and unknown types.
int64_t scalarBytes(GgufType type) {
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

// Names of ggml's tensor types, for messages about those we do not have.
std::string_view ggmlTypeName(uint32_t type) {
    static constexpr std::array<std::string_view, 40> kNames = {
        "F32",   "F16",        "Q4_0",       "Q4_1",       "Q4_2",     "Q4_3",     "Q5_0",
        "Q5_1",  "Q8_0",       "Q8_1",       "Q2_K",       "Q3_K",     "Q4_K",     "Q5_K",
        "Q6_K",  "Q8_K",       "IQ2_XXS",    "IQ2_XS",     "IQ3_XXS",  "IQ1_S",    "IQ4_NL",
        "IQ3_S", "IQ2_S",      "IQ4_XS",     "I8",         "I16",      "I32",      "I64",
        "F64",   "IQ1_M",      "BF16",       "Q4_0_4_4",   "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",
        "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4"};
    return type < kNames.size() ? kNames[type] : std::string_view("unknown");
}

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
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
        return load<T>(part.data());
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
    if (const int64_t each = scalarBytes(type); each > 0) {
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
    if (const int64_t each = scalarBytes(entry.elementType); each > 0) {
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
        TRY_ASSIGN(entry.raw, reader.take(scalarBytes(entry.type)));
    }
    return entry;
}

// Everything but `weights.data`, whose place is known only after the last entry.
Result<GgufTensor> readTensor(Reader& reader) {
    GgufTensor tensor;
    TRY_ASSIGN(tensor.name, reader.string());
    if (tensor.name.empty() || std::ssize(tensor.name) > kNameBytesMax)
        return fail(Errc::corrupt, fmt::format("tensor name of {} bytes before {}",
                                               tensor.name.size(), reader.pos()));
    TRY_ASSIGN(const uint32_t nDims, reader.number<uint32_t>());
    if (nDims < 1 || nDims > tensor.dims.size())
        return fail(Errc::corrupt, fmt::format("tensor {} has {} dimensions, expected 1 to 4",
                                               tensor.name, nDims));
    tensor.nDims = static_cast<int32_t>(nDims);
    int64_t rows = 1;
    for (size_t i = 0; i < nDims; ++i) {
        TRY_ASSIGN(const uint64_t dim, reader.number<uint64_t>());
        // 2^40 values are more than any file we could map; the bound keeps products in 64 bits.
        if (dim < 1 || dim > (uint64_t(1) << 40))
            return fail(Errc::corrupt,
                        fmt::format("tensor {}: dimension {} is {}, expected 1 to 2^40",
                                    tensor.name, i, dim));
        tensor.dims[i] = static_cast<int64_t>(dim);
        if (i > 0 && __builtin_mul_overflow(rows, tensor.dims[i], &rows))
            return fail(Errc::corrupt, fmt::format("tensor {}: size overflows", tensor.name));
    }
    const int64_t typeAt = reader.pos();
    TRY_ASSIGN(const uint32_t type, reader.number<uint32_t>());
    const kernels::BlockFormat* format = kernels::blockFormat(type);
    if (format == nullptr)
        return fail(Errc::unsupported,
                    fmt::format("tensor {} has type {} ({}) at offset {}, expected F32, F16, Q4_0, "
                                "Q4_1 or Q8_0",
                                tensor.name, ggmlTypeName(type), type, typeAt));
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

// One element of a packed integer array; nullopt if it does not fit or is no integer.
std::optional<int64_t> integerAt(GgufType type, const std::byte* at) {
    switch (type) {
        case GgufType::u8:
            return load<uint8_t>(at);
        case GgufType::i8:
            return load<int8_t>(at);
        case GgufType::u16:
            return load<uint16_t>(at);
        case GgufType::i16:
            return load<int16_t>(at);
        case GgufType::u32:
            return load<uint32_t>(at);
        case GgufType::i32:
            return load<int32_t>(at);
        case GgufType::i64:
            return load<int64_t>(at);
        case GgufType::u64:
            if (const auto value = load<uint64_t>(at); std::in_range<int64_t>(value))
                return static_cast<int64_t>(value);
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

}  // namespace

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
    TRY_ASSIGN(base::MappedFile mapping, base::MappedFile::open(path));
    GgufFile file;
    file.mapping_ = std::move(mapping);
    file.bytes_ = file.mapping_->bytes();
    if (Status status = file.read(); !status)
        return fail(std::move(status).error().within(path.filename().string()));
    return file;
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes) {
    GgufFile file;
    file.bytes_ = bytes;
    TRY(file.read());
    return file;
}

Status GgufFile::read() {
    Reader reader(bytes_);
    TRY_ASSIGN(const auto magic, reader.take(4));
    if (std::memcmp(magic.data(), "GGUF", 4) != 0)
        return fail(Errc::corrupt, "the file does not begin with \"GGUF\"");
    TRY_ASSIGN(version_, reader.number<uint32_t>());
    if (version_ != 2 && version_ != 3)
        return fail(Errc::unsupported,
                    fmt::format("GGUF version {}{}, expected 2 or 3", version_,
                                (version_ & 0xffff) == 0 ? " (big-endian file)" : ""));
    TRY_ASSIGN(const int64_t nTensors, reader.count("tensors", 32));
    TRY_ASSIGN(const int64_t nEntries, reader.count("metadata entries", 13));
    for (int64_t i = 0; i < nEntries; ++i) {
        TRY_ASSIGN(GgufEntry entry, readEntry(reader));
        entries_.push_back(std::move(entry));
    }
    std::ranges::sort(entries_, {}, &GgufEntry::key);
    if (const auto twice = std::ranges::adjacent_find(entries_, {}, &GgufEntry::key);
        twice != entries_.end())
        return fail(Errc::corrupt, fmt::format("key {} is there twice", twice->key));

    int64_t alignment = 32;
    if (find("general.alignment") != nullptr) {
        TRY_ASSIGN(alignment, requireInteger("general.alignment", 1, kAlignmentMax));
        if (!std::has_single_bit(static_cast<uint64_t>(alignment)))
            return fail(Errc::corrupt,
                        fmt::format("general.alignment is {}, expected a power of two", alignment));
    }
    for (int64_t i = 0; i < nTensors; ++i) {
        TRY_ASSIGN(GgufTensor tensor, readTensor(reader));
        tensors_.push_back(tensor);
    }
    const int64_t dataAt = (reader.pos() + alignment - 1) / alignment * alignment;
    const int64_t dataBytes = fileBytes() - dataAt;  // negative if the padding is cut
    for (GgufTensor& tensor : tensors_) {
        if (tensor.offset % alignment != 0)
            return fail(Errc::corrupt, fmt::format("tensor {}: offset {} is no multiple of {}",
                                                   tensor.name, tensor.offset, alignment));
        if (tensor.bytes > dataBytes || tensor.offset > dataBytes - tensor.bytes)
            return fail(Errc::corrupt,
                        fmt::format("tensor {}: {} bytes at {} end behind the file's {} data bytes",
                                    tensor.name, tensor.bytes, tensor.offset,
                                    std::max<int64_t>(dataBytes, 0)));
        tensor.offset += dataAt;
        tensor.weights.data = reinterpret_cast<const uint8_t*>(bytes_.data()) + tensor.offset;
    }
    std::ranges::sort(tensors_, {}, &GgufTensor::name);
    if (const auto twice = std::ranges::adjacent_find(tensors_, {}, &GgufTensor::name);
        twice != tensors_.end())
        return fail(Errc::corrupt, fmt::format("tensor {} is there twice", twice->name));
    return {};
}

const GgufEntry* GgufFile::find(std::string_view key) const {
    const auto at = std::ranges::lower_bound(entries_, key, {}, &GgufEntry::key);
    return at != entries_.end() && at->key == key ? &*at : nullptr;
}

const GgufTensor* GgufFile::findTensor(std::string_view name) const {
    const auto at = std::ranges::lower_bound(tensors_, name, {}, &GgufTensor::name);
    return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr || entry->type == GgufType::array) return std::nullopt;
    return integerAt(entry->type, entry->raw.data());
}

std::optional<double> GgufFile::number(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->type == GgufType::f32) return double{load<float>(entry->raw.data())};
    if (entry->type == GgufType::f64) return load<double>(entry->raw.data());
    if (const auto value = integer(key)) return static_cast<double>(*value);
    return std::nullopt;
}

std::optional<bool> GgufFile::boolean(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr || entry->type != GgufType::boolean) return std::nullopt;
    return load<uint8_t>(entry->raw.data()) != 0;
}

std::optional<std::string_view> GgufFile::string(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr || entry->type != GgufType::string) return std::nullopt;
    return entry->text;
}

std::span<const std::string_view> GgufFile::strings(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return {};
    return entry->strings;
}

std::vector<float> GgufFile::numbers(std::string_view key) const {
    const GgufEntry* entry = find(key);
    std::vector<float> values;
    if (entry == nullptr || entry->type != GgufType::array) return values;
    if (entry->elementType == GgufType::f32) {
        values.resize(static_cast<size_t>(entry->count));
        if (!values.empty()) std::memcpy(values.data(), entry->raw.data(), entry->raw.size());
    } else if (entry->elementType == GgufType::f64) {
        for (int64_t i = 0; i < entry->count; ++i)
            values.push_back(static_cast<float>(load<double>(entry->raw.data() + i * 8)));
    }
    return values;
}

std::vector<int64_t> GgufFile::integers(std::string_view key) const {
    const GgufEntry* entry = find(key);
    std::vector<int64_t> values;
    if (entry == nullptr || entry->type != GgufType::array) return values;
    const int64_t each = scalarBytes(entry->elementType);
    for (int64_t i = 0; i < entry->count && each > 0; ++i) {
        const auto value = integerAt(entry->elementType, entry->raw.data() + i * each);
        if (!value) return {};
        values.push_back(*value);
    }
    return values;
}

Result<int64_t> GgufFile::requireInteger(std::string_view key, int64_t min, int64_t max) const {
    const auto value = integer(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("{}: {}, expected an integer", key,
                                               find(key) == nullptr ? "missing" : "another type"));
    if (*value < min || *value > max)
        return fail(Errc::corrupt,
                    fmt::format("{} is {}, expected {} to {}", key, *value, min, max));
    return *value;
}

Result<std::string_view> GgufFile::requireString(std::string_view key) const {
    const auto value = string(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("{}: {}, expected a string", key,
                                               find(key) == nullptr ? "missing" : "another type"));
    return *value;
}

}  // namespace moxie::engine

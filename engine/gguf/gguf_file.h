// A GGUF model file, versions 2 and 3, little-endian: metadata as typed values, tensors as views of
// the mapped file. Safe on hostile input: every count, size and offset is checked against the file
// before use. Not here: what the keys mean (engine/llama, engine/tokenizer).
// Threads: immutable after open(); any thread.
// Source: the GGUF specification of the ggml project.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

enum class GgufType : uint32_t {
    u8 = 0,
    i8 = 1,
    u16 = 2,
    i16 = 3,
    u32 = 4,
    i32 = 5,
    f32 = 6,
    boolean = 7,
    string = 8,
    array = 9,
    u64 = 10,
    i64 = 11,
    f64 = 12,
};

// One metadata entry. Arrays of arrays are checked and kept as raw bytes only.
struct GgufEntry {
    std::string_view key;
    GgufType type = GgufType::u8;
    GgufType elementType = GgufType::u8;    // arrays only
    int64_t count = 1;                      // elements of an array
    std::span<const std::byte> raw;         // numbers, booleans: packed little-endian values
    std::string_view text;                  // strings
    std::vector<std::string_view> strings;  // arrays of strings
};

struct GgufTensor {
    std::string_view name;
    int32_t nDims = 0;
    std::array<int64_t, 4> dims = {1, 1, 1, 1};  // dims[0] is the contiguous one (columns)
    int64_t offset = 0;                          // of the data, from the start of the file
    int64_t bytes = 0;
    kernels::WeightsView weights;  // rows = dims[1] * dims[2] * dims[3], cols = dims[0]
};

class GgufFile {
public:
    // Maps the file and reads its header. Fails: notFound, denied, io, corrupt, unsupported
    // (version, byte order, tensor type; the message names the tensor, its type and what we have).
    static base::Result<GgufFile> open(const std::filesystem::path& path);
    // The same over bytes in memory, which must outlive the object. Fails: corrupt, unsupported.
    static base::Result<GgufFile> parse(std::span<const std::byte> bytes);

    uint32_t version() const { return version_; }

    int64_t fileBytes() const { return static_cast<int64_t>(bytes_.size()); }

    std::span<const GgufEntry> entries() const { return entries_; }

    std::span<const GgufTensor> tensors() const { return tensors_; }

    const GgufEntry* find(std::string_view key) const;          // nullptr if absent
    const GgufTensor* findTensor(std::string_view name) const;  // nullptr if absent

    // Optional values: nullopt (or empty) if the key is absent or of another kind. An integer of
    // any width that fits counts as integer; any number counts as number.
    std::optional<int64_t> integer(std::string_view key) const;
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::string_view> string(std::string_view key) const;
    std::span<const std::string_view> strings(std::string_view key) const;
    std::vector<float> numbers(std::string_view key) const;     // f32 or f64 array
    std::vector<int64_t> integers(std::string_view key) const;  // array of any integer type

    // A value the model cannot do without. Fails: corrupt (absent, another kind, out of range),
    // with the key's name in the message.
    base::Result<int64_t> requireInteger(std::string_view key, int64_t min, int64_t max) const;
    base::Result<std::string_view> requireString(std::string_view key) const;

private:
    GgufFile() = default;
    base::Status read();

    std::optional<base::MappedFile> mapping_;
    std::span<const std::byte> bytes_;
    uint32_t version_ = 0;
    std::vector<GgufEntry> entries_;   // sorted by key
    std::vector<GgufTensor> tensors_;  // sorted by name
};

}  // namespace moxie::engine

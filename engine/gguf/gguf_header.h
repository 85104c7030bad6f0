// What stands before the data of one GGUF file, versions 2 and 3, little-endian: typed metadata and
// tensors whose views point into the file. Safe on hostile input: every count, size and offset is
// checked against the file before use. Not here: look-ups by key and models in several files
// (gguf_file.h). Threads: immutable; any thread.
// Source: the GGUF specification of the ggml project.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/weights/tensor_source.h"

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

// Bytes of one value of a fixed size; 0 for strings and arrays.
int64_t ggufValueBytes(GgufType type);

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

struct GgufHeader {
    uint32_t version = 0;
    std::vector<GgufEntry> entries;     // sorted by key, no two alike
    std::vector<StoredTensor> tensors;  // sorted by name, no two alike
};

// Views point into `file`. Fails: corrupt, unsupported (version, byte order, tensor type; the
// message names the tensor, its type, the offset and what we have).
base::Result<GgufHeader> readGgufHeader(std::span<const std::byte> file);

// nullptr if absent.
const GgufEntry* findEntry(const GgufHeader& header, std::string_view key);
// nullopt if the entry is no single integer or does not fit.
std::optional<int64_t> integerOf(const GgufEntry& entry);

}  // namespace moxie::engine

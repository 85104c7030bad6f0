// One safetensors file: eight bytes of length, a JSON header, data. Tensors as they are stored,
// types and shapes of the file, in place. Safe on hostile input: sizes, offsets and names are
// checked before use. Not here: which tensors are scales of which (safetensors_model.h).
// Threads: immutable; any thread. Views live as long as the object; it may be moved.
// Source: the format page of huggingface/safetensors.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace moxie::engine {

enum class SafetensorsType : uint8_t {
    boolean,
    u8,
    i8,
    f8E5m2,
    f8E4m3,
    f8E8m0,
    i16,
    u16,
    f16,
    bf16,
    i32,
    u32,
    f32,
    i64,
    u64,
    f64,
};

std::string_view toString(SafetensorsType type);  // "F8_E4M3", as in the header
int64_t bytesOf(SafetensorsType type);            // of one value
std::optional<SafetensorsType> safetensorsTypeFromName(std::string_view name);

constexpr int kSafetensorsDimsMax = 8;

struct SafetensorsTensor {
    std::string name;
    SafetensorsType type = SafetensorsType::f32;
    int32_t nDims = 0;                                    // 0: a single value
    std::array<int64_t, kSafetensorsDimsMax> shape = {};  // the last is the contiguous one
    int64_t offset = 0;                                   // from the start of the file
    int64_t bytes = 0;
    const uint8_t* data = nullptr;
};

// One entry of the header's "__metadata__".
struct SafetensorsNote {
    std::string key, value;
};

// "[5760, 90, 16]".
std::string shapeText(const SafetensorsTensor& tensor);

// Whether the bytes begin as such a file does, even if it is cut or broken further on.
bool beginsAsSafetensors(std::span<const std::byte> bytes);

class SafetensorsFile {
public:
    // Fails: notFound, denied, io, corrupt, unsupported (a type we do not know, more than 8
    // dimensions; the message names the tensor).
    static base::Result<SafetensorsFile> open(const std::filesystem::path& path);
    // The same over bytes in memory, which must outlive the object. Fails: corrupt, unsupported.
    static base::Result<SafetensorsFile> parse(std::span<const std::byte> bytes);

    int64_t fileBytes() const { return fileBytes_; }

    const base::MappedFile* mapping() const { return mapping_ ? &*mapping_ : nullptr; }

    std::span<const SafetensorsTensor> tensors() const { return tensors_; }  // sorted by name

    const SafetensorsTensor* findTensor(std::string_view name) const;  // nullptr if absent

    std::span<const SafetensorsNote> notes() const { return notes_; }

private:
    SafetensorsFile() = default;
    base::Status read(std::span<const std::byte> bytes);

    std::optional<base::MappedFile> mapping_;
    int64_t fileBytes_ = 0;
    std::vector<SafetensorsTensor> tensors_;
    std::vector<SafetensorsNote> notes_;
};

}  // namespace moxie::engine

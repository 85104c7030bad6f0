// A model in one GGUF file or in several (NAME-00001-of-00003.gguf), mapped and never copied:
// metadata as typed values, tensors as views. Safe on hostile input (gguf_header.h). Not here: what
// the keys mean (engine/families, engine/tokenizer).
// Threads: immutable after open(); any thread. Views live as long as the object; it may be moved.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "engine/gguf/gguf_header.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

class GgufFile final : public TensorSource {
public:
    // Maps the file and reads its header; for one part of several, all of them, whichever part is
    // named. Fails: notFound, denied, io, corrupt, unsupported (gguf_header.h).
    static base::Result<GgufFile> open(const std::filesystem::path& path);
    // The same over the bytes of a model in one file, which must outlive the object. Fails:
    // corrupt, unsupported.
    static base::Result<GgufFile> parse(std::span<const std::byte> bytes);

    uint32_t version() const { return header_.version; }

    int64_t fileBytes() const { return fileBytes_; }  // of all parts

    SourceKind kind() const override { return SourceKind::gguf; }

    std::span<const StoredTensor> tensors() const override { return header_.tensors; }

    const StoredTensor* findTensor(std::string_view name) const override;

    std::vector<const base::MappedFile*> files() const override;

    // Of the first part. Sorted by key.
    std::span<const GgufEntry> entries() const { return header_.entries; }

    const GgufEntry* find(std::string_view key) const;  // nullptr if absent

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
    base::Status addPart(const std::filesystem::path& path, int64_t part);
    base::Status checkParts();

    std::vector<base::MappedFile> mappings_;
    int64_t fileBytes_ = 0;
    GgufHeader header_;  // the first part's, with the tensors of all parts
};

}  // namespace moxie::engine

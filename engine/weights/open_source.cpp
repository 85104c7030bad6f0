#include "engine/weights/open_source.h"

#include <fmt/format.h>

#include <cstring>
#include <system_error>
#include <utility>

#include "engine/weights/foreign_file.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

enum class Content { gguf, safetensors, other };

Content contentOf(std::span<const std::byte> bytes) {
    if (bytes.size() >= 4 && std::memcmp(bytes.data(), "GGUF", 4) == 0) return Content::gguf;
    return beginsAsSafetensors(bytes) ? Content::safetensors : Content::other;
}

template <class Source>
Result<std::unique_ptr<TensorSource>> boxed(Result<Source> source) {
    if (!source) return fail(std::move(source).error());
    return std::make_unique<Source>(std::move(*source));
}

}  // namespace

Result<std::unique_ptr<TensorSource>> openTensorSource(const std::filesystem::path& path) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) {
        if (std::filesystem::exists(path / "config.json", ec))
            return boxed(SafetensorsModel::open(path));
        return fail(Errc::invalidInput,
                    fmt::format("{} is a folder without config.json: expected the folder of a "
                                "model as published, or name a GGUF file",
                                path.string()));
    }
    Content content = Content::other;
    {
        TRY_ASSIGN(const base::MappedFile mapping, base::MappedFile::open(path));
        content = contentOf(mapping.bytes());
        if (content == Content::other)
            return fail(
                Errc::unsupported,
                fmt::format(
                    "{} is {}; expected a GGUF file, a safetensors file or a "
                    "folder with config.json",
                    path.string(),
                    describeForeignFile(mapping.bytes()).value_or("no model file that we know")));
    }
    if (content == Content::gguf) return boxed(GgufFile::open(path));
    return boxed(SafetensorsModel::open(path));
}

const GgufFile* asGguf(const TensorSource& source) {
    return source.kind() == SourceKind::gguf ? static_cast<const GgufFile*>(&source) : nullptr;
}

const SafetensorsModel* asSafetensors(const TensorSource& source) {
    return source.kind() == SourceKind::safetensors ? static_cast<const SafetensorsModel*>(&source)
                                                    : nullptr;
}

}  // namespace moxie::engine

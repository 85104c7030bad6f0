#include "engine/weights/foreign_file.h"

#include <algorithm>
#include <array>

namespace moxie::engine {

namespace {

struct ForeignStart {
    std::string_view bytes;
    std::string_view meaning;
};

using namespace std::string_view_literals;

constexpr auto kPickle =
    "a Python pickle, as old PyTorch writes it; such files can run programs and are never opened: "
    "take the model's safetensors or GGUF files"sv;

constexpr std::array kForeignStarts = {
    ForeignStart{"version https://git-lfs"sv,
                 "a pointer of Git LFS instead of the file: run `git lfs pull`"sv},
    ForeignStart{"PK\x03\x04"sv,
                 "a zip archive; PyTorch's .bin, .pt and .pth are such archives of pickles, which "
                 "can run programs and are never opened: take the model's safetensors or GGUF "
                 "files"sv},
    ForeignStart{"\x80\x02"sv, kPickle},
    ForeignStart{"\x80\x03"sv, kPickle},
    ForeignStart{"\x80\x04"sv, kPickle},
    ForeignStart{"\x80\x05"sv, kPickle},
    ForeignStart{"\x1f\x8b"sv, "a gzip archive: unpack it first"sv},
    ForeignStart{"\x28\xb5\x2f\xfd"sv, "a zstd archive: unpack it first"sv},
    ForeignStart{"7z\xbc\xaf\x27\x1c"sv, "a 7z archive: unpack it first"sv},
    ForeignStart{"\x89HDF"sv, "an HDF5 file, as Keras writes it: take the safetensors files"sv},
    ForeignStart{"lmgg"sv, "a GGML file from before GGUF: convert the model anew"sv},
    ForeignStart{"fmgg"sv, "a GGML file from before GGUF: convert the model anew"sv},
    ForeignStart{"tjgg"sv, "a GGJT file from before GGUF: convert the model anew"sv},
    ForeignStart{"<!DOCTYPE"sv, "a web page instead of the file: download it anew"sv},
    ForeignStart{"<!doctype"sv, "a web page instead of the file: download it anew"sv},
    ForeignStart{"<html"sv, "a web page instead of the file: download it anew"sv},
    ForeignStart{"{"sv, "a JSON text; name the model's folder instead"sv},
};

}  // namespace

std::optional<std::string_view> describeForeignFile(std::span<const std::byte> bytes) {
    if (bytes.empty()) return "an empty file";
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto found = std::ranges::find_if(
        kForeignStarts, [&](const ForeignStart& start) { return text.starts_with(start.bytes); });
    if (found == kForeignStarts.end()) return std::nullopt;
    return found->meaning;
}

}  // namespace moxie::engine

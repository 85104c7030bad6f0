// The packages that a repository says it uses: package.json, Cargo.toml, go.mod, requirements.txt
// and their like. A manifest is not parsed: every word in it counts as a package that it names,
// which errs on the side of knowing one. Threads: any thread once it is filled.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>

#include "indexer/existence/builtins.h"

namespace moxie::indexer {

// Without "_" and "-", in small letters: as names of Ruby's packages and constants are compared.
std::string squeezed(std::string_view name);

class DeclaredPackages {
public:
    // Does nothing if `path` is no manifest.
    void add(std::string_view path, std::string_view text);
    // Reads root/path if it is a manifest of at most 1 MB; one that cannot be read names nothing.
    void addFile(const std::filesystem::path& root, std::string_view path);
    // `module` as the source writes it ("@scope/name/part", "a.b", "serde::de") belongs to a
    // package that a manifest of this world names.
    bool names(NameWorld world, std::string_view module) const;

    bool hasAny(NameWorld world) const { return (worlds_ & (1U << unsigned(world))) != 0; }

private:
    uint32_t worlds_ = 0;                    // a bit for each that has a manifest
    std::unordered_set<std::string> words_;  // a byte for the world, and the word
};

}  // namespace moxie::indexer

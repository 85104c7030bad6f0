#include "indexer/grammar_modules.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>

#include "base/file.h"
#include "base/text.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kModuleBytesMax = 64'000'000;

std::vector<std::string_view> columnsOf(std::string_view line) {
    std::vector<std::string_view> columns;
    while (!line.empty()) {
        const size_t end = std::min(line.find(' '), line.size());
        columns.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return columns;
}

template <class Number>
bool readNumber(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool isModuleName(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string hexOf(const BlobHash& hash) {
    std::string out;
    for (const auto byte : hash)
        out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return out;
}

// The manifest of the program's own folder, read once. A damaged one means no modules.
const std::vector<GrammarModule>& installedModules() {
    static const std::vector<GrammarModule> modules = [] {
        auto found = readGrammarManifest(grammarFolder());
        return found ? std::move(*found) : std::vector<GrammarModule>();
    }();
    return modules;
}

base::Result<const TSLanguage*> loadModule(const std::filesystem::path& folder,
                                           const GrammarModule& module) {
    const std::filesystem::path file = folder / (module.name + ".so");
    TRY_ASSIGN(const std::string bytes, base::readFile(file.string(), kModuleBytesMax));
    if (int64_t(bytes.size()) != module.bytes || hexOf(blobHash(bytes)) != module.blobId)
        return base::fail(
            base::Errc::corrupt,
            fmt::format("grammar {}: {} differs from its manifest", module.name, file.string()));
    void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return base::fail(base::Errc::unsupported,
                          fmt::format("grammar {}: {}", module.name, dlerror()));
    const auto make =
        reinterpret_cast<const TSLanguage* (*)()>(dlsym(handle, module.symbol.c_str()));
    const TSLanguage* language = make ? make() : nullptr;
    const uint32_t abi = language ? ts_language_abi_version(language) : 0;
    if (abi < TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION || abi > TREE_SITTER_LANGUAGE_VERSION)
        return base::fail(base::Errc::unsupported,
                          fmt::format("grammar {} has ABI {}, the tree-sitter core reads {} to {}",
                                      module.name, abi, TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION,
                                      TREE_SITTER_LANGUAGE_VERSION));
    return language;
}

}  // namespace

std::filesystem::path grammarFolder() {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return {};
    return program.parent_path().parent_path() / "lib" / "moxie" / "grammars";
}

base::Result<std::vector<GrammarModule>> readGrammarManifest(const std::filesystem::path& folder) {
    std::vector<GrammarModule> modules;
    const std::filesystem::path file = folder / "manifest.txt";
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return modules;
    TRY_ASSIGN(const std::string text, base::readFile(file.string(), 1'000'000));
    for (const std::string_view line : base::splitLines(text)) {
        const auto columns = columnsOf(line);
        GrammarModule module;
        const bool isGood = columns.size() == 5 && isModuleName(columns[0]) &&
                            isModuleName(columns[1]) && readNumber(columns[2], module.abi) &&
                            readNumber(columns[3], module.bytes);
        if (!isGood)
            return base::fail(base::Errc::corrupt,
                              fmt::format("{}: expected name, function, ABI, bytes and id, found "
                                          "\"{}\"",
                                          file.string(), base::toValidUtf8(line.substr(0, 80))));
        module.name = columns[0];
        module.symbol = columns[1];
        module.blobId = columns[4];
        modules.push_back(std::move(module));
    }
    return modules;
}

base::Result<const TSLanguage*> loadGrammar(const std::filesystem::path& folder,
                                            std::string_view name) {
    TRY_ASSIGN(const std::vector<GrammarModule> modules, readGrammarManifest(folder));
    for (const GrammarModule& module : modules)
        if (module.name == name) return loadModule(folder, module);
    return base::fail(base::Errc::notFound,
                      fmt::format("no grammar {} in {}", name, folder.string()));
}

const TSLanguage* moduleLanguage(Grammar grammar) {
    struct Slot {
        std::once_flag once;
        const TSLanguage* language = nullptr;
    };

    static std::array<Slot, size_t(kGrammarCount)> slots;
    const auto at = static_cast<size_t>(grammar);
    if (at < size_t(kLinkedGrammarCount) || at >= slots.size()) return nullptr;
    Slot& slot = slots[at];
    std::call_once(slot.once, [&] {
        for (const GrammarModule& module : installedModules()) {
            if (module.name != toString(grammar)) continue;
            const auto loaded = loadModule(grammarFolder(), module);
            slot.language = loaded ? *loaded : nullptr;
        }
    });
    return slot.language;
}

}  // namespace moxie::indexer

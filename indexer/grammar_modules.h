// Grammars that are not always there: shared objects beside the programs (../lib/moxie/grammars),
// made by app/setup/grammars.py, loaded when a file of their language is met first and never
// unloaded. Threads: any thread.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/language.h"

struct TSLanguage;

namespace moxie::indexer {

// Null if the module is not installed, not the one its manifest names, or does not fit the core:
// then the file has the outline of the scanner. Cost: the first call for a grammar reads its file,
// some milliseconds.
const TSLanguage* moduleLanguage(Grammar grammar);

// A line of the manifest.
struct GrammarModule {
    std::string name, symbol;  // of the exported function
    uint32_t abi = 0;
    int64_t bytes = 0;
    std::string blobId;  // git's object id of the file, hex
};

// What is installed in `folder`; empty if there is no manifest. Fails: corrupt (the line).
base::Result<std::vector<GrammarModule>> readGrammarManifest(const std::filesystem::path& folder);

// Loads one module of `folder`. Fails: notFound, corrupt (other bytes than the manifest says),
// unsupported (an ABI that the core does not read).
base::Result<const TSLanguage*> loadGrammar(const std::filesystem::path& folder,
                                            std::string_view name);

// Beside the running program.
std::filesystem::path grammarFolder();

}  // namespace moxie::indexer

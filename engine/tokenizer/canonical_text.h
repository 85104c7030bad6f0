// Canonical composition (NFC), which the Qwen tokenizers apply before they split.
// Not here: other forms of normalisation; no family of ours has them.
// Threads: any thread.
// Source: Unicode Standard Annex 15 with the tables of the `tokenizers` library
// (unicode_tables.def), which are older than its letters: what they do not know stays as it is.
#pragma once
#include <string>
#include <string_view>

namespace moxie::engine {

// `text` itself if it is composed already, as nearly all text is; else a view of `storage`.
// Malformed bytes stay as they are, and nothing composes across them.
std::string_view composeText(std::string_view text, std::string& storage);

}  // namespace moxie::engine

// A byte-level BPE tokenizer, from a GGUF file or a folder with tokenizer.json: text to token ids
// and back. Not here: chat templates (engine/local), streams of tokens (StreamDecoder).
// Threads: any thread; immutable but for a locked pool of scratch buffers.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/name_table.h"
#include "engine/tokenizer/pair_merger.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace moxie::engine {

class GgufFile;

// Who wrote the text. Only markup (our own templates) may spell special tokens; in plain text
// (users, files, tools, models) their names are ordinary characters.
enum class TextKind { plain, markup };

// What is done to a text before it is split.
enum class Normalisation { none, nfc };

// A tokenizer as a file states it: nothing is checked yet. Views are read by Tokenizer::make only.
struct TokenizerSource {
    std::string_view model = "gpt2";  // as in tokenizer.ggml.model
    // As in tokenizer.ggml.pre; empty: the patterns below.
    std::string_view preTokenizer = {};
    std::vector<std::string> patterns = {};
    bool wholePieceFirst = false;  // ignore_merges; a named pre-tokeniser has its own
    Normalisation normalisation = Normalisation::none;  // likewise
    VocabularySource vocabulary = {};
};

class Tokenizer {
public:
    // Fails: unsupported (another model or pre-tokeniser; named, with what we have), corrupt (see
    // Vocabulary::make; a merge that is there twice).
    static base::Result<std::unique_ptr<const Tokenizer>> make(const TokenizerSource& source);
    static base::Result<std::unique_ptr<const Tokenizer>> fromGguf(const GgufFile& file);
    // The text of a tokenizer.json alone. Fails: see TokenizerJson.
    static base::Result<std::unique_ptr<const Tokenizer>> fromJson(std::string_view text);
    // A folder as models are published: tokenizer.json, and tokenizer_config.json and
    // generation_config.json where they are. Fails: see fromJson; notFound, io, denied.
    static base::Result<std::unique_ptr<const Tokenizer>> fromFolder(
        const std::filesystem::path& folder);
    // Whichever of the three `path` is: a GGUF file, a tokenizer.json, a folder.
    static base::Result<std::unique_ptr<const Tokenizer>> open(const std::filesystem::path& path);
    ~Tokenizer();
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    // Appends the tokens of `text`. Malformed UTF-8 is encoded byte by byte, nothing is replaced;
    // bytes that the vocabulary has no token for are left out. So decode(encode(text)) is `text`
    // where the vocabulary has all bytes, and composeText(text) for a family with NFC.
    // Equal to the `tokenizers` library on well-formed text
    // (tests/bench/peers/tokenizer_compare.py).
    void encode(std::string_view text, TextKind kind, std::vector<int32_t>& out) const;
    std::vector<int32_t> encode(std::string_view text, TextKind kind = TextKind::plain) const;
    int64_t count(std::string_view text) const;  // of plain text

    // The bytes of all tokens together; control tokens give their names.
    std::string decode(std::span<const int32_t> tokens) const;

    const Vocabulary& vocabulary() const { return vocabulary_; }

private:
    struct Scratch;
    class Lease;

    Tokenizer(Vocabulary vocabulary, PreTokenizer preTokenizer, Normalisation normalisation);
    void encodeMarkup(Scratch& scratch, std::string_view text, Vocabulary::SpecialPass pass,
                      std::vector<int32_t>& out) const;
    void encodePlain(Scratch& scratch, std::string_view text, std::vector<int32_t>& out) const;
    void encodePiece(Scratch& scratch, std::string_view piece, std::vector<int32_t>& out) const;
    void mergePiece(Scratch& scratch, std::string_view piece, std::vector<int32_t>& out) const;

    Vocabulary vocabulary_;
    PreTokenizer preTokenizer_;
    PairMerger merger_;
    Normalisation normalisation_;
    NameTable wholePieces_;         // empty: merges decide alone
    mutable std::mutex poolMutex_;  // guards pool_
    mutable std::vector<std::unique_ptr<Scratch>> pool_;
};

}  // namespace moxie::engine

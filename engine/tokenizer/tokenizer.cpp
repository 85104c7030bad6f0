#include "engine/tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/tokenizer/canonical_text.h"
#include "engine/tokenizer/word_cache.h"

namespace moxie::engine {

namespace {

// Pieces above this are cut. No language has such words; it bounds the merger's memory.
constexpr size_t kPieceBytesMax = size_t(1) << 24;

// White space by Unicode's property, as a special token may take it with it.
constexpr std::string_view kSpaceCharacters[] = {
    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
    "\xE3\x80\x80"};

std::string_view withoutSpaceAtEnd(std::string_view text) {
    const auto ends = [&text](std::string_view space) { return text.ends_with(space); };
    while (true) {
        const auto* space =
            std::find_if(std::begin(kSpaceCharacters), std::end(kSpaceCharacters), ends);
        if (space == std::end(kSpaceCharacters)) return text;
        text.remove_suffix(space->size());
    }
}

std::string_view withoutSpaceAtBegin(std::string_view text) {
    const auto begins = [&text](std::string_view space) { return text.starts_with(space); };
    while (true) {
        const auto* space =
            std::find_if(std::begin(kSpaceCharacters), std::end(kSpaceCharacters), begins);
        if (space == std::end(kSpaceCharacters)) return text;
        text.remove_prefix(space->size());
    }
}

}  // namespace

struct Tokenizer::Scratch {
    PreTokenizer::Matcher matcher;
    PairMerger::Scratch merging;
    WordCache words;
};

// A scratch taken from the pool for one call.
class Tokenizer::Lease {
public:
    explicit Lease(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
        {
            std::lock_guard lock(tokenizer_.poolMutex_);
            if (!tokenizer_.pool_.empty()) {
                scratch_ = std::move(tokenizer_.pool_.back());
                tokenizer_.pool_.pop_back();
            }
        }
        if (!scratch_) scratch_ = std::make_unique<Scratch>();
    }

    ~Lease() {
        std::lock_guard lock(tokenizer_.poolMutex_);
        tokenizer_.pool_.push_back(std::move(scratch_));
    }

    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Scratch& operator*() { return *scratch_; }

private:
    const Tokenizer& tokenizer_;
    std::unique_ptr<Scratch> scratch_;
};

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::make(const TokenizerSource& source) {
    if (source.model != "gpt2")
        return base::fail(
            base::Errc::unsupported,
            fmt::format("tokenizer model \"{}\"; supported: gpt2 (byte-level BPE)", source.model));
    bool wholePieceFirst = source.wholePieceFirst;
    Normalisation normalisation = source.normalisation;
    auto patterns = source.patterns;
    if (!source.preTokenizer.empty()) {
        const auto* spec = findPreTokenizer(source.preTokenizer);
        if (spec == nullptr)
            return base::fail(base::Errc::unsupported,
                              fmt::format("pre-tokeniser \"{}\"; supported: {}",
                                          source.preTokenizer, preTokenizerNames()));
        wholePieceFirst = spec->wholePieceFirst;
        normalisation = spec->composes ? Normalisation::nfc : Normalisation::none;
        patterns.assign(spec->patterns.begin(), spec->patterns.end());
    }
    TRY_ASSIGN(auto preTokenizer, PreTokenizer::make(patterns));
    TRY_ASSIGN(auto vocabulary, Vocabulary::make(source.vocabulary));
    std::unique_ptr<Tokenizer> tokenizer(
        new Tokenizer(std::move(vocabulary), std::move(preTokenizer), normalisation));
    const Vocabulary& own = tokenizer->vocabulary_;
    for (size_t i = 0; i < own.pairs().size(); ++i)
        if (!tokenizer->merger_.addPair(own.pairs()[i]))
            return base::fail(base::Errc::corrupt, fmt::format("merge {} is there twice", i));
    if (!wholePieceFirst) return tokenizer;
    tokenizer->wholePieces_ = NameTable(size_t(own.size()));
    for (int32_t token = 0; token < int32_t(own.size()); ++token)
        if (own.kind(token) == TokenKind::normal)
            tokenizer->wholePieces_.insert(own.bytes(token), token);
    return tokenizer;
}

Tokenizer::Tokenizer(Vocabulary vocabulary, PreTokenizer preTokenizer, Normalisation normalisation)
    : vocabulary_(std::move(vocabulary)),
      preTokenizer_(std::move(preTokenizer)),
      merger_(vocabulary_.byteTokens(), int64_t(vocabulary_.pairs().size())),
      normalisation_(normalisation) {}

Tokenizer::~Tokenizer() = default;

void Tokenizer::encode(std::string_view text, TextKind kind, std::vector<int32_t>& out) const {
    Lease scratch(*this);
    if (kind == TextKind::markup)
        return encodeMarkup(*scratch, text, Vocabulary::SpecialPass::early, out);
    std::string storage;
    if (normalisation_ == Normalisation::nfc) text = composeText(text, storage);
    encodePlain(*scratch, text, out);
}

// Special tokens of one pass, leftmost first and the longest of those; between them the next pass.
// As the `tokenizers` library does it, so normalisation comes between the two.
void Tokenizer::encodeMarkup(Scratch& scratch, std::string_view text, Vocabulary::SpecialPass pass,
                             std::vector<int32_t>& out) const {
    std::string storage;
    const auto encodeBetween = [&](std::string_view between) {
        if (between.empty()) return;
        if (pass == Vocabulary::SpecialPass::late) return encodePlain(scratch, between, out);
        if (normalisation_ == Normalisation::nfc) between = composeText(between, storage);
        encodeMarkup(scratch, between, Vocabulary::SpecialPass::late, out);
    };
    size_t betweenBegin = 0;
    for (size_t pos = 0; pos < text.size();) {
        const auto token = vocabulary_.specialPrefix(text.substr(pos), pass);
        if (!token) {
            ++pos;
            continue;
        }
        const auto matching = vocabulary_.specialMatching(*token);
        auto before = text.substr(betweenBegin, pos - betweenBegin);
        if (matching.takesSpaceBefore) before = withoutSpaceAtEnd(before);
        encodeBetween(before);
        out.push_back(*token);
        pos += vocabulary_.bytes(*token).size();
        if (matching.takesSpaceAfter)
            pos = text.size() - withoutSpaceAtBegin(text.substr(pos)).size();
        betweenBegin = pos;
    }
    encodeBetween(text.substr(betweenBegin));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, TextKind kind) const {
    std::vector<int32_t> out;
    encode(text, kind, out);
    return out;
}

int64_t Tokenizer::count(std::string_view text) const {
    return int64_t(encode(text).size());
}

std::string Tokenizer::decode(std::span<const int32_t> tokens) const {
    std::string bytes;
    for (const int32_t token : tokens)
        bytes += vocabulary_.bytes(token);
    return bytes;
}

void Tokenizer::encodePlain(Scratch& scratch, std::string_view text,
                            std::vector<int32_t>& out) const {
    preTokenizer_.split(scratch.matcher, text, [&](std::string_view piece) {
        for (; piece.size() > kPieceBytesMax; piece.remove_prefix(kPieceBytesMax))
            encodePiece(scratch, piece.substr(0, kPieceBytesMax), out);
        encodePiece(scratch, piece, out);
    });
}

void Tokenizer::encodePiece(Scratch& scratch, std::string_view piece,
                            std::vector<int32_t>& out) const {
    if (piece.empty()) return;
    if (piece.size() > WordCache::kTextBytes) return mergePiece(scratch, piece, out);
    const auto key = WordCache::keyOf(piece);
    auto& entry = scratch.words.entryFor(key);
    if (entry.key == key) {
        out.insert(out.end(), entry.tokens.begin(), entry.tokens.begin() + entry.nTokens);
        return;
    }
    const size_t first = out.size();
    mergePiece(scratch, piece, out);
    WordCache::store(entry, key, std::span(out).subspan(first));
}

void Tokenizer::mergePiece(Scratch& scratch, std::string_view piece,
                           std::vector<int32_t>& out) const {
    if (const auto whole = wholePieces_.idOf(piece)) return out.push_back(*whole);
    merger_.merge(scratch.merging, piece, out);
}

}  // namespace moxie::engine

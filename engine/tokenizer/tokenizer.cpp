#include "engine/tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/gguf/gguf_file.h"

namespace moxie::engine {

namespace {

// Pieces above this are cut. No language has such words; it bounds the merger's memory.
constexpr size_t kPieceBytesMax = size_t(1) << 24;

// The first n bytes at `text` as a number, n in 1 to 8, without reading any other byte.
uint64_t loadBytes(const char* text, size_t n) {
    const auto load32 = [](const char* at) {
        uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return uint64_t(value);
    };
    uint64_t value = 0;
    if (n == 8) {
        std::memcpy(&value, text, sizeof value);
        return value;
    }
    if (n >= 4) return load32(text) | load32(text + n - 4) << 8 * (n - 4);
    for (size_t i = 0; i < n; ++i)
        value |= uint64_t(uint8_t(text[i])) << 8 * i;
    return value;
}

// Remembers the tokens of short pieces, which are nearly all of them: source code and prose repeat
// their words. Direct-mapped, so a flood of new words costs misses and no memory.
class WordCache {
public:
    static constexpr size_t kTextBytes = 23;
    static constexpr size_t kTokens = 9;

    // The bytes of a piece, zero-padded, and its length in the last byte: equal keys, equal pieces.
    using Key = std::array<uint64_t, 3>;

    struct Entry {
        Key key = {};  // all zero: empty
        std::array<int32_t, kTokens> tokens = {};
        int32_t nTokens = 0;
    };

    static_assert(sizeof(Entry) == 64);

    // Requires: 1 to kTextBytes bytes.
    static Key keyOf(std::string_view piece) {
        const size_t n = piece.size();
        const char* text = piece.data();
        Key key = {loadBytes(text, std::min<size_t>(n, 8)), 0, uint64_t(n) << 56};
        if (n > 8) key[1] = loadBytes(text + 8, std::min<size_t>(n - 8, 8));
        if (n > 16) key[2] |= loadBytes(text + 16, n - 16);
        return key;
    }

    // Where the piece is or would be.
    Entry& entryFor(const Key& key) {
        uint64_t hash = (key[0] ^ key[2]) * 0x9E3779B97F4A7C15U;
        hash = (hash ^ hash >> 32 ^ key[1]) * 0xC2B2AE3D27D4EB4FU;
        return entries_[size_t(hash >> (64 - kSlotBits))];
    }

    static void store(Entry& entry, const Key& key, std::span<const int32_t> tokens) {
        if (tokens.size() > kTokens) return;
        entry.key = key;
        std::copy(tokens.begin(), tokens.end(), entry.tokens.begin());
        entry.nTokens = int32_t(tokens.size());
    }

private:
    static constexpr int kSlotBits = 14;  // 1 MB
    std::vector<Entry> entries_{size_t(1) << kSlotBits};
};

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

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::make(const VocabularySource& source) {
    if (source.model != "gpt2")
        return base::fail(
            base::Errc::unsupported,
            fmt::format("tokenizer model \"{}\"; supported: gpt2 (byte-level BPE)", source.model));
    const auto* spec = findPreTokenizer(source.preTokenizer);
    if (spec == nullptr)
        return base::fail(base::Errc::unsupported,
                          fmt::format("pre-tokeniser \"{}\"; supported: {}", source.preTokenizer,
                                      preTokenizerNames()));
    TRY_ASSIGN(auto preTokenizer, PreTokenizer::make(*spec));
    TRY_ASSIGN(auto vocabulary, Vocabulary::make(source));
    std::unique_ptr<Tokenizer> tokenizer(
        new Tokenizer(std::move(vocabulary), std::move(preTokenizer)));
    const Vocabulary& own = tokenizer->vocabulary_;
    for (size_t i = 0; i < own.pairs().size(); ++i)
        if (!tokenizer->merger_.addPair(own.pairs()[i]))
            return base::fail(base::Errc::corrupt, fmt::format("merge {} is there twice", i));
    if (spec->wholePieceFirst)
        for (int32_t token = 0; token < int32_t(own.size()); ++token)
            if (own.kind(token) == TokenKind::normal)
                tokenizer->wholePieces_.emplace(own.bytes(token), token);
    return tokenizer;
}

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::fromGguf(const GgufFile& file) {
    TRY_ASSIGN(const auto model, file.requireString("tokenizer.ggml.model"));
    // Files from before the key was introduced are GPT-2's.
    const auto pre = file.string("tokenizer.ggml.pre").value_or("gpt-2");
    const auto kinds = file.integers("tokenizer.ggml.token_type");
    const VocabularySource source = {
        .model = model,
        .preTokenizer = pre,
        .tokens = file.strings("tokenizer.ggml.tokens"),
        .kinds = kinds,
        .merges = file.strings("tokenizer.ggml.merges"),
        .beginOfText = file.integer("tokenizer.ggml.bos_token_id"),
        .endOfText = file.integer("tokenizer.ggml.eos_token_id"),
        .endOfTurn = file.integer("tokenizer.ggml.eot_token_id"),
        .addBeginOfText = file.boolean("tokenizer.ggml.add_bos_token").value_or(false),
    };
    return make(source);
}

Tokenizer::Tokenizer(Vocabulary vocabulary, PreTokenizer preTokenizer)
    : vocabulary_(std::move(vocabulary)),
      preTokenizer_(std::move(preTokenizer)),
      merger_(vocabulary_.byteTokens(), int64_t(vocabulary_.pairs().size())) {}

Tokenizer::~Tokenizer() = default;

void Tokenizer::encode(std::string_view text, TextKind kind, std::vector<int32_t>& out) const {
    Lease scratch(*this);
    if (kind == TextKind::plain) return encodePlain(*scratch, text, out);
    size_t plainBegin = 0;
    for (size_t pos = 0; pos < text.size();) {
        const auto token = vocabulary_.specialPrefix(text.substr(pos));
        if (!token) {
            ++pos;
            continue;
        }
        encodePlain(*scratch, text.substr(plainBegin, pos - plainBegin), out);
        out.push_back(*token);
        pos += vocabulary_.bytes(*token).size();
        plainBegin = pos;
    }
    encodePlain(*scratch, text.substr(plainBegin), out);
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
    if (!wholePieces_.empty())
        if (const auto whole = wholePieces_.find(piece); whole != wholePieces_.end())
            return out.push_back(whole->second);
    merger_.merge(scratch.merging, piece, out);
}

}  // namespace moxie::engine

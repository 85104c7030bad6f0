#include "engine/tokenizer/tokenizer.h"

#include <string>
#include <thread>
#include <vector>

#include "engine/gguf/gguf_file.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

// A vocabulary of all bytes, two merges and two special tokens, as a file would state it.
struct SmallVocabulary {
    std::vector<std::string> texts;
    std::vector<int64_t> kinds;
    std::vector<MergeNames> merges = {{"a", "b"}, {"ab", "c"}};
    std::vector<std::pair<int64_t, SpecialMatching>> matching;

    SmallVocabulary() {
        for (int byte = 0; byte < 256; ++byte)
            add(alphabetOfBytes(std::string(1, char(byte))), 1);
        add("ab", 1);        // 256
        add("abc", 1);       // 257
        add("<|end|>", 3);   // 258
        add("<|end|>x", 4);  // 259
    }

    void add(std::string text, int64_t kind) {
        texts.push_back(std::move(text));
        kinds.push_back(kind);
    }

    base::Result<std::unique_ptr<const Tokenizer>> make(std::string_view pre = "gpt-2") const {
        const std::vector<std::string_view> textViews(texts.begin(), texts.end());
        const std::vector<int64_t> ends = {258};
        return Tokenizer::make({.preTokenizer = pre,
                                .vocabulary = {.tokens = textViews,
                                               .kinds = kinds,
                                               .merges = merges,
                                               .matching = matching,
                                               .endTokens = ends}});
    }
};

base::Errc errorOf(const base::Result<std::unique_ptr<const Tokenizer>>& result) {
    REQUIRE_FALSE(result.has_value());
    return result.error().kind();
}

std::vector<std::string> pieces(std::string_view name, std::string_view text) {
    const auto* spec = findPreTokenizer(name);
    REQUIRE(spec != nullptr);
    const auto preTokenizer = PreTokenizer::make(*spec);
    REQUIRE(preTokenizer.has_value());
    PreTokenizer::Matcher matcher;
    std::vector<std::string> out;
    preTokenizer->split(matcher, text, [&](std::string_view piece) { out.emplace_back(piece); });
    return out;
}

using Pieces = std::vector<std::string>;
using Ids = std::vector<int32_t>;

}  // namespace

TEST_CASE("every byte has its own character of the alphabet", "[engine][tokenizer]") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all.push_back(char(byte));
    CHECK(bytesOfAlphabet(alphabetOfBytes(all)) == all);
    CHECK(alphabetOfBytes(" a\n") ==
          "\xC4\xA0"
          "a\xC4\x8A");
    CHECK_FALSE(bytesOfAlphabet(" ").has_value());
    CHECK_FALSE(bytesOfAlphabet("\xC4").has_value());
    CHECK_FALSE(bytesOfAlphabet("\xE4\xBD\xA0").has_value());
}

TEST_CASE("the best merge goes first and the leftmost among equals", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make();
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("abcab") == Ids{257, 256});
    CHECK((*tokenizer)->encode("aab") == Ids{'a', 256});
    CHECK((*tokenizer)->encode("").empty());
}

TEST_CASE("long words take the heap and give what short ones give", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make();
    REQUIRE(tokenizer.has_value());
    std::string word;
    Ids expected;
    for (int i = 0; i < 100'000; ++i) {
        word += "abcab";
        expected.insert(expected.end(), {257, 256});
    }
    CHECK((*tokenizer)->encode(word) == expected);
    CHECK((*tokenizer)->decode(expected) == word);
}

TEST_CASE("special tokens are spelled by markup only, the longest first", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make();
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("ab<|end|>c<|end|>x", TextKind::markup) == Ids{256, 258, 'c', 259});
    for (const int32_t id : (*tokenizer)->encode("ab<|end|>x", TextKind::plain))
        CHECK(id < 258);
    CHECK((*tokenizer)->vocabulary().endsGeneration(258));
    CHECK((*tokenizer)->vocabulary().special("<|end|>") == 258);
    CHECK_FALSE((*tokenizer)->vocabulary().special("ab").has_value());
}

TEST_CASE("late special tokens are found in what the early ones leave", "[engine][tokenizer]") {
    SmallVocabulary vocabulary;
    vocabulary.add("ab<", 4);  // 260
    vocabulary.matching = {{260, {.isLate = true}}};
    const auto tokenizer = vocabulary.make();
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("ab<|end|>", TextKind::markup) == Ids{256, 258});
    CHECK((*tokenizer)->encode("ab<|end|", TextKind::markup).front() == 260);
}

TEST_CASE("special tokens take the white space that is theirs", "[engine][tokenizer]") {
    SmallVocabulary vocabulary;
    vocabulary.matching = {{258, {.takesSpaceBefore = true, .takesSpaceAfter = true}}};
    const auto tokenizer = vocabulary.make();
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("ab \xE3\x80\x80<|end|>\n\t ab ", TextKind::markup) ==
          Ids{256, 258, 256, ' '});
}

TEST_CASE("a thousand special tokens are found by their longest name", "[engine][tokenizer]") {
    SmallVocabulary vocabulary;
    std::string name = "<";
    for (int i = 0; i < 1000; ++i)
        vocabulary.add(name += "|", 3);
    const auto tokenizer = vocabulary.make();
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("<" + std::string(700, '|') + "x", TextKind::markup) ==
          Ids{260 + 699, 'x'});
    CHECK((*tokenizer)->encode("<" + std::string(1001, '|'), TextKind::markup) ==
          Ids{260 + 999, '|'});
}

TEST_CASE("any bytes come back from their tokens", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make("smollm");
    REQUIRE(tokenizer.has_value());
    uint32_t state = 7;
    for (int round = 0; round < 200; ++round) {
        std::string bytes;
        for (int i = 0; i < round; ++i) {
            state = state * 1664525U + 1013904223U;
            bytes.push_back(char(state >> 24));
        }
        CAPTURE(round);
        CHECK((*tokenizer)->decode((*tokenizer)->encode(bytes)) == bytes);
    }
}

TEST_CASE("threads share one tokenizer", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make();
    REQUIRE(tokenizer.has_value());
    const std::string text = "abc ab \xE4\xBD\xA0 abcabc 123";
    const Ids expected = (*tokenizer)->encode(text);
    std::vector<Ids> results(4);
    {
        std::vector<std::jthread> threads;
        for (auto& result : results)
            threads.emplace_back([&] {
                for (int i = 0; i < 200; ++i)
                    result = (*tokenizer)->encode(text);
            });
    }
    for (const auto& result : results)
        CHECK(result == expected);
}

TEST_CASE("hostile vocabularies are refused", "[engine][tokenizer]") {
    SECTION("nothing at all") {
        CHECK(errorOf(Tokenizer::make({.preTokenizer = "gpt-2"})) == base::Errc::corrupt);
    }
    SECTION("a token twice") {
        SmallVocabulary vocabulary;
        vocabulary.add("ab", 1);
        CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
    }
    SECTION("a token of a megabyte") {
        SmallVocabulary vocabulary;
        vocabulary.add(std::string(1 << 20, 'z'), 1);
        CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
    }
    SECTION("an empty token, an unknown kind, a character outside the alphabet") {
        for (const auto& [text, kind] :
             std::vector<std::pair<std::string, int64_t>>{{"", 1}, {"q", 9}, {"q r", 1}}) {
            SmallVocabulary vocabulary;
            vocabulary.texts.back() = text;
            vocabulary.kinds.back() = kind;
            CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
        }
    }
    SECTION("roles of tokens that do not exist") {
        for (const int64_t id : {int64_t(-1), int64_t(260), INT64_MAX}) {
            SmallVocabulary vocabulary;
            vocabulary.matching = {{id, {.isLate = true}}};
            CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
        }
    }
    SECTION("merges that make no sense") {
        for (const auto& merge : std::vector<MergeNames>{
                 {"", ""}, {"a", ""}, {"", "a"}, {"a", "zz"}, {"b", "a"}, {"a", "b c"}}) {
            CAPTURE(merge.left, merge.right);
            SmallVocabulary vocabulary;
            vocabulary.merges = {merge};
            CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
        }
    }
    SECTION("a merge twice") {
        SmallVocabulary vocabulary;
        vocabulary.merges = {{"a", "b"}, {"a", "b"}};
        CHECK(errorOf(vocabulary.make()) == base::Errc::corrupt);
    }
    SECTION("a pre-tokeniser or model that we do not have is named") {
        const auto refused = SmallVocabulary().make("tekken");
        CHECK(errorOf(refused) == base::Errc::unsupported);
        CHECK(refused.error().message().find("tekken") != std::string::npos);
        CHECK(refused.error().message().find("smollm") != std::string::npos);
        CHECK(errorOf(Tokenizer::make({.model = "llama"})) == base::Errc::unsupported);
    }
}

TEST_CASE("pre-tokenisers split as their families do", "[engine][tokenizer]") {
    CHECK(pieces("smollm", "it's 42  x\n\n y") ==
          Pieces{"it", "'s", " ", "4", "2", " ", " x", "\n\n", " y"});
    CHECK(pieces("smollm", "a  7 ") == Pieces{"a", "  ", "7", " "});
    CHECK(pieces("gpt-2", "it's 42  x!? ") == Pieces{"it", "'s", " 42", " ", " x", "!?", " "});
    CHECK(pieces("llama-bpe", "IT'S 12345\n\n  x") ==
          Pieces{"IT", "'S", " ", "123", "45", "\n\n", " ", " x"});
    CHECK(pieces("qwen2", "v12\t\tz") == Pieces{"v", "1", "2", "\t", "\tz"});
    CHECK(pieces("deepseek-v3", "x=2048 \xE4\xBD\xA0\xE5\xA5\xBD!") ==
          Pieces{"x", "=", "204", "8", " ", "\xE4\xBD\xA0\xE5\xA5\xBD", "!"});
}

TEST_CASE("a malformed run is a piece of its own", "[engine][tokenizer]") {
    CHECK(pieces("gpt-2", "a\xFF\xFE b") == Pieces{"a", "\xFF\xFE", " b"});
    CHECK(pieces("gpt-2", "\xE4\xBD") == Pieces{"\xE4\xBD"});
}

TEST_CASE("megabytes without a break are split and encoded", "[engine][tokenizer]") {
    const auto tokenizer = SmallVocabulary().make("llama-bpe");
    REQUIRE(tokenizer.has_value());
    for (const char* unit : {" ", "a", "\xE4\xBD\xA0", "!", "\xFF", "'"}) {
        std::string text;
        while (text.size() < 1'000'000)
            text += unit;
        CAPTURE(unit);
        CHECK((*tokenizer)->decode((*tokenizer)->encode(text)) == text);
    }
}

TEST_CASE("GGUF: a file of Llama 3 that does not say so begins with its first token",
          "[engine][tokenizer][gguf]") {
    const auto addsBegin = [](const char* pre, const bool* stated) {
        tests::GgufBytes gguf;
        gguf.string("tokenizer.ggml.model", "gpt2");
        gguf.string("tokenizer.ggml.pre", pre);
        gguf.strings("tokenizer.ggml.tokens", {"a", "<|begin|>"});
        gguf.numbers<int32_t>("tokenizer.ggml.token_type", GgufType::i32, {1, 3});
        gguf.number<uint32_t>("tokenizer.ggml.bos_token_id", GgufType::u32, 1);
        if (stated) gguf.number<bool>("tokenizer.ggml.add_bos_token", GgufType::boolean, *stated);
        const std::vector<std::byte> bytes = gguf.bytes();
        const GgufFile file = GgufFile::parse(bytes).value();
        return Tokenizer::fromGguf(file).value()->vocabulary().addsBeginOfText();
    };
    const bool yes = true;
    const bool no = false;
    CHECK(addsBegin("llama-bpe", nullptr));
    CHECK_FALSE(addsBegin("llama-bpe", &no));
    CHECK_FALSE(addsBegin("qwen2", nullptr));
    CHECK(addsBegin("deepseek-v3", &yes));
}

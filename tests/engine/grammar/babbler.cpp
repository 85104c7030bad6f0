#include "tests/engine/grammar/babbler.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "engine/grammar/constrained_sampler.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "tests/catch.h"

namespace moxie::engine::grammar_test {

using nlohmann::json;

namespace {

// Every byte, some pieces that tokens of real vocabularies are like, and the family's names.
std::unique_ptr<const Tokenizer> grammarTokenizer(const ChatFamily& family) {
    json vocabulary;
    json merges = json::array();
    int next = 0;
    for (int byte = 0; byte < 256; ++byte)
        vocabulary[alphabetOfBytes(std::string(1, char(byte)))] = next++;
    for (const std::string text : {"\",", "\":", "{\"", "\"}", "}}", "na", "me", "pa", "th", "</",
                                   ">\n", "\n<", "12", "tr", "ue", "a\"", "[]", "ar"}) {
        vocabulary[alphabetOfBytes(text)] = next++;
        merges.push_back({alphabetOfBytes(text.substr(0, 1)), alphabetOfBytes(text.substr(1))});
    }
    // Tokens that end one thing and begin another; no merge makes them.
    for (const std::string text :
         {"\":\"",        "\",\"", "\": \"", "\"},{\"",  "\":[{\"", "\"\"",         "\"\"\"",
          ", \"",         "1,",    "1}",     "-1",       "0.5",     "e1",           "[[",
          "[1",           "]]",    "]}",     "},",       "{}",      "[],",          "\\\"",
          "\\\",",        "\\n",   "\\u00",  "{\"a",     "{\"a\":", "a\":\"b\",\"", "\":1,\"",
          "\":\"\",\"",   "bc",    "\"b\"",  "true",     "null",    "true,",        " null",
          "</parameter>", "语",    "语言\"", "\xE8\xAF", "b</",     "ab c",         "\":{\"",
          ",\"a\":1",     "  ",    " ",      ": "})
        if (!vocabulary.contains(alphabetOfBytes(text))) vocabulary[alphabetOfBytes(text)] = next++;
    json added = json::array();
    std::set<std::string> names(family.specials.begin(), family.specials.end());
    names.insert(family.ends.begin(), family.ends.end());
    for (const auto& name : names)
        added.push_back(
            {{"id", next++}, {"content", name}, {"special", true}, {"normalized", false}});
    const json file = {{"version", "1.0"},
                       {"added_tokens", added},
                       {"normalizer", nullptr},
                       {"pre_tokenizer",
                        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
                       {"post_processor", nullptr},
                       {"decoder", {{"type", "ByteLevel"}}},
                       {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges}}}};
    auto tokenizer = Tokenizer::fromJson(file.dump());
    if (!tokenizer) FAIL(tokenizer.error().message());
    return *std::move(tokenizer);
}

}  // namespace

Babbler::Babbler(const ChatFamily& its)
    : family(its),
      tokenizer(grammarTokenizer(its)),
      names(std::vector<std::string>(its.specials.begin(), its.specials.end())),
      table(std::make_shared<TokenTable>(*tokenizer, names,
                                         [this](int32_t token) { return ends(token); })) {}

bool Babbler::ends(int32_t token) const {
    return std::ranges::find(family.ends, tokenizer->vocabulary().bytes(token)) !=
           family.ends.end();
}

std::shared_ptr<TokenMasks> Babbler::masks(const ChatRequest& request) const {
    auto grammar = compileAnswerGrammar(family, names, request);
    if (!grammar) FAIL(grammar.error().message());
    return std::make_shared<TokenMasks>(table, *std::move(grammar));
}

// Random logits; `likely` bytes are said more often, so that answers end.
std::string Babbler::say(const std::shared_ptr<TokenMasks>& masks, uint64_t seed, int most) const {
    std::mt19937_64 random(seed);
    TokenConstraint constraint(masks);
    ConstrainedSampler sampler({.temperature = 1, .seed = seed}, &constraint);
    std::string answer;
    std::vector<float> logits(size_t(tokenizer->vocabulary().size()));
    for (int n = 0; n < most; ++n) {
        for (size_t i = 0; i < logits.size(); ++i) {
            const auto bytes = tokenizer->vocabulary().bytes(int32_t(i));
            const bool isEnding =
                bytes.find_first_of("\"]}<,") != std::string_view::npos || bytes.size() > 3;
            logits[i] = float(random() % 1000) / 250 + (isEnding ? 2.5F : 0.0F);
        }
        favourEnd(answer, logits);
        REQUIRE((!constraint.forced().empty() || !constraint.mask().allowsNone));
        const int32_t token = sampler.sample(logits, {});
        if (ends(token)) return answer.empty() ? " " : answer;
        const auto bytes = tokenizer->vocabulary().bytes(token);
        const bool isName =
            std::ranges::find(names.all(), bytes) != names.all().end() && bytes.size() > 2;
        answer += isName ? markedToken(bytes) : std::string(bytes);
    }
    return {};  // too long
}

// Where a tag of plain text that ends a value has begun, it is likely to go on.
void Babbler::favourEnd(const std::string& answer, std::vector<float>& logits) const {
    const std::string tag = "</parameter>";
    for (size_t n = 1; n < tag.size(); ++n)
        if (answer.ends_with(tag.substr(0, n)))
            logits[size_t(tokenizer->vocabulary().byteTokens()[uint8_t(tag[n])])] += 9;
}

bool masksAreWalks(TokenMasks& masks, Automaton::State state) {
    const TokenMask& mask = masks.maskOf(state);
    for (int32_t token = 0; token < int32_t(masks.table().size()); ++token) {
        const bool fits = masks.after(state, token) != Automaton::kDead;
        if (mask.allows(token) == fits) continue;
        UNSCOPED_INFO("token " << token << " \"" << masks.table().bytes(token) << "\" "
                               << (fits ? "fits, but is refused" : "is allowed, but does not fit"));
        return false;
    }
    return true;
}

}  // namespace moxie::engine::grammar_test

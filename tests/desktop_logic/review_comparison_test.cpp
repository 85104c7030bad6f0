// A comparison that is kept up to date against one made at once: both must turn the one text into
// the other.
#include <fmt/format.h>

#include <random>

#include "app/desktop/model/line_texts.h"
#include "tests/catch.h"

namespace moxie::desktop {

namespace {

class Texts {
public:
    explicit Texts(unsigned seed) : random_(seed) {}

    size_t below(size_t n) { return random_() % n; }

    // Few different lines, so that many are equal by chance.
    std::string line() { return fmt::format("{}\n", below(4)); }

    std::string text(size_t nLines) {
        std::string made;
        for (size_t i = 0; i < nLines; ++i)
            made += line();
        return made;
    }

    std::string changed(const std::string& text) {
        std::vector<std::string_view> lines = linesWithEnds(text);
        const size_t begin = below(lines.size() + 1);
        const size_t end = begin + below(std::min<size_t>(4, lines.size() - begin) + 1);
        std::string made;
        for (size_t i = 0; i < begin; ++i)
            made += lines[i];
        if (!made.empty() && made.back() != '\n') made += '\n';
        made += this->text(below(4));
        for (size_t i = end; i < lines.size(); ++i)
            made += lines[i];
        if (below(8) == 0 && !made.empty()) made.pop_back();
        return made;
    }

private:
    std::mt19937 random_;
};

std::string applied(const std::vector<tools::LineChange>& changes, const std::string& before,
                    const std::string& after) {
    const std::vector<std::string_view> from = linesWithEnds(before), to = linesWithEnds(after);
    std::string made;
    int64_t next = 0, nextAfter = 0;
    for (const tools::LineChange& change : changes) {
        REQUIRE((change.oldBegin > next || (change.oldBegin == 0 && next == 0)));
        REQUIRE(change.oldBegin - next == change.newBegin - nextAfter);
        for (; next < change.oldBegin; ++next)
            made += from[size_t(next)];
        for (int64_t i = change.newBegin; i < change.newEnd; ++i)
            made += to[size_t(i)];
        next = change.oldEnd;
        nextAfter = change.newEnd;
    }
    for (; next < int64_t(from.size()); ++next)
        made += from[size_t(next)];
    return made;
}

}  // namespace

TEST_CASE("a comparison brought up to date still turns one text into the other",
          "[desktop][review]") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        Texts texts(seed);
        std::string before = texts.text(30), after = before;
        LineComparison comparison(makeText(before));
        for (int step = 0; step < 30; ++step) {
            CAPTURE(step, before, after);
            if (texts.below(3) > 0) after = texts.changed(after);
            if (texts.below(3) == 0) before = texts.changed(before);
            if (texts.below(10) == 0) before = after;
            const size_t known = comparison.changes().size();
            REQUIRE(comparison.update(makeText(before), makeText(after)));
            REQUIRE(applied(comparison.changes(), before, after) == after);
            REQUIRE(comparison.keptFront() + comparison.keptBack() <= int64_t(known));
        }
    }
}

TEST_CASE("only what lies around a change is compared again", "[desktop][review]") {
    std::string before, after;
    for (int i = 0; i < 1000; ++i) {
        before += fmt::format("line {}\n", i);
        after += i % 100 == 50 ? fmt::format("changed {}\n", i) : fmt::format("line {}\n", i);
    }
    LineComparison comparison;
    REQUIRE(comparison.update(makeText(before), makeText(after)));
    REQUIRE(comparison.changes().size() == 10);
    const size_t at = after.find("changed 450\n");
    after.replace(at, 12, "line 450\nnew\n");
    REQUIRE(comparison.update(makeText(before), makeText(after)));
    CHECK(comparison.keptFront() == 4);
    CHECK(comparison.keptBack() == 5);
    REQUIRE(comparison.changes().size() == 10);
    CHECK(comparison.changes()[4] == tools::LineChange{451, 451, 451, 452});
    CHECK(comparison.changes()[5] == tools::LineChange{550, 551, 551, 552});
    CHECK(comparison.touches(452, 460));
    CHECK_FALSE(comparison.touches(453, 460));
}

}  // namespace moxie::desktop

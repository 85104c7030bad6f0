#include "indexer/disk_lines.h"

#include <random>
#include <vector>

#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

// Empty, short and long lines; the last one without an end.
std::vector<std::string> madeUpLines(std::mt19937& random, int count) {
    std::vector<std::string> lines;
    for (int i = 0; i < count; i++) {
        const size_t size = random() % 3 == 0 ? 0 : random() % (random() % 8 == 0 ? 400 : 50);
        lines.push_back(std::string(size, char('a' + i % 26)) + "\n");
    }
    lines.push_back("the last");
    return lines;
}

std::string between(const std::vector<std::string>& lines, int32_t first, int32_t last) {
    std::string text;
    for (int32_t line = first; line <= std::min(last, int32_t(lines.size())); line++)
        text += lines[size_t(line) - 1];
    return text;
}

}  // namespace

TEST_CASE("Lines of a file on disk are those that stand there, in any order of questions",
          "[indexer][lines]") {
    std::mt19937 random(5);
    const Repository repository(Repository::Kind::plain);
    for (const int count : {0, 1, 3, 70, 900}) {
        const auto lines = madeUpLines(random, count);
        repository.write("a.txt", between(lines, 1, int32_t(lines.size())));
        DiskLines disk(repository.root());
        const auto most = uint32_t(lines.size()) + 2;
        for (int i = 0; i < 300; i++) {
            const auto first = int32_t(1 + random() % most), last = first + int32_t(random() % 4);
            CAPTURE(count, first, last);
            CHECK(disk.lines("a.txt", first, last) == between(lines, first, last));
        }
        CHECK(disk.lines("a.txt", 0, 1).empty());
        CHECK(disk.lines("b.txt", 1, 1).empty());
    }
}

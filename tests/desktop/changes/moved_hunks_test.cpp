#include "app/desktop/screens/changes/moved_hunks.h"

#include <QSignalSpy>

#include "app/desktop/screens/changes/diff_source.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/changes/fake_review.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

const std::string kBlock = "int total = 0;\nfor (int x : xs)\n    total += x;\nreturn total;\n";
const std::string kIndented =
    "    int total = 0;\n    for (int x : xs)\n        total += x;\n    return total;\n";

std::string numbers(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i)
        text += "number " + std::to_string(i) + "\n";
    return text;
}

}  // namespace

TEST_CASE("a block that went into another file is told from a new one", "[desktop][changes]") {
    const ReviewedFiles files = {
        reviewedFile("a.cpp", numbers(1, 5) + kBlock + numbers(6, 9), numbers(1, 9)),
        reviewedFile("b.cpp", numbers(1, 9), numbers(1, 2) + kIndented + numbers(3, 9)),
        reviewedFile("c.cpp", "", "a new one\nof three\nlines\n")};
    CHECK(findMoved(files, {}) == std::vector<MovedHunk>{{0, 0, 1, 0}});
    std::stop_source stop;
    stop.request_stop();
    CHECK(findMoved(files, stop.get_token()).empty());
}

TEST_CASE("a block that went down its file says where it was", "[desktop][changes]") {
    application();
    ReviewSnapshot snapshot;
    snapshot.files = {reviewedFile("a.cpp", numbers(1, 5) + kBlock + numbers(6, 19),
                                   numbers(1, 15) + kBlock + numbers(16, 19))};
    DiffSource source;
    source.setSnapshot(snapshot);
    MovedHunks moved;
    QSignalSpy found(&moved, &MovedHunks::found);
    QObject::connect(&moved, &MovedHunks::found, &source, &DiffSource::setMoved);
    moved.look(snapshot.files);
    REQUIRE(waitUntil([&] { return !found.isEmpty(); }));
    const int64_t second = source.rows().hunkRow(0, 1);
    CHECK(source.text(source.rows().hunkRow(0, 0)).contains("moved to line 16"));
    CHECK(source.text(second).contains("moved from line 6"));
    source.setSnapshot({});
    source.setSnapshot(snapshot);
    CHECK_FALSE(source.text(second).contains("moved"));  // until it is known again
}

TEST_CASE("lines that only close brackets are not moved", "[desktop][changes]") {
    const std::string closing = "}\n\n}\n);\n}\n}\n";
    const ReviewedFiles files = {reviewedFile("a.cpp", "x\n" + closing, "x\n"),
                                 reviewedFile("b.cpp", "x\n", "x\n" + closing)};
    CHECK(findMoved(files, {}).empty());
}

#include "app/desktop/screens/changes/diff_rows.h"

#include <QCoreApplication>

#include "app/desktop/screens/changes/diff_layout_file.h"
#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/word_marks.h"
#include "tests/catch.h"
#include "tests/desktop/changes/fake_review.h"
#include "tests/tools/fixture.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

std::string numbered(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i)
        text += "line " + std::to_string(i) + "\n";
    return text;
}

// The rows as one reads them: sign, number, text.
std::vector<std::string> shown(const DiffSource& source) {
    std::vector<std::string> lines;
    for (int64_t i = 0; i < source.rowCount(); ++i) {
        const LineRow row = source.row(i);
        lines.push_back(
            (QString(row.sign.isNull() ? QChar(' ') : row.sign) + row.gutter + " " + row.text)
                .toStdString());
    }
    return lines;
}

ReviewSnapshot snapshotOf(std::vector<std::shared_ptr<const ReviewedFile>> files) {
    ReviewSnapshot snapshot;
    snapshot.files = std::move(files);
    return snapshot;
}

}  // namespace

TEST_CASE("a diff shows three lines around each hunk, and none twice", "[desktop][changes]") {
    const std::string before = numbered(1, 30);
    std::string after = before;
    after.replace(after.find("line 10\n"), 8, "ten\n");
    after.replace(after.find("line 14\n"), 8, "");
    after += "line 31\n";
    DiffSource source;
    source.setSnapshot(snapshotOf({reviewedFile("src/a.txt", before, after)}));
    CHECK(shown(source) == std::vector<std::string>{
                               "▾ M  src/a.txt   +2 −2",
                               "◆ line 10 · +1 −1 · agent",
                               " 7 line 7",
                               " 8 line 8",
                               " 9 line 9",
                               "−10 line 10",
                               "+10 ten",
                               " 11 line 11",
                               " 12 line 12",
                               " 13 line 13",
                               "◆ line 14 · +0 −1 · agent",
                               "−14 line 14",
                               " 14 line 15",
                               " 15 line 16",
                               " 16 line 17",
                               "◆ line 30 · +1 −0 · agent",
                               " 27 line 28",
                               " 28 line 29",
                               " 29 line 30",
                               "+30 line 31",
                           });
    source.setOptions({.context = ContextLines::all});
    const auto all = shown(source);
    CHECK(all.size() == 1 + 3 + 28 + 2 + 2);
    CHECK(all[2] == " 1 line 1");
    CHECK(all.back() == "+30 line 31");
}

TEST_CASE("every row is found again from its place", "[desktop][changes]") {
    DiffSource source;
    source.setSnapshot(
        snapshotOf({reviewedFile("a.txt", numbered(1, 50), "x\n" + numbered(2, 49)),
                    reviewedFile("b.txt", "", "new\n"), reviewedFile("c.txt", "gone\n", "")}));
    const DiffRows& rows = source.rows();
    for (const auto context : {ContextLines::few, ContextLines::all}) {
        source.setOptions({.context = context});
        for (int64_t file = 0; file < rows.fileCount(); ++file) {
            CHECK(rows.at(rows.fileRow(file)) == DiffRow{DiffRow::Kind::file, file, -1, -1});
            for (int64_t hunk = 0; hunk < rows.hunkCount(file); ++hunk) {
                const int64_t begin = rows.hunkRow(file, hunk);
                CHECK(rows.at(begin).kind == DiffRow::Kind::hunk);
                for (int64_t row = begin; row < rows.hunkEnd(file, hunk); ++row) {
                    CHECK(rows.at(row).file == file);
                    CHECK(rows.at(row).hunk == hunk);
                }
            }
        }
    }
    CHECK(source.row(rows.fileRow(1)).text.startsWith("A  b.txt"));
    CHECK(source.row(rows.fileRow(2)).text.startsWith("D  c.txt"));
}

TEST_CASE("folding, white space and ticks leave only heads", "[desktop][changes]") {
    DiffSource source;
    source.setSnapshot(snapshotOf({reviewedFile("a.txt", "if (x)\n  y;\n", "if ( x )\n\ty;\n"),
                                   reviewedFile("b.txt", "1\n", "2\n")}));
    source.setOptions({.whitespace = WhitespaceChanges::folded});
    CHECK(shown(source)[1] == "◆ lines 1 to 2 · +2 −2 · agent · white space only");
    CHECK(shown(source)[2] == "  ");
    source.toggleFold(1);
    CHECK(shown(source).back() == "▸ M  b.txt   +1 −1");
    source.toggleFold(1);
    source.setReviewed("b.txt", true);
    CHECK(shown(source).back() == "▸ M  b.txt   +1 −1   ✓ reviewed");
    // A tick is for what was seen.
    source.setSnapshot(snapshotOf({reviewedFile("b.txt", "1\n", "3\n")}));
    CHECK_FALSE(source.isReviewed("b.txt"));
}

TEST_CASE("a hunk says to a screen reader what and where it is", "[desktop][changes]") {
    std::string after = numbered(1, 60);
    after.replace(after.find("line 41\n"), 16, "new\n");
    DiffSource source;
    source.setSnapshot(
        snapshotOf({reviewedFile("engine/bpe.cpp", numbered(1, 60), after, HunkAuthor::you),
                    reviewedFile("long.cpp", numbered(1, 60),
                                 numbered(1, 40) + "a\nb\nc\n" + numbered(44, 60))}));
    CHECK(source.spokenName(source.rows().hunkRow(0, 0)) ==
          "bpe.cpp line 41, 1 added, 2 removed, proposed, yours");
    CHECK(source.spokenName(source.rows().hunkRow(1, 0)) ==
          "long.cpp lines 41 to 43, 3 added, 3 removed, proposed");
}

TEST_CASE("rows stand for the lines of a hunk", "[desktop][changes]") {
    DiffSource source;
    source.setSnapshot(snapshotOf({reviewedFile("a.txt", "1\n2\n3\n", "one\ntwo\nthree\n")}));
    const int64_t head = source.rows().hunkRow(0, 0);
    const auto range = [&](int64_t first, int64_t last) {
        return source.refOf({0, 0}, head + first, head + last);
    };
    CHECK_FALSE(range(0, 0).removed);  // the head: the whole hunk
    CHECK_FALSE(range(0, 6).removed);
    CHECK(range(2, 2).removed == LineRange{1, 2});
    CHECK(range(2, 2).added == LineRange{0, 0});
    CHECK(range(4, 5).added == LineRange{0, 2});
    CHECK(range(4, 5).removed == LineRange{3, 3});
    CHECK(range(3, 4).removed == LineRange{2, 3});
    CHECK(range(3, 4).added == LineRange{0, 1});
}

TEST_CASE("changed words are marked where a line is mostly the same", "[desktop][changes]") {
    const auto texts = [](const QString& line, const std::vector<LineRun>& marks) {
        std::vector<std::string> words;
        for (const LineRun& mark : marks)
            words.push_back(line.mid(mark.begin, mark.length).toStdString());
        return words;
    };
    const QString before = "    for (size_t i = 0; i < pairs_.size(); ++i) {";
    const QString after = "    for (int64_t i = 0; i < queue_.size(); ++i) {";
    const WordMarks marks = markWords(before, after);
    CHECK(texts(before, marks.before) == std::vector<std::string>{"size_t", "pairs_"});
    CHECK(texts(after, marks.after) == std::vector<std::string>{"int64_t", "queue_"});
    CHECK(markWords("return 1;", "// nothing at all alike here").before.empty());
    CHECK(markWords("", "x").after.empty());
    CHECK(texts("a b c", markWords("a x", "a b c").after) == std::vector<std::string>{"b c"});
    CHECK(texts("call(a, b c)", markWords("call(a)", "call(a, b c)").after) ==
          std::vector<std::string>{", b c"});
}

TEST_CASE("how diffs were laid out is kept in a file", "[desktop][changes]") {
    moxie::tests::TempFolder folder;
    const auto file = folder.path() / "deep" / "layout";
    CHECK(loadDiffLayout(file) == DiffLayout::unified);
    REQUIRE(saveDiffLayout(file, DiffLayout::sideBySide));
    CHECK(loadDiffLayout(file) == DiffLayout::sideBySide);
    REQUIRE(saveDiffLayout(file, DiffLayout::unified));
    CHECK(loadDiffLayout(file) == DiffLayout::unified);
    folder.put("deep/layout", std::string(10'000, 'x'));
    CHECK(loadDiffLayout(file) == DiffLayout::unified);
}

#include "app/desktop/screens/code/code_table.h"

#include <fmt/format.h>

#include <QElapsedTimer>
#include <algorithm>
#include <random>

#include "app/desktop/screens/code/source_text.h"
#include "tests/catch.h"
#include "tests/desktop/code/fake_code.h"
#include "tests/fakes/fake_index.h"

using namespace moxie;
using namespace moxie::desktop;

namespace {

bool never() {
    return false;
}

CodeTable shop() {
    testing::FakeCode code;
    testing::fillShop(code);
    tests::FakeIndex index;
    index.fileList = code.files;
    for (const auto& symbol : code.symbols)
        index.symbolList.push_back({.name = symbol.name,
                                    .kind = symbol.kind,
                                    .path = symbol.path,
                                    .lineFirst = symbol.lineFirst,
                                    .lineLast = symbol.lineLast,
                                    .signature = "",
                                    .parent = symbol.parent});
    auto table = loadCodeTable(index, {});
    REQUIRE(table);
    return **table;
}

QStringList names(const std::vector<CodeHit>& hits) {
    QStringList all;
    for (const CodeHit& hit : hits)
        all << (hit.kind == CodeHitKind::file ? hit.path : hit.name);
    return all;
}

QStringList found(const CodeTable& table, const char* typed) {
    return names(table.find(parseCodeQuery(QString::fromUtf8(typed)), 10, never));
}

// Names as programs have them, `count` of them in count / 40 files.
CodeTable large(int count) {
    static constexpr const char* kWords[] = {
        "parse", "list",   "buffer", "get",   "set",   "index", "token", "stream",
        "read",  "write",  "cache",  "node",  "tree",  "value", "type",  "scan",
        "file",  "path",   "error",  "state", "open",  "close", "find",  "match",
        "query", "layout", "paint",  "event", "model", "view",  "item",  "row"};
    std::mt19937 random(5);
    CodeTable table;
    std::vector<std::string> paths;
    for (int i = 0; i < count / 40; ++i)
        paths.push_back(fmt::format("src/{}/{}_{}_{:05}.cpp", kWords[random() % 32],
                                    kWords[random() % 32], kWords[random() % 32], i));
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths)
        table.addFile({.path = path, .bytes = 8'000, .lines = 200});
    for (int i = 0; i < count; ++i) {
        std::string name = kWords[random() % 32];
        for (int part = int(random() % 3); part >= 0; --part) {
            std::string word = kWords[random() % 32];
            if (random() % 2 == 0) word[0] = char(word[0] - 'a' + 'A');
            name += (random() % 4 == 0 ? "_" : "") + word;
        }
        table.addSymbol({.name = name,
                         .parent = kWords[random() % 32],
                         .path = paths[size_t(i) * paths.size() / size_t(count)],
                         .kind = indexer::SymbolKind(random() % 13),
                         .lineFirst = i % 200,
                         .lineLast = i % 200 + 3,
                         .bytes = 120});
    }
    return table;
}

}  // namespace

TEST_CASE("names are found by some of their letters, the best first", "[desktop][code]") {
    const CodeTable table = shop();
    CHECK(found(table, "parselist") ==
          QStringList{QStringLiteral("parseList"), QStringLiteral("ListParser")}.mid(0, 1) +
              QStringList{QStringLiteral("shop/parser/parse_list.cpp")});
    CHECK(found(table, "cart").front() == QStringLiteral("Cart"));
    CHECK(found(table, "crt").contains(QStringLiteral("shop/cart.cpp")));
    CHECK(found(table, "shop/cart") ==
          QStringList{QStringLiteral("shop/cart.h"), QStringLiteral("shop/cart.cpp")});
    CHECK(found(table, "@cart").front() == QStringLiteral("Cart"));
    CHECK_FALSE(found(table, "@cart").contains(QStringLiteral("shop/cart.cpp")));
    CHECK(found(table, "Cart::add") ==
          QStringList{QStringLiteral("addItem"), QStringLiteral("addItem")});
    CHECK(found(table, "cart.cpp:12").front() == QStringLiteral("shop/cart.cpp"));
    CHECK(found(table, "list in:shop/parser").size() == 3);
    CHECK(found(table, "list in:tests").isEmpty());
    CHECK(found(table, "qqq").isEmpty());
    const auto hits = table.find(parseCodeQuery(QStringLiteral("kMax")), 10, never);
    REQUIRE(hits.size() == 1);
    CHECK(hits[0].matched == std::vector<int>{0, 6, 7, 8});
    CHECK(hits[0].lineFirst == 4);
}

TEST_CASE("kinds narrow what is found", "[desktop][code]") {
    const CodeTable table = shop();
    CodeQuery query = {.text = QStringLiteral("i"), .scope = CodeScope::types};
    CHECK(names(table.find(query, 10, never)) == QStringList{QStringLiteral("ListParser")});
    query.scope = CodeScope::values;
    CHECK(names(table.find(query, 10, never)) == QStringList{QStringLiteral("kItemsMax")});
    query.scope = CodeScope::files;
    CHECK(table.find(query, 1, never).size() == 1);
    query.scope = CodeScope::everything;
    CHECK(table.find(query, 10, [] { return true; }).empty());
}

TEST_CASE("files opened last come first, and a file knows its symbols", "[desktop][code]") {
    const CodeTable table = shop();
    const QStringList recent = {QStringLiteral("tests/cart_test.cpp"), QStringLiteral("gone.c")};
    const QStringList first = names(table.filesFirst(recent, {}, 3));
    CHECK(first == QStringList{QStringLiteral("tests/cart_test.cpp"), QStringLiteral("README.md"),
                               QStringLiteral("docs/design.md")});
    const auto outline = table.symbolsOf(QStringLiteral("shop/cart.h"));
    REQUIRE(outline.size() == 3);
    CHECK(outline[0].name == QStringLiteral("kItemsMax"));
    CHECK(table.symbolsOf(QStringLiteral("shop/cart")).empty());
    CHECK(table.symbolsNamed(QStringLiteral("addItem"), 10).size() == 2);
    CHECK(table.symbolsNamed(QStringLiteral("additem"), 10).empty());
    CHECK(table.file("README.md")->bytes == 812);
    CHECK(table.file("README") == nullptr);
}

TEST_CASE("odd names do no harm", "[desktop][code]") {
    CodeTable table;
    table.addFile({.path = "\xE6\x96\x87/\xFF\xFE.c", .bytes = 1, .lines = 1});
    const std::string longName(100'000, 'x');
    const std::string path = "\xE6\x96\x87/\xFF\xFE.c";
    table.addSymbol({.name = longName, .parent = longName, .path = path});
    table.addSymbol({.name = "\xE5\x88\x86\xE8\xAF\x8D", .parent = "", .path = path});
    table.addSymbol({.name = "lost", .parent = "", .path = "no such file"});
    CHECK(table.symbolCount() == 2);
    CHECK(found(table, "\xE5\x88\x86").size() == 1);
    CHECK(found(table, "xxxx").size() == 1);
    CHECK(found(table, "::").size() == 2);
}

TEST_CASE("a text is read from inside the repository only", "[desktop][code]") {
    using Problem = SourceText::Problem;
    const std::filesystem::path root = std::string(MOXIE_SOURCE_DIR) + "/tests/data/languages";
    const auto read = [&](const char* path) { return readSource(root, QString::fromUtf8(path)); };
    const SourceTextSnapshot sample = read("./sample.c");
    CHECK(sample->problem == Problem::none);
    CHECK(sample->path == QStringLiteral("sample.c"));
    CHECK(sample->lineStarts.back() == sample->text.size());
    CHECK(read("../../../LICENSE")->problem == Problem::outside);
    CHECK(read("/etc/passwd")->problem == Problem::outside);
    CHECK(read((root.string() + "/sample.c").c_str())->path == QStringLiteral("sample.c"));
    CHECK(read("no/such.c")->problem == Problem::notFound);
    CHECK(read("")->problem == Problem::outside);
    CHECK(makeSource({}, "")->lineStarts == std::vector<uint32_t>{0, 0});
    CHECK(makeSource({}, "a\nb")->lineStarts == std::vector<uint32_t>{0, 2, 3});
    CHECK(makeSource({}, "a\n")->lineStarts == std::vector<uint32_t>{0, 2});
    CHECK(makeSource({}, "\xFFz")->text == "\xEF\xBF\xBDz");
}

TEST_CASE("200,000 symbols are looked through within 50 ms", "[.bench][desktop][code]") {
    QElapsedTimer timer;
    timer.start();
    const CodeTable table = large(200'000);
    const qint64 made = timer.elapsed();
    std::vector<double> times;
    for (const char* typed : {"p", "pa", "parse", "plist", "getBuf", "stst", "qx", "Tree::node",
                              "src/pa", "eeee", "zzz", "@event", "rowview"}) {
        const CodeQuery query = parseCodeQuery(QString::fromUtf8(typed));
        timer.start();
        const auto hits = table.find(query, 100, never);
        times.push_back(double(timer.nsecsElapsed()) / 1e6);
        WARN(typed << ": " << times.back() << " ms, " << hits.size() << " hits");
    }
    std::sort(times.begin(), times.end());
    WARN("made in " << made << " ms, worst " << times.back() << " ms");
    CHECK(times.back() <= 50);
}

TEST_CASE("a folder lists what lies in it, folders first", "[desktop][code]") {
    CodeTable table;
    for (const char* path : {"a-b/x.c", "a.c", "a/B.c", "a/a.c", "a/b/c.c", "a/b/d.c", "ab/y.c"})
        table.addFile({path, 7, 1});
    const auto names = [&](const char* folder, int64_t limit = 100) {
        QStringList all;
        for (const auto& entry : table.listing(QString::fromUtf8(folder), limit).entries)
            all << entry.name + (entry.isFolder ? QStringLiteral("/") : QString());
        return all;
    };
    CHECK(names("") == QStringList{"a/", "a-b/", "ab/", "a.c"});
    CHECK(names("a") == QStringList{"b/", "a.c", "B.c"});
    CHECK(names("a/b") == QStringList{"c.c", "d.c"});
    CHECK(names("nowhere").isEmpty());
    CHECK(table.listing(QString(), 1).nLeftOut == 3);
    CHECK(table.listing(QStringLiteral("a"), 9).entries.back().bytes == 7);
}

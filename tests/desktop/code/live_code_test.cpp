#include "app/desktop/screens/code/live_code.h"

#include <QTemporaryDir>
#include <chrono>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/indexer/repository.h"
#include "tools/checkpoint.h"
#include "tools/git.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::testing::Repository;

namespace {

// A small program in a real repository.
struct LiveRig {
    LiveRig() {
        repository.write(
            "shop/cart.py",
            "class Cart:\n    def add(self, item):\n        self.items.append(item)\n\n"
            "def checkout(cart):\n    cart.add(1)\n    cart.add(2)\n");
        repository.write("shop/main.c", "int main(void) {\n    return 0;\n}\n");
        repository.write("README.md", "A shop with a trailing comma.\n");
        repository.commitAll("first");
    }

    QString root() const { return QString::fromStdString(repository.root().string()); }

    void openAndWait() {
        code.open(root());
        REQUIRE(waitUntil([&] { return code.index().phase == IndexState::Phase::current; }));
    }

    template <class T, class Ask>
    T answer(Ask ask) {
        std::optional<T> got;
        ask([&](const T& value) { got = value; });
        REQUIRE(waitUntil([&] { return got.has_value(); }));
        return *got;
    }

    CodeHits find(const char* typed) {
        return answer<CodeHits>([&](auto then) {
            code.find(parseCodeQuery(QString::fromUtf8(typed)), receiver, then);
        });
    }

    QApplication& app = application();
    Repository repository;
    QObject receiver;
    LiveCode code{{.cacheFile = repository.cacheFile("live.sqlite")}};
};

}  // namespace

TEST_CASE("a real repository is indexed, then found, read and searched", "[desktop][code]") {
    LiveRig rig;
    CHECK(rig.code.state() == CodeModel::State::empty);
    rig.openAndWait();
    CHECK(rig.code.state() == CodeModel::State::ready);
    CHECK(rig.code.index().stats.files == 3);
    CHECK(rig.code.index().checked.isValid());
    const CodeHits hits = rig.find("check");
    REQUIRE_FALSE(hits.hits.empty());
    CHECK(hits.hits[0].name == QStringLiteral("checkout"));
    CHECK(hits.hits[0].lineFirst == 5);
    const auto uses = rig.answer<SymbolUses>(
        [&](auto then) { rig.code.uses(QStringLiteral("add"), rig.receiver, then); });
    REQUIRE(uses.definitions.size() == 1);
    REQUIRE(uses.uses.size() == 1);
    CHECK(uses.uses[0].enclosing == "checkout");
    CHECK(uses.uses[0].role == "call");
    const auto texts = rig.answer<TextHits>([&](auto then) {
        rig.code.search({.text = QStringLiteral("trailing comma")}, rig.receiver, then);
    });
    REQUIRE_FALSE(texts.hits.empty());
    CHECK(texts.hits[0].path == "README.md");
    const auto outline = rig.answer<CodeHits>(
        [&](auto then) { rig.code.outline(QStringLiteral("shop/cart.py"), rig.receiver, then); });
    CHECK(outline.hits.size() == 3);
    const auto opened = rig.answer<OpenedSource>(
        [&](auto then) { rig.code.read(QStringLiteral("shop/main.c"), rig.receiver, then); });
    CHECK(opened.source->problem == SourceText::Problem::none);
    REQUIRE(opened.colours);
    CHECK_FALSE(opened.colours->text.isPlain());
    const auto outside = rig.answer<OpenedSource>(
        [&](auto then) { rig.code.read(QStringLiteral("../x"), rig.receiver, then); });
    CHECK(outside.source->problem == SourceText::Problem::outside);
}

TEST_CASE("only the last of several questions is answered", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    QStringList answered;
    for (const char* typed : {"c", "ca", "car", "cart"})
        rig.code.find(
            parseCodeQuery(QString::fromUtf8(typed)), rig.receiver,
            [&answered, typed](const CodeHits&) { answered << QString::fromUtf8(typed); });
    QObject other;
    bool isOtherAnswered = false;
    rig.code.find(parseCodeQuery(QStringLiteral("main")), other,
                  [&](const CodeHits&) { isOtherAnswered = true; });
    REQUIRE(waitUntil([&] { return isOtherAnswered; }));
    CHECK(answered == QStringList{QStringLiteral("cart")});
    {
        QObject gone;
        rig.code.find({}, gone, [&](const CodeHits&) { FAIL("the receiver is gone"); });
    }
    rig.find("x");
}

TEST_CASE("an update sees what changed on disk", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    CHECK(rig.find("refund").hits.empty());
    rig.repository.write("shop/refund.py", "def refund(cart):\n    pass\n");
    const QDateTime before = rig.code.index().checked;
    rig.code.update();
    CHECK(rig.code.index().phase == IndexState::Phase::updating);
    REQUIRE(waitUntil([&] { return rig.code.index().phase == IndexState::Phase::current; }));
    CHECK(rig.code.index().checked >= before);
    CHECK(rig.find("@refund").hits.size() == 1);
}

TEST_CASE("what others write is found without asking for an update", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    CHECK(rig.find("@refund").hits.empty());
    rig.repository.write("shop/refund.py", "def refund(cart):\n    pass\n");
    CHECK(waitUntil([&] { return rig.find("@refund").hits.size() == 1; }));
    rig.repository.write("store/deep/gift.py", "def gift(cart):\n    pass\n");
    CHECK(waitUntil([&] { return rig.find("@gift").hits.size() == 1; }));
    std::filesystem::remove(rig.repository.root() / "shop/refund.py");
    CHECK(waitUntil([&] { return rig.find("@refund").hits.empty(); }));
    CHECK(rig.code.index().phase == IndexState::Phase::current);
}

TEST_CASE("a watched repository is left for another", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    Repository second;
    second.write("only.go", "package only\n\nfunc Only() {}\n");
    rig.code.open(QString::fromStdString(second.root().string()));
    REQUIRE(waitUntil([&] { return rig.code.index().phase == IndexState::Phase::current; }));
    rig.repository.write("shop/late.py", "def late():\n    pass\n");
    second.write("more.go", "package only\n\nfunc More() {}\n");
    CHECK(waitUntil([&] { return rig.find("@More").hits.size() == 1; }));
    CHECK(rig.find("@late").hits.empty());
}

TEST_CASE("another repository replaces the first, and none is empty again", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    rig.code.find({}, rig.receiver, [](const CodeHits&) { FAIL("it was asked of the first"); });
    Repository second;
    second.write("only.go", "package only\n\nfunc Only() {}\n");
    rig.code.open(QString::fromStdString(second.root().string()));
    REQUIRE(waitUntil([&] { return rig.code.index().phase == IndexState::Phase::current; }));
    CHECK(rig.find("only").hits.front().path == QStringLiteral("only.go"));
    rig.code.open({});
    CHECK(rig.code.state() == CodeModel::State::empty);
    rig.code.open(QStringLiteral("/no/such/folder"));
    REQUIRE(waitUntil([&] { return rig.code.state() == CodeModel::State::error; }));
    CHECK_FALSE(rig.code.errorText().isEmpty());
}

TEST_CASE("a paused update says so and goes on", "[desktop][code]") {
    LiveRig rig;
    for (int i = 0; i < 400; ++i)
        rig.repository.write("many/file_" + std::to_string(i) + ".py",
                             "def function_" + std::to_string(i) + "():\n    pass\n");
    rig.code.open(rig.root());
    REQUIRE(waitUntil([&] { return rig.code.index().phase == IndexState::Phase::updating; }));
    rig.code.pause();
    REQUIRE(waitUntil([&] { return rig.code.index().phase != IndexState::Phase::updating; }));
    // A quick machine may have been done before it was asked to stop.
    if (rig.code.index().phase == IndexState::Phase::paused) {
        rig.code.update();
        REQUIRE(waitUntil([&] { return rig.code.index().phase == IndexState::Phase::current; }));
    }
    CHECK(rig.code.index().stats.files == 403);
    CHECK(rig.find("function_399").hits.front().name == QStringLiteral("function_399"));
}

TEST_CASE("names of a real large tree are found within 50 ms", "[.bench][desktop][code]") {
    const QString tree = qEnvironmentVariable("MOXIE_TREE");
    if (tree.isEmpty()) return;
    application();
    const QTemporaryDir cache;
    LiveCode code({.cacheFile = (cache.path() + QStringLiteral("/index.sqlite")).toStdString()});
    QObject receiver;
    const auto begun = std::chrono::steady_clock::now();
    code.open(tree);
    REQUIRE(
        QTest::qWaitFor([&] { return code.index().phase == IndexState::Phase::current; }, 600'000));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    WARN("opened and indexed in " << took.count() << " s, " << code.index().stats.symbols
                                  << " symbols");
    for (const char* typed : {"p", "pars", "getlist", "Tree::node", "@main", "x.c:12"}) {
        std::optional<CodeHits> got;
        const auto asked = std::chrono::steady_clock::now();
        code.find(parseCodeQuery(QString::fromUtf8(typed)), receiver,
                  [&](const CodeHits& found) { got = found; });
        REQUIRE(waitUntil([&] { return got.has_value(); }));
        const std::chrono::duration<double, std::milli> waited =
            std::chrono::steady_clock::now() - asked;
        WARN(typed << ": answer after " << waited.count() << " ms (" << got->milliseconds
                   << " ms of it the search), " << got->hits.size() << " hits");
        CHECK(got->milliseconds <= 50);
    }
}

TEST_CASE("what a function calls is read from its text", "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    const auto uses = rig.answer<SymbolUses>(
        [&](auto then) { rig.code.uses(QStringLiteral("checkout"), rig.receiver, then); });
    REQUIRE(uses.definitions.size() == 1);
    CHECK(uses.calls ==
          std::vector<SymbolCall>{{QStringLiteral("add"), QStringLiteral("shop/cart.py"), 6, 2}});
}

TEST_CASE("a repository says who changed what, and what differs from its last commit",
          "[desktop][code]") {
    LiveRig rig;
    rig.openAndWait();
    rig.repository.write("shop/main.c", "int main(void) {\n    return 1;\n}\n");
    rig.repository.write("new/extra.c", "int x;\n");
    const auto opened = rig.answer<OpenedSource>(
        [&](auto then) { rig.code.read(QStringLiteral("shop/main.c"), rig.receiver, then); });
    const auto blame = rig.answer<BlameSnapshot>(
        [&](auto then) { rig.code.blame(opened.source, rig.receiver, then); });
    REQUIRE(blame->lines.size() == 3);
    CHECK(blame->lines[0].summary == "first");
    CHECK(blame->lines[1].commit.empty());
    CHECK(blame->lines[2].first == 2);
    const auto changed =
        rig.answer<ChangedPaths>([&](auto then) { rig.code.changedPaths(rig.receiver, then); });
    CHECK(changed.at(QStringLiteral("shop/main.c")) == QLatin1Char('M'));
    CHECK(changed.at(QStringLiteral("new/extra.c")) == QLatin1Char('?'));
    const auto root = rig.answer<FolderListing>(
        [&](auto then) { rig.code.folder(QString(), rig.receiver, then); });
    REQUIRE(root.entries.size() == 2);
    CHECK(root.entries[0].name == QStringLiteral("shop"));
    CHECK(root.entries[0].isFolder);
}

TEST_CASE("an edit is written after a checkpoint, and never over what is newer",
          "[desktop][code]") {
    LiveRig rig;
    rig.repository.write(".gitignore", "ignored.c\n");
    rig.repository.write("ignored.c", "int x;\n");
    rig.repository.write("dos.c", "int a;\r\nint b;\r\nint c;");
    rig.openAndWait();
    const auto read = [&](const char* path) {
        return rig
            .answer<OpenedSource>(
                [&](auto then) { rig.code.read(QString::fromUtf8(path), rig.receiver, then); })
            .source;
    };
    const auto edit = [&](const SourceEdit& wanted) {
        return rig.answer<EditAnswer>(
            [&](auto then) { rig.code.edit(wanted, rig.receiver, then); });
    };
    const auto onDisk = [&](const char* path) {
        return base::readFile(rig.repository.root() / path).value_or("");
    };
    const SourceTextSnapshot dos = read("dos.c");
    CHECK(edit({dos, 2, 2, "int two;\nint more;"}).problem == EditAnswer::Problem::none);
    CHECK(onDisk("dos.c") == "int a;\r\nint two;\r\nint more;\r\nint c;");
    auto git = tools::Git::open(rig.repository.root()).value();
    const auto points = tools::Checkpoints(git, "window").list().value();
    REQUIRE(points.size() == 1);
    CHECK(git.fileAt(points[0].commit, "dos.c").value() == dos->text);
    // It is not what was read any more.
    CHECK(edit({dos, 1, 1, "int z;"}).problem == EditAnswer::Problem::movedOn);
    // No checkpoint holds an ignored file.
    CHECK(edit({read("ignored.c"), 1, 1, "int y;"}).problem == EditAnswer::Problem::noCheckpoint);
    CHECK(onDisk("ignored.c") == "int x;\n");
    const SourceTextSnapshot main = read("shop/main.c");
    CHECK(edit({main, 2, 2, ""}).text == "int main(void) {\n}\n");
}

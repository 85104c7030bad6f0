#include "app/desktop/session/folder_watcher.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <fstream>

#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("writes to files of a watched folder are told, others not", "[desktop][session]") {
    application();
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    FolderWatcher watcher;
    QSignalSpy changed(&watcher, &FolderWatcher::changed);
    REQUIRE(watcher.watch(path, FolderWatcher::What::writes));
    std::ofstream(path / "one") << "text";
    REQUIRE(waitUntil([&] { return changed.count() > 0; }));
    CHECK(changed[0][0].toString() == folder.path());
    CHECK(changed[0][1].toString() == QStringLiteral("one"));
    watcher.forget(path);
    changed.clear();
    std::ofstream(path / "two") << "text";
    CHECK_FALSE(QTest::qWaitFor([&] { return changed.count() > 0; }, 100));
}

TEST_CASE("folders that come and go are told, and a folder that is not there cannot be watched",
          "[desktop][session]") {
    application();
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    FolderWatcher watcher;
    QSignalSpy changed(&watcher, &FolderWatcher::changed);
    CHECK_FALSE(watcher.watch(path / "none", FolderWatcher::What::entries));
    REQUIRE(watcher.watch(path, FolderWatcher::What::entries));
    std::filesystem::create_directory(path / "child");
    REQUIRE(waitUntil([&] { return changed.count() == 1; }));
    std::filesystem::remove(path / "child");
    REQUIRE(waitUntil([&] { return changed.count() == 2; }));
    CHECK(changed[1][1].toString() == QStringLiteral("child"));
}

#include "app/desktop/screens/composer/draft_store.h"

#include <QDirIterator>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>

#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

QString loaded(DraftStore& store, const QString& key) {
    QObject receiver;
    QString text = QStringLiteral("nothing came");
    bool isThere = false;
    store.load(key, receiver, [&](const QString& draft) {
        text = draft;
        isThere = true;
    });
    REQUIRE(waitUntil([&] { return isThere; }));
    return text;
}

int filesIn(const QTemporaryDir& folder) {
    int count = 0;
    for (QDirIterator it(folder.path(), QDir::Files, QDirIterator::Subdirectories); it.hasNext();
         it.next())
        ++count;
    return count;
}

}  // namespace

TEST_CASE("a draft is on disk half a second after the last key and read by the next start",
          "[desktop][composer]") {
    application();
    QTemporaryDir folder;
    const std::filesystem::path drafts = folder.path().toStdString() + "/drafts";
    DraftStore first(drafts);
    first.save(QStringLiteral("s1"), QStringLiteral("half"));
    first.save(QStringLiteral("s1"), QString::fromUtf8("half a 消息"));
    CHECK(loaded(first, QStringLiteral("s1")) == QString::fromUtf8("half a 消息"));
    CHECK(filesIn(folder) == 0);
    REQUIRE(waitUntil([&] { return filesIn(folder) == 1; }));
    // A second store stands for the program after a crash: the first has not said goodbye.
    DraftStore second(drafts);
    CHECK(loaded(second, QStringLiteral("s1")) == QString::fromUtf8("half a 消息"));
    CHECK(loaded(second, QStringLiteral("../s2")).isEmpty());
}

TEST_CASE("closing writes what waits, an empty draft leaves no file", "[desktop][composer]") {
    application();
    QTemporaryDir folder;
    const std::filesystem::path drafts = folder.path().toStdString() + "/drafts";
    {
        DraftStore store(drafts);
        store.save(QStringLiteral("s1"), QStringLiteral("last words"));
    }
    CHECK(filesIn(folder) == 1);
    {
        DraftStore store(drafts);
        CHECK(loaded(store, QStringLiteral("s1")) == QStringLiteral("last words"));
        store.save(QStringLiteral("s1"), QString());
        CHECK(loaded(store, QStringLiteral("s1")).isEmpty());
    }
    CHECK(filesIn(folder) == 0);
}

TEST_CASE("a draft that cannot be written is told", "[desktop][composer]") {
    application();
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("in the way")));
    REQUIRE(file.open(QIODevice::WriteOnly));
    DraftStore store(file.fileName().toStdString());
    QSignalSpy failed(&store, &DraftStore::failed);
    store.save(QStringLiteral("s1"), QStringLiteral("text"));
    REQUIRE(waitUntil([&] { return failed.size() == 1; }));
    CHECK(failed[0][0].toString().contains(QStringLiteral("draft")));
    CHECK(loaded(store, QStringLiteral("s1")) == QStringLiteral("text"));
}

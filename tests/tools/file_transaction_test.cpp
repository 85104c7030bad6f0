#include "tools/file_transaction.h"

#include <atomic>
#include <map>
#include <thread>

#include "tests/tools/fixture.h"

using moxie::base::Errc;
using moxie::tests::TempFolder;
using moxie::tools::FileTransaction;
using moxie::tools::readBeneath;
namespace fs = std::filesystem;

namespace {

// Every file below the folder with its bytes; folders end in '/'.
std::map<std::string, std::string> snapshot(const TempFolder& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
        const std::string name = entry.path().lexically_relative(folder.path()).string();
        files[entry.is_directory() ? name + "/" : name] =
            entry.is_regular_file() ? folder.get(name) : "";
    }
    return files;
}

}  // namespace

TEST_CASE("a transaction that fails at any step leaves every file as it was", "[tools]") {
    for (int failing = 0; failing <= 4; ++failing) {
        CAPTURE(failing);
        TempFolder folder;
        folder.put("a", "a");
        folder.put("b", "b");
        folder.put("c", "c");
        const auto before = snapshot(folder);
        {
            FileTransaction transaction(folder.path(), [&](int32_t step) -> moxie::base::Status {
                if (step == failing) return moxie::base::fail(Errc::io, "disk is full");
                return {};
            });
            REQUIRE(transaction.replace(folder.path() / "a", "A", "a"));
            REQUIRE(transaction.create(folder.path() / "new/deep/d", "d"));
            REQUIRE(transaction.remove(folder.path() / "b", "b"));
            REQUIRE(transaction.replace(folder.path() / "c", "C", "c"));
            const auto done = transaction.commit();
            CHECK(done.has_value() == (failing == 4));
        }
        if (failing < 4)
            CHECK(snapshot(folder) == before);
        else
            CHECK(
                snapshot(folder) ==
                std::map<std::string, std::string>{
                    {"a", "A"}, {"c", "C"}, {"new/", ""}, {"new/deep/", ""}, {"new/deep/d", "d"}});
    }
}

TEST_CASE("a file that changed between reading and writing is not lost", "[tools]") {
    const TempFolder folder;
    folder.put("a", "theirs, longer");
    folder.put("b", "b");
    FileTransaction transaction(folder.path());
    REQUIRE(transaction.replace(folder.path() / "b", "B", "b"));
    REQUIRE(transaction.replace(folder.path() / "a", "ours", "what we read"));
    const auto done = transaction.commit();
    REQUIRE_FALSE(done);
    CHECK(done.error().kind() == Errc::busy);
    CHECK(folder.get("a") == "theirs, longer");
    CHECK(folder.get("b") == "b");
}

TEST_CASE("a file that appeared meanwhile is not overwritten by a creation", "[tools]") {
    const TempFolder folder;
    FileTransaction transaction(folder.path());
    REQUIRE(transaction.create(folder.path() / "a", "ours"));
    folder.put("a", "theirs");
    CHECK(transaction.commit().error().kind() == Errc::busy);
    CHECK(folder.get("a") == "theirs");
}

TEST_CASE("what was staged and not committed goes away", "[tools]") {
    const TempFolder folder;
    {
        FileTransaction transaction(folder.path());
        REQUIRE(transaction.create(folder.path() / "x/y/z", "text"));
    }
    CHECK(snapshot(folder).empty());
}

TEST_CASE("a symlink on the way is refused, not followed", "[tools]") {
    const TempFolder outside, folder;
    outside.put("secret", "s");
    folder.put("dir/secret", "mine");
    fs::create_symlink(outside.path(), folder.path() / "link");
    fs::create_symlink(outside.path() / "secret", folder.path() / "file");
    CHECK(readBeneath(folder.path(), folder.path() / "link/secret", 100).error().kind() ==
          Errc::denied);
    CHECK(readBeneath(folder.path(), folder.path() / "file", 100).error().kind() == Errc::denied);
    CHECK(readBeneath(folder.path(), folder.path() / "dir/../../x", 100).error().kind() ==
          Errc::denied);
    FileTransaction transaction(folder.path());
    CHECK(transaction.create(folder.path() / "link/new", "x").error().kind() == Errc::denied);
    CHECK(transaction.replace(folder.path() / "file", "x", "s").error().kind() == Errc::denied);
    CHECK_FALSE(outside.has("new"));
    CHECK(outside.get("secret") == "s");
}

TEST_CASE("a folder swapped for a symlink while writing lets nothing out", "[tools]") {
    const TempFolder outside, folder;
    outside.put("secret", "s");
    folder.put("dir/secret", "mine");
    std::atomic<bool> isDone = false;
    std::thread swapper([&] {
        std::error_code ignored;
        while (!isDone) {
            fs::rename(folder.path() / "dir", folder.path() / "real", ignored);
            fs::create_symlink(outside.path(), folder.path() / "dir", ignored);
            fs::remove(folder.path() / "dir", ignored);
            fs::rename(folder.path() / "real", folder.path() / "dir", ignored);
        }
    });
    for (int i = 0; i < 300; ++i) {
        const auto bytes = readBeneath(folder.path(), folder.path() / "dir/secret", 100);
        if (bytes) CHECK(*bytes == "mine");
        FileTransaction transaction(folder.path());
        if (transaction.replace(folder.path() / "dir/secret", "mine", "mine"))
            static_cast<void>(transaction.commit());  // either is fine: only the outside counts
    }
    isDone = true;
    swapper.join();
    CHECK(outside.get("secret") == "s");
    CHECK(snapshot(outside).size() == 1);
}

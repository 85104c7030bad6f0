#include "base/file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/hash.h"
#include "tests/catch.h"

using namespace moxie::base;
namespace fs = std::filesystem;

namespace {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "moxie-base-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    ~TemporaryFolder() { fs::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

}  // namespace

TEST_CASE("an atomic write replaces the bytes, keeps the mode and leaves no other file", "[base]") {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "tool.sh";
    std::ofstream(file) << "old";
    ::chmod(file.c_str(), 0755);
    REQUIRE(writeFileAtomically(file, "new bytes"));
    CHECK(readFile(file).value() == "new bytes");

    struct stat info {};

    ::stat(file.c_str(), &info);
    CHECK((info.st_mode & 07777) == 0755);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("an atomic write through a symlink changes the target and keeps the link", "[base]") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "real") << "old";
    fs::create_symlink("real", folder.path() / "link");
    REQUIRE(writeFileAtomically(folder.path() / "link", "new"));
    CHECK(fs::is_symlink(folder.path() / "link"));
    CHECK(readFile(folder.path() / "real").value() == "new");
}

TEST_CASE("a write that cannot happen leaves the old file as it was", "[base]") {
    const TemporaryFolder folder;
    const Status done = writeFileAtomically(folder.path() / "missing" / "file", "x");
    REQUIRE_FALSE(done);
    CHECK(done.error().kind() == Errc::notFound);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 0);
}

TEST_CASE("reading says what is wrong", "[base]") {
    const TemporaryFolder folder;
    CHECK(readFile(folder.path() / "none").error().kind() == Errc::notFound);
    CHECK(readFile(folder.path()).error().kind() == Errc::invalidInput);
    std::ofstream(folder.path() / "big") << std::string(100, 'x');
    CHECK(readFile(folder.path() / "big", 99).error().kind() == Errc::invalidInput);
    CHECK(readFile(folder.path() / "big", 100).value().size() == 100);
}

TEST_CASE("an empty file maps to an empty span and a folder is refused", "[base]") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "empty");
    CHECK(MappedFile::open(folder.path() / "empty").value().bytes().empty());
    CHECK_FALSE(MappedFile::open(folder.path()));
}

TEST_CASE("a closed queue gives out what is left and then ends", "[base]") {
    BoundedQueue<int> queue(2);
    REQUIRE(queue.push(1));
    REQUIRE(queue.tryPush(2));
    CHECK_FALSE(queue.tryPush(3));
    queue.close();
    CHECK_FALSE(queue.push(4));
    CHECK(queue.pop() == 1);
    CHECK(queue.pop() == 2);
    CHECK(queue.pop() == std::nullopt);
}

TEST_CASE("waiting ends at once when stop is requested", "[base]") {
    SystemClock clock;
    std::stop_source source;
    source.request_stop();
    const Status waited = clock.sleepFor(60'000, source.get_token());
    REQUIRE_FALSE(waited);
    CHECK(waited.error().kind() == Errc::cancelled);
}

TEST_CASE("chained hashes depend on every part and its order", "[base]") {
    const Hash128 root = hash128("");
    CHECK(hash128(hash128(root, "a"), "b") != hash128(hash128(root, "b"), "a"));
    CHECK(hash128("x") == hash128("x"));
    CHECK(hash128("x").hex().size() == 32);
}

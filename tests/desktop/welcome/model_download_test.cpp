#include "app/desktop/screens/welcome/model_download.h"

#include <QCryptographicHash>
#include <future>

#include "tests/catch.h"
#include "tests/desktop/welcome/file_server.h"
#include "tests/tools/fixture.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Downloads {
    Downloads() {
        server.body = "GGUF";
        while (server.body.size() < 300'000)
            server.body += std::to_string(server.body.size()) + " ";
    }

    base::Status run(const std::string& sha256 = {}, const std::stop_token& stop = {}) {
        steps.clear();
        return downloadModel(
            {.url = server.url(), .file = file(), .sha256 = sha256},
            [this](const DownloadProgress& step) { steps.push_back(step); }, stop);
    }

    std::filesystem::path file() const { return folder.path() / "models" / "m.gguf"; }

    std::string sum() const {
        return QCryptographicHash::hash(QByteArray::fromStdString(server.body),
                                        QCryptographicHash::Sha256)
            .toHex()
            .toStdString();
    }

    tests::TempFolder folder;
    FileServer server;
    std::vector<DownloadProgress> steps;
};

}  // namespace

TEST_CASE("a model is fetched, checked and put in its place", "[desktop][welcome]") {
    Downloads downloads;
    REQUIRE(downloads.run(downloads.sum()));
    CHECK(downloads.folder.get("models/m.gguf") == downloads.server.body);
    CHECK_FALSE(downloads.folder.has("models/m.gguf.part"));
    REQUIRE_FALSE(downloads.steps.empty());
    CHECK(downloads.steps.front().bytesTotal == int64_t(downloads.server.body.size()));
    CHECK(downloads.steps.back().isChecking);
    CHECK(downloads.run().error().kind() == base::Errc::invalidInput);  // it is there already
}

TEST_CASE("a download that breaks goes on where it ended", "[desktop][welcome]") {
    Downloads downloads;
    downloads.server.cutAfter = 100'000;  // of each reply
    REQUIRE(downloads.run(downloads.sum()));
    CHECK(downloads.server.ranges ==
          std::vector<std::string>{"", "bytes=100000-", "bytes=200000-", "bytes=300000-"});
    CHECK(downloads.folder.get("models/m.gguf") == downloads.server.body);
}

TEST_CASE("a cancelled download is gone on with, and begun anew if the file is another now",
          "[desktop][welcome]") {
    Downloads downloads;
    downloads.server.cutAfter = 100'000;
    downloads.server.isSlow = true;
    std::stop_source stop;
    auto running =
        std::async(std::launch::async, [&] { return downloads.run({}, stop.get_token()); });
    const auto part = downloads.folder.path() / "models" / "m.gguf.part";
    std::error_code ignored;
    while (std::filesystem::file_size(part, ignored) != 100'000)
        std::this_thread::yield();
    stop.request_stop();
    CHECK(running.get().error().kind() == base::Errc::cancelled);
    downloads.server.isSlow = false;
    downloads.server.cutAfter = std::string::npos;

    SECTION("the same file") {
        REQUIRE(downloads.run(downloads.sum()));
        CHECK(downloads.server.ranges.back() == "bytes=100000-");
    }
    SECTION("another file") {
        downloads.server.etag = "\"v2\"";
        downloads.server.body = "GGUF another";
        REQUIRE(downloads.run(downloads.sum()));
    }
    SECTION("it was whole already") {
        downloads.server.body.resize(100'000);
        REQUIRE(downloads.run(downloads.sum()));
    }
    CHECK(downloads.folder.get("models/m.gguf") == downloads.server.body);
}

TEST_CASE("what is no model or not the right one is not kept", "[desktop][welcome]") {
    Downloads downloads;
    SECTION("another sum") {
        CHECK(downloads.run(std::string(64, '0')).error().kind() == base::Errc::corrupt);
    }
    SECTION("no sum at all") {
        CHECK(downloads.run("abc").error().kind() == base::Errc::invalidInput);
    }
    SECTION("a page") {
        downloads.server.body = "<html>log in</html>";
        CHECK(downloads.run().error().kind() == base::Errc::invalidInput);
    }
    SECTION("nothing") {
        downloads.server.body.clear();
        CHECK(downloads.run().error().kind() == base::Errc::invalidInput);
    }
    SECTION("not found") {
        downloads.server.status = "404 Not Found";
        CHECK(downloads.run().error().kind() == base::Errc::notFound);
    }
    SECTION("not allowed") {
        downloads.server.status = "403 Forbidden";
        CHECK(downloads.run().error().kind() == base::Errc::denied);
    }
    CHECK_FALSE(downloads.folder.has("models/m.gguf"));
    CHECK_FALSE(downloads.folder.has("models/m.gguf.part"));
}

TEST_CASE("a redirect is followed, other addresses are refused", "[desktop][welcome]") {
    Downloads downloads;
    downloads.server.redirectTo = downloads.server.url("/m.gguf");
    REQUIRE(downloadModel({.url = downloads.server.url("/moved/m.gguf"), .file = downloads.file()},
                          [](const DownloadProgress&) {}, {}));
    CHECK(modelFileName("https://host/a/b-q4_0.gguf?download=true").value_or("") == "b-q4_0.gguf");
    for (const char* bad : {"ftp://host/a.gguf", "file:///a.gguf", "https://host/a.bin", "a.gguf",
                            "https://me:secret@host/a.gguf", "https://host/.gguf", ""})
        CHECK(modelFileName(bad).error().kind() == base::Errc::invalidInput);
}

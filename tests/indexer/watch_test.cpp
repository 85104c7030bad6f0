#include "indexer/watch.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

// Waits for what a watch brings, at most ten seconds.
class Watched {
public:
    explicit Watched(const Repository& repository, WatchOptions options = {})
        : index_(repository.open()) {
        REQUIRE(index_->update({}, {}));
        options.root = repository.root();
        options.onChanged = [this](const WatchEvent& event) {
            std::lock_guard lock(mutex_);
            events_.push_back(event);
            changed_.notify_all();
        };
        auto made = watch(*index_, options);
        REQUIRE(made);
        watch_ = std::move(*made);
    }

    bool has(const std::string& name) const {
        const auto symbols = index_->symbols(name, "", 10);
        REQUIRE(symbols);
        for (const Symbol& symbol : *symbols)
            if (symbol.name == name) return true;
        return false;
    }

    bool waitFor(const std::function<bool()>& isTrue) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!isTrue()) {
            std::unique_lock lock(mutex_);
            const size_t seen = nSeen_;
            if (!changed_.wait_until(lock, end, [&] { return events_.size() > seen; }))
                return isTrue();
            nSeen_ = events_.size();
        }
        return true;
    }

    bool waitForName(const std::string& name) {
        return waitFor([&] { return has(name); });
    }

    bool waitUntilGone(const std::string& name) {
        return waitFor([&] { return !has(name); });
    }

    std::vector<WatchEvent> events() const {
        std::lock_guard lock(mutex_);
        return events_;
    }

    WatchStats stats() const { return watch_->stats(); }

    Index& index() { return *index_; }

private:
    std::unique_ptr<Index> index_;
    mutable std::mutex mutex_;  // guards events_
    std::condition_variable changed_;
    std::vector<WatchEvent> events_;
    size_t nSeen_ = 0;
    std::unique_ptr<Watch> watch_;  // last: stops before the rest goes
};

std::string functionOf(const std::string& name) {
    return fmt::format("int {}(void) {{ return 1; }}\n", name);
}

void fill(const Repository& repository) {
    repository.write("src/list.c", functionOf("first_name"));
    repository.write("docs/readme.md", "# Lists\n");
    repository.write(".gitignore", "out/\n*.log\n");
    repository.write("out/made.c", functionOf("made_name"));
    repository.commitAll("first");
}

}  // namespace

TEST_CASE("a watch brings what others write, rename and remove", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository);
    repository.write("src/list.c", functionOf("second_name"));
    CHECK(watched.waitForName("second_name"));
    CHECK_FALSE(watched.has("first_name"));
    CHECK(watched.events().back().paths == std::vector<std::string>{"src/list.c"});
    repository.write("src/new.c", functionOf("third_name"));
    CHECK(watched.waitForName("third_name"));
    std::filesystem::rename(repository.root() / "src/new.c", repository.root() / "docs/moved.c");
    CHECK(watched.waitFor([&] {
        const auto found = watched.index().symbols("third_name", "docs", 5);
        return found && found->size() == 1;
    }));
    std::filesystem::remove(repository.root() / "docs/moved.c");
    CHECK(watched.waitUntilGone("third_name"));
    CHECK(watched.stats().sweeps == 0);
}

TEST_CASE("new folders are watched to the bottom, folders that went are forgotten",
          "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository);
    repository.write("lib/deep/down/a.c", functionOf("deep_name"));
    CHECK(watched.waitForName("deep_name"));
    repository.write("lib/deep/down/b.c", functionOf("deeper_name"));
    CHECK(watched.waitForName("deeper_name"));
    std::filesystem::rename(repository.root() / "lib", repository.root() / "src/lib");
    CHECK(watched.waitFor([&] {
        const auto found = watched.index().symbols("deep_name", "src/lib", 5);
        const auto before = watched.index().symbols("deep_name", "lib", 5);
        return found && found->size() == 1 && before && before->empty();
    }));
    repository.write("src/lib/deep/c.c", functionOf("moved_name"));
    CHECK(watched.waitForName("moved_name"));
    std::filesystem::remove_all(repository.root() / "src/lib");
    CHECK(watched.waitUntilGone("moved_name"));
    CHECK_FALSE(watched.has("deep_name"));
}

TEST_CASE("ignored folders are not watched until .gitignore lets them in", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository);
    const int64_t before = watched.stats().folders;  // root, src, docs, .git
    CHECK(before == 4);
    repository.write("out/more/b.c", functionOf("hidden_name"));
    repository.write("src/list.c", functionOf("seen_name"));
    CHECK(watched.waitForName("seen_name"));
    CHECK_FALSE(watched.has("hidden_name"));
    CHECK(watched.stats().folders == before);
    repository.write(".gitignore", "*.log\n");
    CHECK(watched.waitForName("hidden_name"));
    repository.write("out/more/b.c", functionOf("open_name"));
    CHECK(watched.waitForName("open_name"));
}

TEST_CASE("a repository inside is none of ours", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository);
    const int64_t before = watched.stats().folders;
    repository.git("init -q inner");
    repository.write("inner/a.c", functionOf("inner_name"));
    repository.write("src/list.c", functionOf("seen_name"));
    CHECK(watched.waitForName("seen_name"));
    repository.write("inner/a.c", functionOf("inner_other"));
    repository.write("src/list.c", functionOf("last_name"));
    CHECK(watched.waitForName("last_name"));
    CHECK_FALSE(watched.has("inner_name"));
    CHECK_FALSE(watched.has("inner_other"));
    CHECK(watched.stats().folders == before);
}

TEST_CASE("a branch switch is seen, and back", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    repository.git("checkout -q -b side");
    repository.write("src/side.c", functionOf("side_name"));
    repository.commitAll("side");
    repository.git("checkout -q main");
    Watched watched(repository);
    CHECK_FALSE(watched.has("side_name"));
    repository.git("checkout -q side");
    CHECK(watched.waitForName("side_name"));
    repository.git("checkout -q main");
    CHECK(watched.waitUntilGone("side_name"));
}

TEST_CASE("the same bytes again, and our own edits, are no news", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository, {.root = {}, .quietMs = 400, .waitMsMax = 5000});
    repository.write("src/list.c", functionOf("first_name"));
    repository.write("src/own.c", functionOf("own_name"));
    REQUIRE(watched.index().updateText("src/own.c", functionOf("own_name")));
    CHECK(watched.has("own_name"));
    repository.write("src/last.c", functionOf("last_name"));
    CHECK(watched.waitForName("last_name"));
    for (const WatchEvent& event : watched.events())
        CHECK(event.paths == std::vector<std::string>{"src/last.c"});
}

TEST_CASE("without watches the whole tree is looked at", "[indexer][watch]") {
    const Repository repository;
    fill(repository);
    Watched watched(repository, {.root = {}, .sweepMs = 50, .foldersMax = 1});
    CHECK(watched.stats().isSweeping);
    repository.write("src/list.c", functionOf("swept_name"));
    CHECK(watched.waitForName("swept_name"));
    CHECK(watched.stats().sweeps > 0);
}

TEST_CASE("a plain folder is watched, without the folders that are never read",
          "[indexer][watch]") {
    const Repository repository(Repository::Kind::plain);
    repository.write("src/a.c", functionOf("plain_name"));
    Watched watched(repository);
    repository.write("node_modules/b.js", "function hidden_name() {}\n");
    repository.write("src/a.c", functionOf("other_name"));
    CHECK(watched.waitForName("other_name"));
    CHECK_FALSE(watched.has("hidden_name"));
    CHECK(watched.stats().folders == 2);
}

TEST_CASE("what cannot be watched says so", "[indexer][watch]") {
    const Repository repository;
    const auto index = repository.open();
    const auto made = watch(*index, {.root = "/nonexistent/folder"});
    REQUIRE_FALSE(made);
    CHECK(made.error().kind() == base::Errc::notFound);
}

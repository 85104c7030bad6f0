// Several processes share one index file, find it damaged at the same moment, and go on: each must
// answer as a new index would, and none may wait for ever.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>

#include "base/hash.h"
#include "indexer/database.h"
#include "tests/catch.h"
#include "tests/indexer/answers.h"
#include "tests/indexer/parts_sample.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/rows.h"

using namespace moxie;
using moxie::testing::answersOf;
using moxie::testing::fillWithParts;
using moxie::testing::Repository;
using moxie::testing::rowsOf;

namespace fs = std::filesystem;

namespace {

constexpr int64_t kPageBytes = 4096;
constexpr std::chrono::seconds kPatience{100};  // more than any wait for a lock, with sanitizers

// A process with an index of its own that does what it is told; ends with this.
class Peer {
public:
    explicit Peer(const Repository& repository) {
        const fs::path program =
            fs::read_symlink("/proc/self/exe").parent_path() / "moxie_indexer_peer_child";
        const std::string root = repository.root().string(),
                          cache = repository.cacheFile().string();
        int in[2] = {}, out[2] = {};
        REQUIRE((pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0));
        process_ = fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            execl(program.c_str(), program.c_str(), root.c_str(), cache.c_str(), nullptr);
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        to_ = in[1];
        from_ = out[0];
    }

    ~Peer() {
        close(to_);
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        close(from_);
    }

    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void tell(const std::string& command) const {
        const std::string line = command + "\n";
        REQUIRE(write(to_, line.data(), line.size()) == ssize_t(line.size()));
    }

    // Of the oldest command that it did not answer yet.
    std::string answer() {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (heard_.find('\n') == std::string::npos) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            pollfd ready = {.fd = from_, .events = POLLIN, .revents = 0};
            if (left.count() <= 0 || poll(&ready, 1, int(left.count())) == 0) return "hangs";
            char bytes[4096];
            const ssize_t count = read(from_, bytes, sizeof bytes);
            if (count <= 0) return "died";
            heard_.append(bytes, size_t(count));
        }
        const size_t length = heard_.find('\n');
        std::string line = heard_.substr(0, length);
        heard_.erase(0, length + 1);
        return line;
    }

private:
    pid_t process_ = 0;
    int to_ = -1, from_ = -1;
    std::string heard_;
};

class Peers {
public:
    Peers(const Repository& repository, int count) {
        for (int i = 0; i < count; i++)
            peers_.push_back(std::make_unique<Peer>(repository));
    }

    // All at once, each the commands in their order; then checks every answer. `expected` is that
    // of "ask".
    void all(const std::vector<std::string>& commands, const std::string& expected) {
        for (const std::string& command : commands)
            for (const auto& peer : peers_)
                peer->tell(command);
        for (const std::string& command : commands)
            for (size_t i = 0; i < peers_.size(); i++) {
                CAPTURE(i, command);
                REQUIRE(peers_[i]->answer() == (command == "ask" ? "ok " + expected : "ok "));
            }
    }

    Peer& operator[](size_t at) { return *peers_[at]; }

private:
    std::vector<std::unique_ptr<Peer>> peers_;
};

std::string bytesOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void removeFiles(const fs::path& file) {
    for (const char* end : {"", "-wal", "-shm"})
        fs::remove(file.string() + end);
}

// Makes the index from nothing, closed and in one file.
std::string makeIndex(const Repository& repository, const std::string& cache) {
    removeFiles(repository.cacheFile(cache));
    REQUIRE(repository.open(cache)->update({}, {}));
    return bytesOf(repository.cacheFile(cache));
}

std::string coldAnswers(const Repository& repository) {
    makeIndex(repository, "cold.sqlite");
    const std::string answers = answersOf(*repository.open("cold.sqlite"));
    REQUIRE(answers.find("failed") == std::string::npos);
    return base::hash128(answers).hex();
}

void checkRows(const Repository& repository) {
    REQUIRE((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
}

void execute(const fs::path& file, const char* sql) {
    auto database = indexer::Database::open(file, indexer::Database::Access::readWrite);
    REQUIRE(database);
    REQUIRE(database->execute(sql));
}

void zeroPages(const fs::path& file, int64_t first, int64_t last) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(first * kPageBytes);
    out << std::string(size_t((last - first) * kPageBytes), '\0');
    REQUIRE(out.flush());
}

// Ways to damage an index of `pages` pages; each is found by "ask".
std::vector<std::function<void(const fs::path&)>> damages(int64_t pages) {
    return {
        [](const fs::path& file) { zeroPages(file, 0, 1); },
        [pages](const fs::path& file) { zeroPages(file, 1, pages); },
        [](const fs::path& file) { execute(file, "UPDATE block SET data=x''"); },
        [](const fs::path& file) { execute(file, "UPDATE uses SET data=zeroblob(40)"); },
        [](const fs::path& file) { removeFiles(file); },
    };
}

// All of `count` find the damage, before they open it or while it is open.
void checkDamage(int count, int rounds) {
    const Repository repository;
    fillWithParts(repository);
    const std::string expected = coldAnswers(repository);
    const std::string good = makeIndex(repository, "index.sqlite");
    const fs::path file = repository.cacheFile();
    Peers peers(repository, count);
    const auto ways = damages(int64_t(good.size()) / kPageBytes);
    for (int round = 0; round < rounds; round++)
        for (size_t way = 0; way < ways.size(); way++) {
            CAPTURE(count, round, way);
            peers.all({"close"}, expected);
            ways[way](file);
            peers.all({"open", "update", "ask"}, expected);
            execute(file, "PRAGMA wal_checkpoint(TRUNCATE)");
            ways[way](file);
            const bool isAskedFirst = (round + int(way)) % 2 == 0;
            peers.all(isAskedFirst ? std::vector<std::string>{"ask", "update", "ask"}
                                   : std::vector<std::string>{"edit src/f3.c", "ask", "update"},
                      expected);
            peers.all({"ask"}, expected);
            checkRows(repository);
        }
}

// Two open, take in, close and find damage over and over, each at its own pace, while a third and
// whoever is open asks.
void checkTurmoil(uint32_t seed, int rounds) {
    const Repository repository;
    fillWithParts(repository);
    const std::string before = coldAnswers(repository);
    const std::string good = makeIndex(repository, "index.sqlite");
    const fs::path file = repository.cacheFile();
    Peers peers(repository, 3);
    peers.all({"open", "update", "ask"}, before);
    std::mt19937 random(seed);
    const auto drawn = [&](int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(random);
    };
    for (int round = 0; round < rounds; round++) {
        CAPTURE(seed, round);
        std::vector<std::string> told[3];
        const auto tell = [&](size_t peer, const std::string& command) {
            told[peer].push_back(command);
            peers[peer].tell(command);
        };
        for (int i = 0; i < 4; i++) {
            for (size_t peer = 0; peer < 2; peer++) {
                const bool isNew = drawn(0, 2) == 0;
                if (isNew) tell(peer, "open");
                tell(peer, isNew || drawn(0, 1) == 0 ? "update" : "edit src/f3.c");
                if (drawn(0, 1) == 0) tell(peer, "ask");
            }
            tell(2, "ask");
            // Whatever state it is in; a cut would end who reads its mapped end.
            const int way = drawn(0, 3);
            if (way == 0) removeFiles(file);
            if (way == 1 && fs::exists(file))
                zeroPages(file, drawn(0, 3), int64_t(good.size()) / kPageBytes);
        }
        for (size_t peer = 0; peer < 3; peer++)
            for (const std::string& command : told[peer]) {
                CAPTURE(peer, command);
                REQUIRE(peers[peer].answer() == (command == "ask" ? "ok " + before : "ok "));
            }
        peers.all({"update", "ask"}, before);
        checkRows(repository);
    }
    repository.write("src/f3.c", "int lonely(int a) {\n    return count_1_1(a);\n}\n");
    const std::string after = coldAnswers(repository);
    peers.all({"edit src/f3.c", "ask"}, after);
    checkRows(repository);
}

}  // namespace

TEST_CASE("two processes that find the same damage at once both answer right", "[indexer][peers]") {
    checkDamage(2, 1);
}

TEST_CASE("processes that open, write and make an index again at once all answer right",
          "[indexer][peers]") {
    checkTurmoil(1, 3);
}

TEST_CASE("four processes, much damage", "[indexer][peers][.slow]") {
    checkDamage(4, 20);
}

TEST_CASE("much turmoil", "[indexer][peers][.slow]") {
    checkTurmoil(2, 200);
}

// The store on disk: what it gives back is what its tokens lead to, whatever happened to its files.
#include "engine/kv/kv_store.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "base/file.h"
#include "tests/catch.h"
#include "tests/engine/session/fake_timeline.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

namespace {

using tests::counting;
using tests::FakeTimeline;
using tests::joined;
using tests::ModelFolder;

constexpr base::Hash128 kModel = {1, 2};

class WallClock final : public base::Clock {
public:
    int64_t wallMs() const override { return now; }

    int64_t steadyMs() const override { return now; }

    base::Status sleepFor(int64_t, const std::stop_token&) override { return {}; }

    int64_t now = 1'800'000'000'000;
};

struct Setting {
    KvLayout layout;
    ModelPlan plan = tests::plainPlan();
    WallClock clock;

    explicit Setting(int64_t frontierFloats) : layout(tests::plainLayout(frontierFloats)) {}

    std::unique_ptr<KvStore> open(const std::filesystem::path& directory,
                                  KvStoreOptions options = {},
                                  const base::Hash128& fingerprint = kModel) {
        options.directory = directory;
        return KvStore::open(StateCodec(plan, layout, KvFormat::f32), fingerprint, options, clock)
            .value();
    }

    // Tokens of what the store gives for these; the rows must be theirs.
    int64_t loaded(KvStore& store, std::span<const int32_t> tokens) {
        const TimelineSnapshot snapshot = store.load(tokens);
        if (snapshot.tokens.empty()) return 0;
        REQUIRE(std::ranges::equal(snapshot.tokens, tokens.first(snapshot.tokens.size())));
        FakeTimeline taken(layout);
        REQUIRE(taken.restore(snapshot));
        return std::ssize(snapshot.tokens);
    }
};

// A conversation in turns, which every process can make again from its number.
FakeTimeline conversation(const KvLayout& layout, int32_t number, int64_t turns) {
    FakeTimeline timeline(layout);
    timeline.add(counting(300, 7));  // what all have in common
    std::minstd_rand random(static_cast<unsigned>(number + 1));
    for (int64_t i = 0; i < turns; ++i) {
        timeline.add(counting(static_cast<int64_t>(random() % 200 + 1),
                              static_cast<int32_t>(random() % 100000)));
        timeline.keepPoint();
    }
    return timeline;
}

std::filesystem::path onlySegment(const std::filesystem::path& directory) {
    return directory / kModel.hex() / "00000001.kv";
}

}  // namespace

TEST_CASE("what was appended is found by a later process", "[engine][kv]") {
    for (const int64_t frontier : {0, 8}) {
        CAPTURE(frontier);
        Setting setting(frontier);
        const ModelFolder folder;
        const FakeTimeline one = conversation(setting.layout, 1, 6);
        REQUIRE(setting.open(folder.path())->append(one.view()).has_value());
        const auto store = setting.open(folder.path());
        const auto n = std::ssize(one.tokens());
        REQUIRE(store->find(one.tokens()) == n);
        REQUIRE(setting.loaded(*store, one.tokens()) == n);
        REQUIRE(store->verify() == 0);
        // Another way behind a whole page, and unknown tokens.
        const std::vector<int32_t> common(one.tokens().begin(), one.tokens().begin() + 512);
        REQUIRE(setting.loaded(*store, joined(common, {-9})) >= (frontier == 0 ? 512 : 300));
        REQUIRE(setting.loaded(*store, counting(400, 1000)) == 0);
    }
}

TEST_CASE("a way that leaves a stored page within it is found to the token", "[engine][kv]") {
    Setting setting(0);
    const ModelFolder folder;
    const auto store = setting.open(folder.path());
    FakeTimeline one(setting.layout);
    one.add(counting(700));
    REQUIRE(store->append(one.view()).has_value());
    for (const int64_t cut : {1, 44, 255, 256, 300, 511, 512, 600, 699, 700}) {
        REQUIRE(setting.loaded(*store, counting(cut)) == cut);
        REQUIRE(setting.loaded(*store, joined(counting(cut), {-7, -8})) == cut);
    }
    REQUIRE(setting.loaded(*store, std::vector<int32_t>{-1, -2}) == 0);
}

TEST_CASE("only what is new is written", "[engine][kv]") {
    Setting setting(0);
    const ModelFolder folder;
    const auto store = setting.open(folder.path());
    FakeTimeline one(setting.layout);
    for (int32_t i = 0; i < 40; ++i) {
        one.add(counting(64, 64 * i));
        REQUIRE(store->append(one.view()).has_value());
        REQUIRE(store->append(one.view()).has_value());
    }
    REQUIRE(store->stats().pages == 10);
    // Each token once in its page, and in the points of its page that were written before: at most
    // three of four turns of 64 tokens, of 20 bytes per token and a header.
    REQUIRE(store->stats().writtenBytes < 2560 * 20 * 5 / 2 + 50 * 96);
    FakeTimeline branch(setting.layout);
    branch.add(counting(1024));
    branch.add(counting(300, 90000));
    REQUIRE(store->append(branch.view()).has_value());
    REQUIRE(store->stats().pages == 11);
}

TEST_CASE("pages that are known are not read again", "[engine][kv]") {
    Setting setting(4);
    const ModelFolder folder;
    const FakeTimeline one = conversation(setting.layout, 3, 30);
    const auto store = setting.open(folder.path());
    REQUIRE(store->append(one.view()).has_value());
    const TimelineSnapshot most = store->load(one.tokens().first(std::size(one.tokens()) - 1));
    const int64_t before = store->stats().readBytes;
    const TimelineSnapshot all = store->load(one.tokens(), most);
    REQUIRE(std::ssize(all.tokens) == std::ssize(one.tokens()));
    REQUIRE(store->stats().readBytes - before < 3 * setting.layout.pageBytes);
    REQUIRE(store->load(one.tokens(), all).tokens.empty());
}

TEST_CASE("one process writes, others read what was there", "[engine][kv]") {
    Setting setting(8);
    const ModelFolder folder;
    const auto writer = setting.open(folder.path());
    const FakeTimeline one = conversation(setting.layout, 1, 3);
    const FakeTimeline two = conversation(setting.layout, 2, 3);
    REQUIRE(writer->append(one.view()).has_value());
    const auto reader = setting.open(folder.path());
    REQUIRE(writer->stats().isWriter);
    REQUIRE_FALSE(reader->stats().isWriter);
    REQUIRE(reader->append(two.view()).has_value());
    REQUIRE(reader->stats().writtenBytes == 0);
    REQUIRE(writer->append(two.view()).has_value());
    REQUIRE(setting.loaded(*reader, one.tokens()) == std::ssize(one.tokens()));
    REQUIRE(setting.loaded(*reader, two.tokens()) < std::ssize(two.tokens()));
    REQUIRE(setting.loaded(*writer, two.tokens()) == std::ssize(two.tokens()));
}

TEST_CASE("states of another model or setting are not seen", "[engine][kv]") {
    Setting setting(0);
    const ModelFolder folder;
    const FakeTimeline one = conversation(setting.layout, 1, 3);
    REQUIRE(setting.open(folder.path())->append(one.view()).has_value());
    const base::Hash128 other = {1, 3};
    REQUIRE(setting.open(folder.path(), {}, other)->find(one.tokens()) == 0);
    // Not even if somebody puts the file there.
    std::filesystem::copy_file(onlySegment(folder.path()),
                               folder.path() / other.hex() / "00000001.kv");
    REQUIRE(setting.open(folder.path(), {}, other)->find(one.tokens()) == 0);
}

TEST_CASE("the coldest segments of all models make room", "[engine][kv]") {
    Setting setting(0);
    const ModelFolder folder;
    const KvStoreOptions options = {.bytesMax = 400'000};
    const base::Hash128 other = {9, 9};
    const FakeTimeline old = conversation(setting.layout, 500, 10);
    REQUIRE(setting.open(folder.path(), options, other)->append(old.view()).has_value());
    setting.clock.now += 3'600'000;
    const auto store = setting.open(folder.path(), options);
    const FakeTimeline dear = conversation(setting.layout, 0, 10);
    REQUIRE(store->append(dear.view()).has_value());
    for (int32_t i = 1; i < 60; ++i) {
        setting.clock.now += 600'000;
        const FakeTimeline one = conversation(setting.layout, i, 10);
        REQUIRE(store->append(one.view()).has_value());
        REQUIRE(store->stats().bytes <= options.bytesMax);
        // Used again and again, so it stays warm.
        REQUIRE(setting.loaded(*store, dear.tokens()) == std::ssize(dear.tokens()));
        REQUIRE(setting.loaded(*store, one.tokens()) == std::ssize(one.tokens()));
    }
    REQUIRE(store->stats().removedSegments > 0);
    REQUIRE(store->stats().refusedBytes == 0);
    REQUIRE(setting.open(folder.path(), options, other)->find(old.tokens()) == 0);
    // What came early and was not used again is gone.
    REQUIRE(setting.loaded(*store, conversation(setting.layout, 9, 10).tokens()) < 512);
}

TEST_CASE("of a long conversation few points stay on disk, and each leads on", "[engine][kv]") {
    Setting setting(2000);  // points weigh more than pages
    const ModelFolder folder;
    const KvStoreOptions options = {.segmentBytes = 200'000};
    FakeTimeline one(setting.layout);
    std::vector<int64_t> counts;
    constexpr int64_t kTurns = 400;
    {
        const auto store = setting.open(folder.path(), options);
        for (int32_t i = 0; i < kTurns; ++i) {
            one.add(counting(20 + i % 50, 1000 * i));
            one.keepPoint();
            counts.push_back(std::ssize(one.tokens()));
            REQUIRE(store->append(one.view()).has_value());
        }
        REQUIRE(store->stats().points <= 32);
        REQUIRE(store->stats().thinnedPoints >= kTurns - 32);
    }
    const auto store = setting.open(folder.path(), options);
    REQUIRE(store->stats().points <= 32);
    REQUIRE(store->verify() == 0);
    const int64_t pageBytes = std::ssize(one.tokens()) * (16 + 4);
    const int64_t pointBytes = 32 * (2000 * 4 + 256 * 20);
    // What is not a whole block of the disk stays: at most two of a record.
    REQUIRE(store->stats().bytes < pageBytes + pointBytes + kTurns * 2 * 4096);
    REQUIRE(store->stats().bytes < kTurns * 2000 * 4);
    int64_t onDisk = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
        struct stat status = {};
        if (entry.is_regular_file() && lstat(entry.path().c_str(), &status) == 0)
            onDisk += status.st_blocks * 512;
    }
    REQUIRE(onDisk < store->stats().bytes + 100 * 4096);
    std::vector<int64_t> kept;
    for (const int64_t count : counts) {
        const auto found = setting.loaded(*store, one.tokens().first(size_t(count)));
        if (found == count) kept.push_back(count);
    }
    REQUIRE(std::ssize(kept) == store->stats().points);
    REQUIRE(kept.back() == counts.back());
    // From anywhere what must be read again is a part of what lies behind.
    for (const int64_t count : counts) {
        const int64_t found = store->find(one.tokens().first(size_t(count)));
        CAPTURE(count, found, counts.back());
        REQUIRE(count - found <= (counts.back() - found) / 2 + 100);
    }
}

TEST_CASE("a point where another way leaves is not thinned", "[engine][kv]") {
    Setting setting(500);
    const ModelFolder folder;
    const auto store = setting.open(folder.path());
    const auto grown = [&](int32_t way) {
        FakeTimeline one(setting.layout);
        one.add(counting(300, 7));
        one.keepPoint();
        for (int32_t i = 0; i < 150; ++i) {
            one.add(counting(40, 100000 * way + 1000 * i));
            one.keepPoint();
            REQUIRE(store->append(one.view()).has_value());
        }
    };
    grown(1);
    grown(2);
    grown(3);
    REQUIRE(store->stats().thinnedPoints > 300);
    REQUIRE(setting.loaded(*store, joined(counting(300, 7), {-1, -2})) == 300);
}

TEST_CASE("records that hold but do not fit the model are passed over", "[engine][kv]") {
    std::minstd_rand random(3);
    Setting setting(8);
    const ModelFolder folder;
    const FakeTimeline one = conversation(setting.layout, 1, 5);
    REQUIRE(setting.open(folder.path())->append(one.view()).has_value());
    {
        SegmentFile segment =
            SegmentFile::open(onlySegment(folder.path()), kModel, SegmentAccess::append).value();
        const std::vector<SegmentRecord> sound(segment.records().begin(), segment.records().end());
        for (int i = 0; i < 400; ++i) {
            SegmentRecord record = sound[random() % sound.size()];
            if (random() % 3 == 0) record.nIds = static_cast<int64_t>(random() % 513);
            if (random() % 3 == 0) record.kind = RecordKind(1 + random() % 2);
            if (random() % 3 == 0) record.parent = sound[random() % sound.size()].key;
            std::vector<uint8_t> payload(random() % 9000, static_cast<uint8_t>(i));
            if (random() % 2 == 0) payload = segment.read(record).value_or(payload);
            REQUIRE(segment.append(record, payload).has_value());
        }
    }
    const auto store = setting.open(folder.path());
    REQUIRE(setting.loaded(*store, one.tokens()) <= std::ssize(one.tokens()));
    REQUIRE(store->append(one.view()).has_value());
    REQUIRE(setting.loaded(*store, one.tokens()) == std::ssize(one.tokens()));
}

// ---- crashes

namespace {

constexpr int64_t kTurns = 8;
const KvStoreOptions kSmall = {.bytesMax = 3'000'000, .segmentBytes = 150'000};

// Writes conversations [first, ...) until it is killed.
[[noreturn]] void writeUntilKilled(Setting& setting, const std::filesystem::path& directory,
                                   int32_t first, int ready) {
    const auto store = setting.open(directory, kSmall);
    const bool canWrite = store->stats().isWriter;
    if (write(ready, &canWrite, 1) != 1 || !canWrite) _exit(1);
    for (int32_t i = first;; ++i)
        if (!store->append(conversation(setting.layout, i, kTurns).view())) _exit(2);
}

// A child writes and is killed after a random time.
void killWriter(Setting& setting, const std::filesystem::path& directory, int32_t first,
                std::chrono::microseconds after) {
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) writeUntilKilled(setting, directory, first, ready[1]);
    bool canWrite = false;
    REQUIRE(read(ready[0], &canWrite, 1) == 1);
    REQUIRE(canWrite);
    std::this_thread::sleep_for(after);
    REQUIRE(kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    close(ready[0]);
    close(ready[1]);
}

void requireSound(Setting& setting, const std::filesystem::path& directory, int32_t first,
                  int64_t& found) {
    const auto store = setting.open(directory, kSmall);
    REQUIRE(store->stats().isWriter);
    REQUIRE(store->verify() == 0);
    for (int32_t i = first; i < first + 4; ++i)
        found += setting.loaded(*store, conversation(setting.layout, i, kTurns).tokens()) > 300;
    // And it goes on.
    const FakeTimeline more = conversation(setting.layout, first + 900, kTurns);
    REQUIRE(store->append(more.view()).has_value());
    REQUIRE(setting.loaded(*store, more.tokens()) == std::ssize(more.tokens()));
}

void killAtRandom(int moments) {
    std::mt19937 random(20261127);
    for (const int64_t frontier : {0, 8}) {
        Setting setting(frontier);
        const ModelFolder folder;
        int64_t found = 0;
        for (int i = 0; i < moments / 2; ++i) {
            CAPTURE(frontier, i);
            const int32_t first = i * 1000;
            killWriter(setting, folder.path(), first, std::chrono::microseconds(random() % 20'000));
            requireSound(setting, folder.path(), first, found);
        }
        REQUIRE(found > moments / 8);  // much of it was there
    }
}

using Bytes = std::string;

void damage(Bytes& bytes, std::mt19937& random) {
    const auto at = [&] { return static_cast<size_t>(random() % bytes.size()); };
    switch (random() % 6) {
        case 0:
            bytes[at()] = static_cast<char>(bytes[at()] ^ (1 << random() % 8));
            break;
        case 1:
            bytes.resize(at());
            break;
        case 2: {  // a block that never reached the disk
            const size_t begin = at() / 512 * 512;
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                        std::min<size_t>(512, bytes.size() - begin), '\0');
            break;
        }
        case 3: {  // a stretch comes twice
            const size_t begin = at();
            const std::string piece = bytes.substr(begin, random() % 6000);
            bytes.insert(begin, piece);
            break;
        }
        case 4:
            bytes.erase(at(), random() % 300);
            break;
        default: {  // two stretches change places
            const size_t n = std::min<size_t>(random() % 5000, bytes.size() / 2);
            const size_t a = random() % (bytes.size() - 2 * n + 1);
            const size_t b = a + n + random() % (bytes.size() - a - 2 * n + 1);
            std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(a),
                             bytes.begin() + static_cast<std::ptrdiff_t>(a + n),
                             bytes.begin() + static_cast<std::ptrdiff_t>(b));
        }
    }
    if (bytes.empty()) bytes = "x";
}

void mutate(int rounds) {
    std::mt19937 random(5);
    for (const int64_t frontier : {0, 8}) {
        Setting setting(frontier);
        const ModelFolder folder;
        std::vector<FakeTimeline> all;
        for (int32_t i = 0; i < 3; ++i)
            all.push_back(conversation(setting.layout, i, 5));
        {
            const auto store = setting.open(folder.path());
            for (const FakeTimeline& one : all)
                REQUIRE(store->append(one.view()).has_value());
        }
        const Bytes sound = base::readFile(onlySegment(folder.path())).value();
        int64_t whole = 0, partly = 0;
        for (int i = 0; i < rounds / 2; ++i) {
            CAPTURE(frontier, i);
            Bytes bytes = sound;
            for (auto k = random() % 3; k < 3; ++k)
                damage(bytes, random);
            std::ofstream(onlySegment(folder.path()), std::ios::binary) << bytes;
            const auto store = setting.open(folder.path());
            for (const FakeTimeline& one : all)
                ++(setting.loaded(*store, one.tokens()) == std::ssize(one.tokens()) ? whole
                                                                                    : partly);
            // A page may be found to be damaged only when what hangs on it is there again.
            REQUIRE(store->append(all[0].view()).has_value());
            if (setting.loaded(*store, all[0].tokens()) < std::ssize(all[0].tokens()))
                REQUIRE(store->append(all[0].view()).has_value());
            REQUIRE(setting.loaded(*store, all[0].tokens()) == std::ssize(all[0].tokens()));
        }
        REQUIRE(whole > 0);
        REQUIRE(partly > 0);
    }
}

}  // namespace

TEST_CASE("a store whose writer was killed at 20 random moments gives no wrong row",
          "[engine][kv]") {
    killAtRandom(20);
}

TEST_CASE("a store whose writer was killed at 200 random moments gives no wrong row",
          "[.slow][engine][kv]") {
    killAtRandom(200);
}

TEST_CASE("damaged segments give no wrong row and are written on", "[engine][kv]") {
    mutate(200);
}

TEST_CASE("segments damaged in 20,000 ways give no wrong row", "[.slow][engine][kv]") {
    mutate(20'000);
}

}  // namespace moxie::engine

#include "engine/kv/prefix_tree.h"

#include "tests/catch.h"
#include "tests/engine/session/fake_timeline.h"

namespace moxie::engine {

namespace {

using tests::counting;
using tests::FakeTimeline;
using tests::joined;
using tests::plainLayout;

int64_t found(PrefixTree& tree, const KvLayout& layout, const std::vector<int32_t>& tokens) {
    const auto match = tree.find(tokens);
    if (match.snapshot.tokens.empty()) return 0;
    FakeTimeline taken(layout);
    REQUIRE(taken.restore(match.snapshot));
    REQUIRE(match.knownTokens >= std::ssize(match.snapshot.tokens));
    return std::ssize(match.snapshot.tokens);
}

constexpr int64_t kPlenty = int64_t{1} << 30;

}  // namespace

TEST_CASE("the longest known prefix is found to the token where any can be continued",
          "[engine][kv]") {
    const KvLayout layout = plainLayout();
    PrefixTree tree(layout, kPlenty);
    REQUIRE(found(tree, layout, counting(10)) == 0);
    FakeTimeline one(layout);
    one.add(counting(600));
    tree.insert(one.view());
    REQUIRE(found(tree, layout, counting(700)) == 600);
    REQUIRE(found(tree, layout, counting(300)) == 300);
    for (const int64_t cut : {1, 255, 256, 257, 511, 512, 513, 599})
        REQUIRE(found(tree, layout, joined(counting(cut), {9999})) == cut);
    REQUIRE(found(tree, layout, {5}) == 0);
    REQUIRE(tree.stats().pages == 3);
    REQUIRE(tree.stats().bytes == 3 * layout.pageBytes);
}

TEST_CASE("a timeline that grows adds only its new pages", "[engine][kv]") {
    const KvLayout layout = plainLayout();
    PrefixTree tree(layout, kPlenty);
    FakeTimeline one(layout);
    for (int i = 0; i < 10; ++i) {
        one.add(counting(100, 100 * i));
        tree.insert(one.view());
    }
    REQUIRE(tree.stats().pages == 4);
    REQUIRE(found(tree, layout, counting(2000)) == 1000);
}

TEST_CASE("branches share what they have in common", "[engine][kv]") {
    const KvLayout layout = plainLayout();
    PrefixTree tree(layout, kPlenty);
    FakeTimeline trunk(layout);
    trunk.add(counting(700));
    tree.insert(trunk.view());
    for (int32_t i = 0; i < 5; ++i) {
        FakeTimeline branch(layout);
        REQUIRE(branch.restore(tree.find(joined(counting(600), {-1})).snapshot));
        branch.add(counting(300, 10000 * (i + 1)));
        tree.insert(branch.view());
    }
    // Three of the trunk; of each branch its copy of the third and the fourth.
    REQUIRE(tree.stats().pages == 3 + 5 * 2);
    for (int32_t i = 0; i < 5; ++i)
        REQUIRE(found(tree, layout, joined(counting(600), counting(400, 10000 * (i + 1)))) == 900);
    REQUIRE(found(tree, layout, counting(800)) == 700);
}

TEST_CASE("where a frontier is needed the nearest point is found, and how far tokens are known",
          "[engine][kv]") {
    const KvLayout layout = plainLayout(8);
    PrefixTree tree(layout, kPlenty);
    FakeTimeline one(layout);
    for (const int64_t piece : {100, 156, 300, 144}) {  // points at 100, 256, 556, 700
        one.add(counting(piece, static_cast<int32_t>(std::ssize(one.view().tokens))));
        one.keepPoint();
    }
    tree.insert(one.view());
    REQUIRE(found(tree, layout, counting(99)) == 0);
    REQUIRE(found(tree, layout, counting(255)) == 100);
    REQUIRE(found(tree, layout, counting(256)) == 256);
    REQUIRE(found(tree, layout, counting(555)) == 256);
    REQUIRE(found(tree, layout, counting(556)) == 556);
    REQUIRE(found(tree, layout, counting(900)) == 700);
    const auto match = tree.find(joined(counting(640), {-5, -6}));
    REQUIRE(match.snapshot.tokens.size() == 556);
    REQUIRE(match.knownTokens == 640);
}

TEST_CASE("the least recently used branches make room, pinned ones stay", "[engine][kv]") {
    const KvLayout layout = plainLayout();
    PrefixTree tree(layout, 8 * layout.pageBytes);
    const auto conversation = [](int32_t i) { return counting(600, i * 10000); };
    for (int32_t i = 0; i < 6; ++i) {
        FakeTimeline one(layout);
        one.add(conversation(i));
        tree.insert(one.view());
        if (i == 0) tree.pin(7, conversation(0));
        REQUIRE(tree.stats().bytes <= 8 * layout.pageBytes);
    }
    REQUIRE(found(tree, layout, conversation(5)) == 600);
    REQUIRE(found(tree, layout, conversation(0)) == 600);
    REQUIRE(found(tree, layout, conversation(1)) == 0);
    REQUIRE(tree.stats().evictions > 0);
    tree.unpin(7);
    for (int32_t i = 6; i < 9; ++i) {
        FakeTimeline one(layout);
        one.add(conversation(i));
        tree.insert(one.view());
    }
    REQUIRE(found(tree, layout, conversation(0)) == 0);
}

TEST_CASE("points are thinned with their distance, branch points stay", "[engine][kv]") {
    const KvLayout layout = plainLayout(4);
    PrefixTree tree(layout, kPlenty);
    FakeTimeline one(layout);
    for (int i = 0; i < 400; ++i) {
        one.add(counting(64, 64 * i));
        one.keepPoint();
        if (i == 20) {
            tree.insert(one.view());
            for (int k = 0; k < 2; ++k)
                REQUIRE(found(tree, layout, joined(counting(21 * 64), {-1})) == 21 * 64);
        }
        if (i % 10 == 9) tree.insert(one.view());
    }
    REQUIRE(tree.stats().points <= 33);
    REQUIRE(found(tree, layout, joined(counting(21 * 64), {-1})) == 21 * 64);
    REQUIRE(found(tree, layout, counting(400 * 64)) == 400 * 64);
    // The way back is at most about a fifth of the distance.
    for (const int64_t back : {1000, 4000, 16000}) {
        const int64_t wanted = 400 * 64 - back;
        REQUIRE(wanted - found(tree, layout, counting(wanted)) <= 64 + back / 3);
    }
}

}  // namespace moxie::engine

// What the shapes of published models cost, held against the published figures; and what is
// allocated, held against what was planned.
#include "engine/plan/cost.h"

#include "engine/kv/state_codec.h"
#include "tests/catch.h"
#include "tests/engine/session/published_shapes.h"
#include "tests/engine/session/tiny_families.h"

namespace moxie::engine {

namespace {

constexpr int64_t kMillion = 1'000'000;

double kvShare(const ModelPlan& plan) {
    const auto bytes = [](const ModelPlan& one) {
        return static_cast<double>(makeKvLayout(one, KvFormat::native).rowBytes(kMillion));
    };
    return bytes(plan) / bytes(tests::deepSeekV32());
}

double flopsShare(const ModelPlan& plan) {
    return decodeFlops(plan, kMillion).total() /
           decodeFlops(tests::deepSeekV32(), kMillion).total();
}

}  // namespace

TEST_CASE("the shapes of published models have the published numbers of active weights",
          "[engine][kv]") {
    CHECK(static_cast<double>(activeParameters(tests::deepSeekV4Flash())) / 1e9 ==
          Approx(13.27).margin(0.03));
    CHECK(static_cast<double>(activeParameters(tests::deepSeekV4Pro())) / 1e9 ==
          Approx(48.85).margin(0.05));
    CHECK(static_cast<double>(activeParameters(tests::deepSeekV32())) / 1e9 ==
          Approx(37.5).margin(1));
}

TEST_CASE("a token of V4's context takes the bytes of its makers' formats", "[engine][kv]") {
    CHECK(kvBytesPerToken(tests::deepSeekV4Flash(), KvFormat::native) ==
          Approx(3514.2).margin(0.1));
    CHECK(kvBytesPerToken(tests::deepSeekV4Pro(), KvFormat::native) == Approx(5031.4).margin(0.1));
    CHECK(kvBytesPerToken(tests::deepSeekV32(), KvFormat::native) == Approx(48'068));
    // With what pages add to it.
    const KvLayout flash = makeKvLayout(tests::deepSeekV4Flash(), KvFormat::native);
    CHECK(flash.pageBytes <= 3'900 * kPageTokens);
}

TEST_CASE("at a million tokens V4 takes the published shares of V3.2", "[engine][kv]") {
    CHECK(100 * kvShare(tests::deepSeekV4Flash()) == Approx(7.3).margin(0.05));
    CHECK(100 * kvShare(tests::deepSeekV4Pro()) == Approx(10.5).margin(0.05));
    CHECK(100 * flopsShare(tests::deepSeekV4Flash()) == Approx(10).margin(0.5));
    CHECK(100 * flopsShare(tests::deepSeekV4Pro()) == Approx(27).margin(0.5));
}

TEST_CASE("a timeline allocates what was planned, to the byte", "[engine][kv]") {
    for (const std::string& family : tinyFamilies()) {
        CAPTURE(family);
        const TinyModel model = openTinyFamily(family);
        WorkerPool pool(2);
        for (const SessionOptions& options : stateOptions(model.plan)) {
            CAPTURE(describe(options));
            Session session =
                Session::make(model.plan, pool, kernels::dispatchFor(kernels::detectIsa()), options)
                    .value();
            const KvLayout& layout = session.timeline().layout();
            const auto tokens = variedTokens(300, model.plan.vocabularySize);
            for (const int64_t n : {1, 256, 300}) {
                const auto held = static_cast<size_t>(std::ssize(session.tokens()));
                session.evaluate(std::span(tokens).first(static_cast<size_t>(n)).subspan(held))
                    .value();
                int64_t bytes = layout.frontierFloats * 4;
                for (const auto& page : session.timeline().pages())
                    bytes += page->bytes();
                REQUIRE(bytes == layout.allocatedBytes(n));
                REQUIRE(session.timeline().allocatedBytes() == bytes);
            }
            REQUIRE(planMemory(model.plan, options, 128, 2).kvBytes ==
                    layout.allocatedBytes(options.contextTokens));
        }
    }
}

TEST_CASE("a resume point of V4-Flash takes little between two blocks", "[engine][kv]") {
    const ModelPlan plan = tests::deepSeekV4Flash();
    const KvLayout layout = makeKvLayout(plan, KvFormat::native);
    const StateCodec codec(plan, layout, KvFormat::native);
    const ResumePoint point = {.frontier =
                                   std::vector<float>(static_cast<size_t>(layout.frontierFloats))};
    const auto bytes = [&](int64_t tokens) {
        std::vector<uint8_t> out;
        codec.writePoint(point, tokens, out);
        REQUIRE(codec.readPoint(out, tokens).has_value());
        return std::ssize(out);
    };
    // Windows as rows of 584 bytes, and the first halves of 21 CSA blocks and their index keys.
    REQUIRE(bytes(128 * 9) == 43 * (1 + 128 * 584) + 21 * (2 * 4 * 512 + 2 * 4 * 128) * 4);
    // And at most one open block of each compressor.
    REQUIRE(bytes(128 * 9 - 1) - bytes(128 * 9) ==
            20 * 127 * 512 * 2 * 4 + 21 * 3 * (1024 + 256) * 2 * 4);
    REQUIRE(layout.frontierFloats * 4 > 4 * bytes(128 * 9));
}

}  // namespace moxie::engine

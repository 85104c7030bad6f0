// What the agent itself costs beside the model.
#include <cstdio>

#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

TEST_CASE("a scripted run of two steps costs at most 0.2 s", "[agent][.bench]") {
    std::vector<int64_t> startMs, runMs;
    for (int i = 0; i < 9; ++i) {
        Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("done")});
        const int64_t begin = rig.clock.steadyMs();
        auto session = Session::start(rig.options, rig.environment());
        REQUIRE(session);
        rig.session = std::move(*session);
        const int64_t started = rig.clock.steadyMs();
        rig.run("x");
        startMs.push_back(started - begin);
        runMs.push_back(rig.clock.steadyMs() - started);
    }
    std::sort(startMs.begin(), startMs.end());
    std::sort(runMs.begin(), runMs.end());
    std::printf(
        "start: median %d ms, worst %d ms; turn of two steps with a checkpoint: median %d "
        "ms, worst %d ms\n",
        int(startMs[4]), int(startMs[8]), int(runMs[4]), int(runMs[8]));
    CHECK(startMs[4] + runMs[4] <= 200);
}

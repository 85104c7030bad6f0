// Prints what long outputs cost beside the goals G8 and G11, from real files through
// SessionOutputs.
#include <QElapsedTimer>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "agent/event_log.h"
#include "app/desktop/screens/output/session_outputs.h"
#include "base/clock.h"
#include "tests/desktop/output/output_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

// Longest time between two turns of the event loop while it runs.
class LoopGaps {
public:
    LoopGaps() {
        clock_.start();
        QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] {
            longestMs_ = std::max(longestMs_, double(clock_.nsecsElapsed()) / 1e6);
            clock_.restart();
        });
        timer_.start(0);
    }

    double longestMs() const { return longestMs_; }

private:
    QElapsedTimer clock_;
    QTimer timer_;
    double longestMs_ = 0;
};

struct LongOutput {
    explicit LongOutput(int64_t nLines) {
        log = std::move(*agent::EventLog::create(folder.path().toStdString(), clock));
        const std::filesystem::path file = log->folder() / "outputs" / "a.txt";
        std::filesystem::create_directories(file.parent_path());
        std::ofstream out(file, std::ios::binary);
        for (int64_t i = 0; i < nLines; ++i)
            out << "\x1b[32m[" << i << "/" << nLines
                << "]\x1b[0m Building CXX object app/desktop/text/terminal_text.cpp.o in 1.2 s\n";
        nBytes = out.tellp();
        out.close();
        bodies = {agent::TurnStarted{"build"}, begun("a", "make"),
                  ended("a", 0,
                        "x\n[output cut: " + std::to_string(nBytes) + " bytes in all; read " +
                            file.string() + "]")};
        REQUIRE(log->appendAll(1, bodies));
    }

    base::SystemClock clock;
    QTemporaryDir folder;
    std::unique_ptr<agent::EventLog> log;
    std::vector<agent::EventBody> bodies;
    int64_t nBytes = 0;
};

void measure(int64_t nLines, const char* name) {
    application();
    LongOutput output(nLines);
    FakeSession session;
    session.id_ = QString::fromStdString(output.log->sessionId());
    Appearance appearance;
    ActionRegistry actions;
    OutputScreen screen(
        session, std::make_shared<SessionOutputs>(output.folder.path().toStdString(), output.clock),
        appearance, actions);
    showActive(screen, {900, 900});
    LoopGaps gaps;
    QElapsedTimer time;
    time.start();
    session.apply(output.bodies);
    const double cardMs = double(time.nsecsElapsed()) / 1e6;
    REQUIRE(QTest::qWaitFor([&] { return screen.canvas().itemCount() > 40; }, 10'000));
    const double openedMs = double(time.nsecsElapsed()) / 1e6;
    REQUIRE(
        QTest::qWaitFor([&] { return screen.feed().state() == OutputFeed::State::done; }, 120'000));
    const double doneMs = double(time.nsecsElapsed()) / 1e6;
    CHECK(screen.canvas().itemCount() == std::min<int64_t>(nLines, 1'000'000));
    const double rate = double(output.nBytes) / 1e3 / doneMs;
    std::printf(
        "  %s, %.1f MB: row after %.1f ms (G8 100), text after %.1f ms (G8 300), all after "
        "%.0f ms, %.1f MB/s (G11 5), longest stall %.1f ms (50)\n",
        name, double(output.nBytes) / 1e6, cardMs, openedMs, doneMs, rate, gaps.longestMs());
    CHECK(openedMs < 300);
    CHECK(rate > 5);
    QScrollBar* bar = screen.canvas().verticalScrollBar();
    std::vector<double> frames;
    for (int i = 0; i < 200; ++i) {
        QElapsedTimer frame;
        frame.start();
        bar->setValue(int(int64_t(bar->maximum()) * (i * 37 % 200) / 200));
        QApplication::processEvents();
        frames.push_back(double(frame.nsecsElapsed()) / 1e6);
    }
    std::sort(frames.begin(), frames.end());
    std::printf("    jump anywhere: p50 %.2f ms, p99 %.2f ms (8)\n", frames[100], frames[198]);
}

}  // namespace

TEST_CASE("cost of a million lines of output", "[.bench][desktop][output]") {
    measure(1'000'000, "1,000,000 lines");
}

TEST_CASE("cost of a hundred megabytes of output", "[.bench][desktop][output]") {
    measure(1'250'000, "100 MB");
}

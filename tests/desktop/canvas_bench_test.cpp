// Prints what the canvases cost beside the goals of the desktop (CPU time of the GUI thread).
#include <QScrollBar>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <random>
#include <vector>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

double cpuMs() {
    timespec now = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

// CPU time of each of `steps`, with the painting that follows.
template <class Step>
std::vector<double> timed(int steps, Step step) {
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) {
        const double begin = cpuMs();
        step(i);
        QApplication::processEvents();
        times.push_back(cpuMs() - begin);
    }
    std::sort(times.begin(), times.end());
    return times;
}

double percentile(const std::vector<double>& sorted, double share) {
    return sorted[std::min(sorted.size() - 1, size_t(double(sorted.size()) * share))];
}

void print(const char* what, const std::vector<double>& times, const char* goal) {
    std::printf("  %-46s p50 %6.2f  p99 %6.2f  max %6.2f ms   goal %s\n", what,
                percentile(times, 0.5), percentile(times, 0.99), times.back(), goal);
}

}  // namespace

TEST_CASE("cost of opening, scrolling and jumping in 100,000 blocks", "[.bench][desktop]") {
    application();
    Appearance appearance;
    NumberedTalk source(100'000);
    const double begin = cpuMs();
    BlockCanvas canvas(source, appearance);
    showActive(canvas, {900, 1'000});
    const double opened = cpuMs() - begin;
    std::printf("  100,000 blocks: open and first paint %.1f ms   goal G7 200 ms\n", opened);
    CHECK(opened < 200.0);
    QScrollBar* bar = canvas.verticalScrollBar();
    print("scroll by 3 lines",
          timed(500, [&](int) { bar->setValue(bar->value() + 3 * bar->singleStep()); }),
          "G7 p99 8 ms");
    print("scroll by a page", timed(300, [&](int) { bar->setValue(bar->value() + 900); }),
          "G7 p99 16 ms");
    std::mt19937 random(1);
    print("jump anywhere",
          timed(300, [&](int) { canvas.scrollToItem(int64_t(random() % 100'000)); }),
          "G7 p99 16 ms");
    canvas.setFollow(Follow::end);
    source.append(1);
    int64_t tail = 100'000;
    print("flush of the tail, a new block after 40 flushes",
          timed(400,
                [&](int i) {
                    if (i % 40 == 39) {
                        source.append(1);
                        ++tail;
                    }
                    source.grow(tail, QStringLiteral(" and so on, word"));
                }),
          "G6 p99 4 ms");
}

TEST_CASE("cost of a million rows", "[.bench][desktop]") {
    application();
    Appearance appearance;
    NumberedLog source(1'000'000);
    const double begin = cpuMs();
    LineCanvas canvas(source, appearance);
    showActive(canvas, {1'200, 1'100});
    std::printf("  1,000,000 rows: open and first paint %.1f ms   goal G8 300 ms\n",
                cpuMs() - begin);
    QScrollBar* bar = canvas.verticalScrollBar();
    print("scroll by 3 rows",
          timed(500, [&](int) { bar->setValue(bar->value() + 3 * bar->singleStep()); }),
          "G9 p99 8 ms");
    print("scroll by a page", timed(300, [&](int) { bar->setValue(bar->value() + 1'000); }),
          "G9 p99 8 ms");
    std::mt19937 random(1);
    print("jump anywhere",
          timed(300, [&](int) { canvas.scrollToItem(int64_t(random() % 1'000'000)); }),
          "G9 p99 8 ms");
    print("full repaint", timed(200, [&](int) { canvas.viewport()->update(); }), "G9 p99 8 ms");
}

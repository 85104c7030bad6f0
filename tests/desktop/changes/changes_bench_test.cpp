// G9 and G10: a diff of 100,000 lines with 3,000 hunks, and one decision to disk and redrawn.
//   moxie_test_desktop_changes "[.bench]"
#include <fmt/format.h>

#include <QElapsedTimer>
#include <QScrollBar>
#include <algorithm>
#include <cstdio>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/screens/changes/live_review.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/changes/fake_review.h"
#include "tests/tools/repository.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Texts {
    explicit Texts(int nLines, int every) {
        for (int i = 0; i < nLines; ++i) {
            const std::string line = fmt::format("    line {} of a file with some words\n", i);
            before += line;
            after += i % every == 7
                         ? fmt::format("    line {} of a text with some other words\n", i)
                         : line;
        }
    }

    std::string before, after;
};

double ms(const QElapsedTimer& timer) {
    return double(timer.nsecsElapsed()) / 1e6;
}

double percentile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    return values[size_t(double(values.size() - 1) * part)];
}

}  // namespace

TEST_CASE("G9: a diff of 100,000 lines and 3,000 hunks opens and scrolls", "[.bench]") {
    application();
    const auto layout = GENERATE(DiffLayout::unified, DiffLayout::sideBySide);
    const Texts texts(100'000, 33);
    const auto file = reviewedFile("large.py", texts.before, texts.after);
    FakeReview model;
    Appearance appearance;
    ActionRegistry registry;
    ChangesScreen screen(model, appearance, registry);
    screen.setDiffLayout(layout);
    showActive(screen, {1200, 900});
    auto& diff = *screen.findChild<LineCanvas*>("changes.diff");
    QElapsedTimer timer;
    timer.start();
    model.set({file});
    screen.grab();
    const double open = ms(timer);
    QTest::qWait(6'000);  // for the colours of both texts
    std::vector<double> frames;
    for (int i = 0; i < 500; ++i) {
        QScrollBar* bar = diff.verticalScrollBar();
        timer.start();
        bar->setValue(i % 10 == 9 ? int(int64_t(bar->maximum()) * i / 500) : bar->value() + 120);
        diff.viewport()->repaint();
        frames.push_back(ms(timer));
    }
    diff.setFocus();
    std::vector<double> steps;
    for (int i = 0; i < 200; ++i) {
        timer.start();
        QTest::keyClick(&diff, Qt::Key_J);
        diff.viewport()->repaint();
        steps.push_back(ms(timer));
    }
    std::printf(
        "G9 %s, %zu hunks, %lld rows: open %.1f ms; scroll frame p50 %.2f p99 %.2f ms; "
        "next hunk p50 %.2f p99 %.2f ms\n",
        layout == DiffLayout::unified ? "unified" : "side by side", file->review.hunks.size(),
        static_cast<long long>(diff.itemCount()), open, percentile(frames, 0.5),
        percentile(frames, 0.99), percentile(steps, 0.5), percentile(steps, 0.99));
    CHECK(open < 200);
}

TEST_CASE("5,000 files open and are decided on without a pause", "[.bench]") {
    application();
    std::vector<std::shared_ptr<const ReviewedFile>> files;
    for (int i = 0; i < 5'000; ++i)
        files.push_back(reviewedFile(fmt::format("folder{:03}/file{:05}.cpp", i / 50, i),
                                     "int x = 1;\n", fmt::format("int x = {};\n", i + 2)));
    FakeReview model;
    Appearance appearance;
    ActionRegistry registry;
    ChangesScreen screen(model, appearance, registry);
    showActive(screen, {1200, 900});
    auto& diff = *screen.findChild<LineCanvas*>("changes.diff");
    QElapsedTimer timer;
    timer.start();
    model.set(files);
    screen.grab();
    std::printf("5,000 files: open %.1f ms\n", ms(timer));
    std::vector<double> decisions;
    for (int i = 0; i < 20; ++i) {
        files.erase(files.begin() + 10);
        timer.start();
        model.set(files);
        diff.viewport()->repaint();
        decisions.push_back(ms(timer));
    }
    std::printf("5,000 files: after a decision p50 %.1f, max %.1f ms\n", percentile(decisions, 0.5),
                percentile(decisions, 1));
}

TEST_CASE("G10: one hunk is decided, on disk and redrawn", "[.bench]") {
    application();
    for (const auto& [nLines, every] : {std::pair(1'000, 33), std::pair(100'000, 33)}) {
        const Texts texts(nLines, every);
        moxie::tests::Repository repository;
        repository.folder.put("a.txt", texts.before);
        repository.git("add -A && git commit -q -m first");
        {
            auto git = tools::Git::open(repository.folder.path()).value();
            REQUIRE(tools::Checkpoints(git, "s").take("before turn 1"));
        }
        repository.folder.put("a.txt", texts.after);
        LiveReview review;
        Appearance appearance;
        ActionRegistry registry;
        ChangesScreen screen(review, appearance, registry);
        showActive(screen, {1200, 900});
        review.open(QString::fromStdString(repository.folder.path().string()), "s");
        auto& diff = *screen.findChild<LineCanvas*>("changes.diff");
        REQUIRE(waitUntil([&] { return diff.isVisible() && diff.itemCount() > 0; }));
        diff.setFocus();
        if (diff.itemCount() == 1) QTest::keyClick(&diff, Qt::Key_Return);  // large: folded
        QTest::keyClick(&diff, Qt::Key_J);
        for (const Qt::Key key : {Qt::Key_A, Qt::Key_R}) {
            std::vector<double> times;
            for (int i = 0; i < 10; ++i) {
                QElapsedTimer timer;
                timer.start();
                const int64_t version = review.now().files[0]->review.version;
                QTest::keyClick(&diff, key);
                while (review.isWorking() || review.now().files[0]->review.version == version)
                    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
                diff.viewport()->repaint();
                times.push_back(ms(timer));
            }
            std::printf("G10 %d lines, %s: p50 %.1f ms, max %.1f ms\n", nLines,
                        key == Qt::Key_A ? "accept" : "reject", percentile(times, 0.5),
                        percentile(times, 1.0));
        }
    }
}

#include "app/desktop/screens/sessions/session_tree.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QSignalSpy>
#include <algorithm>

#include "app/desktop/screens/sessions/session_age.h"
#include "tests/desktop/sessions/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

ProjectRows projectOf(const char* repository, const std::vector<const char*>& ids) {
    ProjectRows project{repository, {}};
    for (const char* id : ids) {
        SessionRow row;
        row.id = row.title = id;
        project.sessions.push_back(row);
    }
    return project;
}

std::vector<moxie::agent::SessionInfo> thousands(int count) {
    std::vector<moxie::agent::SessionInfo> infos;
    for (int i = 0; i < count; ++i) {
        moxie::agent::SessionInfo info;
        info.id = "session-" + std::to_string(i);
        info.repository = "/home/u/project-" + std::to_string(i % 20);
        info.firstTask = "Task number " + std::to_string(i) + " about the tokenizer";
        info.lastStatus = "verified";
        info.changedMs = kNowMs - int64_t(i) * 1000;
        infos.push_back(std::move(info));
    }
    return infos;
}

}  // namespace

TEST_CASE("ages are short to look at and whole to hear", "[desktop][sessions]") {
    const auto brief = [](int64_t ms) { return SessionAge(kNowMs - ms, kNowMs).brief(); };
    const auto spoken = [](int64_t ms) { return SessionAge(kNowMs - ms, kNowMs).spoken(); };
    CHECK(brief(-5'000) == QStringLiteral("now"));
    CHECK(brief(59'999) == QStringLiteral("now"));
    CHECK(brief(60'000) == QStringLiteral("1 min"));
    CHECK(brief(3 * 60 * kMinMs) == QStringLiteral("3 h"));
    CHECK(brief(5 * 24 * 60 * kMinMs) == QStringLiteral("5 d"));
    CHECK(brief(40 * 24 * 60 * kMinMs).size() >= 6);
    CHECK(spoken(60'000) == QStringLiteral("1 minute ago"));
    CHECK(spoken(120'000) == QStringLiteral("2 minutes ago"));
    CHECK(spoken(60 * kMinMs) == QStringLiteral("1 hour ago"));
}

TEST_CASE("the tree keeps the rules of a model and tells only what changed",
          "[desktop][sessions]") {
    application();
    moxie::tests::FakeClock clock;
    SessionTree tree(clock);
    QAbstractItemModelTester tester(&tree, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QSignalSpy resets(&tree, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&tree, &QAbstractItemModel::dataChanged);
    tree.setRows({projectOf("/a", {"1", "2"}), projectOf("/b", {"3"})}, {});
    CHECK(resets.size() == 1);
    CHECK(tree.indexOf(QStringLiteral("3")).parent().row() == 1);

    auto rows = std::vector{projectOf("/a", {"1", "2"}), projectOf("/b", {"3"})};
    rows[1].sessions[0].state = SessionState::working;
    tree.setRows(rows, {});
    CHECK(resets.size() == 1);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0][0].toModelIndex() == tree.indexOf(QStringLiteral("3")));

    std::swap(rows[0].sessions[0], rows[0].sessions[1]);
    tree.setRows(rows, {{QStringLiteral("x"), QStringLiteral("gone"), {}, 0}});
    CHECK(resets.size() == 2);
    CHECK(tree.rowCount() == 3);
    CHECK(tree.kindOf(tree.index(2, 0)) == SessionTree::Kind::bin);
    CHECK(tree.kindOf(tree.index(0, 0, tree.index(2, 0))) == SessionTree::Kind::binned);
}

TEST_CASE("ten thousand sessions open, change and scroll within a frame or two",
          "[.bench][desktop][sessions]") {
    SessionsRig rig;
    QElapsedTimer timer;
    const auto ms = [&] { return double(timer.nsecsElapsed()) / 1e6; };
    const auto infos = thousands(10'000);
    rig.store.setSessions(infos);
    rig.store.set(SessionStoreModel::State::loading);
    timer.start();
    rig.store.set(SessionStoreModel::State::ready);
    QApplication::processEvents();
    const double open = ms();
    std::vector<double> frames;
    for (int i = 0; i < 200; ++i) {
        timer.restart();
        rig.tree->verticalScrollBar()->setValue(rig.tree->verticalScrollBar()->maximum() * i / 200);
        QApplication::processEvents();
        frames.push_back(ms());
    }
    std::sort(frames.begin(), frames.end());
    moxie::agent::Event event;
    event.seq = 1;
    event.timeMs = kNowMs + 1;
    event.turn = 1;
    event.body = moxie::agent::TurnStarted{"x"};
    timer.restart();
    rig.store.apply("session-9999", event);
    QApplication::processEvents();
    const double moved = ms();
    timer.restart();
    rig.store.markSeen(QStringLiteral("session-5"));
    QApplication::processEvents();
    const double seen = ms();
    std::printf(
        "10,000 sessions: open %.1f ms, scroll frame p99 %.2f ms, a row moves %.1f ms, "
        "a row changes %.1f ms\n",
        open, frames[size_t(double(frames.size()) * 0.99)], moved, seen);
    CHECK(open < 200);
    CHECK(frames[198] < 16);
}

// The sidebar over a fake store, in a window of its own.
#pragma once
#include <QVBoxLayout>
#include <QWidget>
#include <string>
#include <vector>

#include "app/desktop/screens/sessions/session_tree.h"
#include "app/desktop/screens/sessions/session_tree_view.h"
#include "app/desktop/screens/sessions/sessions_screen.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session_store.h"
#include "tests/fakes/fake_clock.h"

namespace moxie::desktop::testing {

inline constexpr int64_t kNowMs = 1'800'000'000'000, kMinMs = 60'000;

struct Told {
    const char* id;
    const char* repository;
    const char* task;
    int minutesAgo;
    const char* status = "verified";
    bool isLeased = false;
};

inline agent::SessionInfo infoOf(const Told& told) {
    agent::SessionInfo info;
    info.id = told.id;
    info.repository = told.repository;
    info.firstTask = told.task;
    info.lastStatus = told.status;
    info.startedMs = info.changedMs = kNowMs - told.minutesAgo * kMinMs;
    info.turns = 1;
    info.isLeased = told.isLeased;
    return info;
}

inline std::vector<agent::SessionInfo> infosOf(const std::vector<Told>& all) {
    std::vector<agent::SessionInfo> infos;
    for (const Told& told : all)
        infos.push_back(infoOf(told));
    return infos;
}

// One of each state in two projects.
inline std::vector<Told> manySessions() {
    return {{"merge", "/home/u/moxie", "Heap merge for the tokenizer", 2, "running", true},
            {"index", "/home/u/moxie", "Make the index incremental", 9, "running", true},
            {"docs", "/home/u/moxie", "Write down how a screen is built, with figures", 65},
            {"budget", "/home/u/moxie", "Port the kernels to AVX-512", 180, "budget"},
            {"lost", "/home/u/moxie", "Why does the nightly job fail?", 1500, "error"},
            {"old", "/home/u/moxie", "\xE4\xBF\xAE\xE5\xA4\x8D\xE5\x88\x86\xE8\xAF\x8D\xE5\x99\xA8",
             60 * 24 * 9},
            {"interlock", "/home/u/valve-plc", "Interlock of both valves", 30}};
}

inline constexpr const char* kWorktree = "/home/u/.local/share/moxie/worktrees/moxie-1";

struct SessionsRig {
    SessionsRig() {
        clock.advance(kNowMs - clock.wallMs());
        auto* layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(screen, 1);
        layout->addWidget(notices);
        notices->serve(window);
        showActive(window, {280, 640});
    }

    // Sessions of every state; "merge" waits for a permission, "old" and "interlock" were seen.
    void fill() {
        store.setSessions(infosOf(manySessions()));
        agent::Event asked;
        asked.seq = 5;
        asked.timeMs = kNowMs - 2 * kMinMs;
        asked.body = agent::PermissionAsked{"c1", "bash", "ctest", ""};
        store.apply("merge", asked);
        for (const char* id : {"old", "interlock"})
            store.markSeen(QLatin1String(id));
        store.wishes.clear();
    }

    // "docs" works in a worktree of the first project, whose checkout is on main.
    void addWorktree() {
        std::vector<Told> told = manySessions();
        told[2].repository = kWorktree;
        store.setSessions(infosOf(told));
        store.setCheckout("/home/u/moxie", {"/home/u/moxie", "main", false});
        store.setCheckout(kWorktree, {"/home/u/moxie", "moxie/session-1", true});
        store.wishes.clear();
    }

    template <class Part>
    Part* part(const char* name) const {
        auto* found = window.findChild<Part*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found;
    }

    QModelIndex rowOf(const char* id) const {
        return static_cast<const SessionTree*>(tree->model())->indexOf(QLatin1String(id));
    }

    void choose(const char* id) const {
        REQUIRE(rowOf(id).isValid());
        tree->setCurrentIndex(rowOf(id));
    }

    // "moxie: merge index docs; valve-plc: interlock".
    std::string shownRows() const {
        std::string all;
        const QAbstractItemModel& model = *tree->model();
        for (int project = 0; project < model.rowCount(); ++project) {
            const QModelIndex top = model.index(project, 0);
            all += (all.empty() ? "" : "; ") + top.data().toString().toStdString() + ":";
            for (int row = 0; row < model.rowCount(top); ++row)
                all += " " +
                       model.index(row, 0, top).data(SessionTree::kIdRole).toString().toStdString();
        }
        return all;
    }

    QApplication& app = application();  // before every widget
    FakeSessionStore store;
    tests::FakeClock clock;
    Appearance appearance;
    QWidget window;
    SessionsScreen* screen = new SessionsScreen(store, clock, appearance, &window);
    NoticeStrip* notices = new NoticeStrip(appearance, &window);
    SessionTreeView* tree = screen->findChild<SessionTreeView*>();
};

}  // namespace moxie::desktop::testing

// What stands at the right: changes, checkpoints, commit, code, search, output, costs.
#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/go_to_dialog.h"
#include "app/desktop/screens/code/search_screen.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/cost/budget_bar.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_panel.h"
#include "app/desktop/shell/action_registry.h"
#include "tests/catch.h"
#include "tests/desktop/accessibility/shown_screen.h"
#include "tests/desktop/changes/fake_review.h"
#include "tests/desktop/code/fake_code.h"
#include "tests/desktop/commit/fake_commit.h"
#include "tests/desktop/cost/cost_rig.h"
#include "tests/desktop/output/output_rig.h"

namespace moxie::desktop::testing {

namespace {

constexpr QSize kWide{1'300, 1'100};

struct ChangesParts {
    QApplication& app = application();
    Appearance appearance;
    ActionRegistry registry;
    FakeReview model;
    ChangesScreen screen{model, appearance, registry};
};

class ChangesReady : public RigScreen<ChangesParts> {
public:
    ChangesReady() {
        showActive(rig.screen, kWide);
        rig.model.now_.points = {{"b2b2b2b2", "before review", 1'800'000'100'000, false},
                                 {"a1a1a1a1", "before turn 2", 1'800'000'050'000, true}};
        rig.model.now_.canUndo = true;
        rig.model.set({reviewedFile("src/bpe.cpp", "one\ntwo\nthree\n", "one\n2\nthree\nfour\n"),
                       reviewedFile("tests/new_test.cpp", "", "TEST_CASE(\"heap\") {\n}\n")});
        settle();
    }

    QWidget& window() override { return rig.screen; }
};

class CheckpointsShown final : public ChangesReady {
public:
    CheckpointsShown() {
        rig.screen.showCheckpoint(QStringLiteral("a1a1a1a1"));
        settle();
    }
};

class ApplyShown final : public ChangesReady {
public:
    ApplyShown() {
        ApplyPreview& preview = rig.model.preview_;
        preview.path = "src/bpe.cpp";
        preview.ways = {ApplyWay::fitting, ApplyWay::wholeFile, ApplyWay::atEnd};
        preview.way = ApplyWay::fitting;
        preview.before = makeText("one\ntwo\nthree\n");
        preview.after = makeText("one\n2\nthree\n");
        preview.file = reviewedFile("src/bpe.cpp", "one\ntwo\nthree\n", "one\n2\nthree\n");
        rig.screen.showCode({"one\n2\nthree\n", "cpp", {"src/bpe.cpp", "src/heap.cpp"}});
        settle();
    }
};

struct CommitParts {
    QApplication& app = application();
    Appearance appearance;
    ActionRegistry registry;
    FakeCommit model;
    CommitScreen screen{model, appearance, registry};
};

class CommitReady final : public RigScreen<CommitParts> {
public:
    CommitReady() {
        showActive(rig.screen, kWide);
        rig.model.now_.files = {commitFile('M', "src/bpe.cpp", 12, 118),
                                commitFile('?', "tests/heap_test.cpp", 40, 0)};
        rig.model.set(CommitModel::State::ready);
        emit rig.model.suggested(QStringLiteral("Merge tokens with a heap"));
        settle();
    }

    QWidget& window() override { return rig.screen; }
};

struct CodeParts {
    CodeParts() { fillShop(code); }

    QApplication& app = application();
    Appearance appearance;
    ActionRegistry registry;
    FakeCode code;
};

class ViewerReady final : public RigScreen<CodeParts> {
public:
    ViewerReady() {
        showActive(viewer_, kWide);
        viewer_.open({QStringLiteral("shop/cart.cpp"), 5, 14});
        settle();
        viewer_.toggleOutline();
        viewer_.showUses();
        settle();
    }

    QWidget& window() override { return viewer_; }

private:
    CodeViewer viewer_{rig.code, rig.appearance, rig.registry};
};

class SearchReady final : public RigScreen<CodeParts> {
public:
    SearchReady() {
        showActive(screen_, kWide);
        screen_.searchFor(QStringLiteral("parse"));
        REQUIRE(waitUntil([this] { return !rig.code.searches.empty(); }));
        settle();
    }

    QWidget& window() override { return screen_; }

private:
    SearchScreen screen_{rig.code, rig.appearance};
};

class GoToReady final : public RigScreen<CodeParts> {
public:
    GoToReady() {
        showActive(window_, kWide);
        dialog_.open(QStringLiteral("cart"));
        settle();
    }

    QWidget& window() override { return window_; }

private:
    QWidget window_;
    GoToDialog dialog_{rig.code, rig.appearance, window_};
};

class OutputReady final : public RigScreen<OutputRig> {
public:
    OutputReady() {
        rig.show(kWide);
        rig.store->write("a", "[1/2] Building bpe.cpp.o\nbpe.cpp:47:9: error: expected ';'\n");
        rig.session.apply({agent::TurnStarted{"fix it"}, begun("b", "git status --short"),
                           ended("b", 0, "", 40), begun("a", "cmake --build build -j 2"),
                           ended("a", 2, "", 84'200)});
        REQUIRE(rig.isShown(QStringLiteral("[1/2] Building bpe.cpp.o")));
        REQUIRE(rig.isDone());
        settle();
    }

    QWidget& window() override { return *rig.screen; }
};

class CostReady final : public RigScreen<CostRig> {
public:
    CostReady() {
        rig.set("budget.session_usd", "1");
        rig.store(0.31);
        rig.refresh();
        panel_.setSession(&rig.session, &budgets_);
        showActive(panel_, QSize{900, 900});
        rig.session.apply(
            {agent::TurnStarted{"t"}, used(21'500, 18'000, 910, 0.11, 300), turnEnded()});
        settle();
    }

    QWidget& window() override { return panel_; }

private:
    BudgetWatch budgets_{rig.session, *rig.history, *rig.settings};
    CostPanel panel_{*rig.history, rig.appearance};
};

class BudgetReached final : public RigScreen<CostRig> {
public:
    BudgetReached() {
        rig.set("budget.session_usd", "1");
        rig.refresh();
        bar_.setLocalModel(QStringLiteral("Qwen3-Coder-30B"));
        rig.session.apply({agent::TurnStarted{"t"}, used(96'000, 90'000, 1'200, 1.03, 500)});
        settle();
        showActive(bar_, QSize{1'000, 80});
    }

    QWidget& window() override { return bar_; }

private:
    BudgetWatch budgets_{rig.session, *rig.history, *rig.settings};
    BudgetBar bar_{budgets_, rig.appearance};
};

template <class Screen>
std::unique_ptr<ShownScreen> make() {
    return std::make_unique<Screen>();
}

}  // namespace

std::vector<ScreenMaker> workbenchScreens() {
    return {{"changes", make<ChangesReady>}, {"checkpoints", make<CheckpointsShown>},
            {"apply", make<ApplyShown>},     {"commit", make<CommitReady>},
            {"code", make<ViewerReady>},     {"search", make<SearchReady>},
            {"goto", make<GoToReady>},       {"output", make<OutputReady>},
            {"cost", make<CostReady>},       {"budget", make<BudgetReached>}};
}

}  // namespace moxie::desktop::testing

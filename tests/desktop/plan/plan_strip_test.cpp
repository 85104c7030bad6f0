#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "tests/desktop/plan/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::agent::PermissionMode;

TEST_CASE("the strip is hidden until there is a plan", "[desktop][plan]") {
    PlanRig rig;
    CHECK_FALSE(rig.strip->isVisible());
    rig.session.fake.set(SessionModel::State::loading);
    CHECK_FALSE(rig.strip->isVisible());
    rig.session.fake.set(SessionModel::State::error, QStringLiteral("broken"));
    CHECK_FALSE(rig.strip->isVisible());
    rig.session.logPlan(kFourSteps);
    CHECK(rig.strip->isVisible());
    CHECK_FALSE(rig.steps()->isVisible());
    rig.session.logPlan("[]");
    CHECK_FALSE(rig.strip->isVisible());
}

TEST_CASE("one line says how far the plan is", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    auto* header = rig.part<QAbstractButton>("plan.header");
    CHECK(header->text() == QStringLiteral("2 of 4, replace the pair table"));
    rig.session.logPlan(R"([{"text":"100 %1","status":"done"},{"text":"b","status":"pending"}])");
    CHECK(header->text() == QStringLiteral("1 of 2 done"));
    rig.session.logPlan(R"([{"text":"a","status":"done"},{"text":"b","status":"done"}])");
    CHECK(header->text() == QStringLiteral("All 2 done"));
    CHECK(header->accessibleName() == QStringLiteral("Plan: All 2 done"));
}

TEST_CASE("the line opens to the steps, each with its sign in words", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    QTest::keyClick(rig.part<QAbstractButton>("plan.header"), Qt::Key_Space);
    REQUIRE(rig.steps()->isVisible());
    const auto spoken = [&](int row) {
        return rig.steps()->model()->index(row, 0).data(Qt::AccessibleTextRole).toString();
    };
    CHECK(spoken(0) == QStringLiteral("find the slow loop, done"));
    CHECK(spoken(1) == QStringLiteral("replace the pair table, in progress"));
    CHECK(spoken(2) == QStringLiteral("run the golden texts, pending"));
}

TEST_CASE("an edit is a wish and marked as sent until the log has it", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    rig.choose(2);
    QTest::keyClick(rig.steps(), Qt::Key_F2);
    auto* editor = rig.window.findChild<QLineEdit*>(QStringLiteral("plan.stepText"));
    REQUIRE(editor != nullptr);
    editor->setText(QStringLiteral("run all texts"));
    // Progress that comes in between does not take the editor away.
    rig.session.fake.apply({moxie::agent::ToolCallStarted{"c1", "edit", "{}", "edit", ""}});
    CHECK(editor->isVisible());
    QTest::keyClick(editor, Qt::Key_Return);
    REQUIRE(waitUntil([&] { return !rig.session.wished.empty(); }));
    CHECK(rig.wished() ==
          "find the slow loop|replace the pair table|run all texts|write down the numbers");
    auto* state = rig.part<QLabel>("plan.state");
    CHECK(state->text() == QStringLiteral("Sent: the agent sees it at its next step."));
    CHECK(rig.textAt(2) == QStringLiteral("run all texts"));

    rig.session.logPlan(R"([{"text":"find the slow loop","status":"done"},)"
                        R"({"text":"replace the pair table","status":"in_progress"},)"
                        R"({"text":"run all texts","status":"pending"},)"
                        R"({"text":"write down the numbers","status":"pending"}])");
    CHECK_FALSE(state->isVisible());
    CHECK(rig.textAt(2) == QStringLiteral("run all texts"));
}

TEST_CASE("what the log says wins over what was sent", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    rig.choose(3);
    QTest::keyClick(rig.steps(), Qt::Key_Up, Qt::AltModifier);
    REQUIRE(waitUntil([&] { return !rig.session.wished.empty(); }));
    CHECK(rig.textAt(2) == QStringLiteral("write down the numbers"));
    rig.session.logPlan(R"([{"text":"something else","status":"in_progress"}])");
    CHECK(rig.steps()->model()->rowCount() == 1);
    CHECK_FALSE(rig.part<QLabel>("plan.state")->isVisible());
}

TEST_CASE("steps are moved with Alt and arrows and by dragging", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    rig.choose(0);
    QTest::keyClick(rig.steps(), Qt::Key_Down, Qt::AltModifier);
    CHECK(rig.steps()->currentIndex().row() == 1);
    QTest::keyClick(rig.steps(), Qt::Key_Up, Qt::AltModifier);
    QTest::keyClick(rig.steps(), Qt::Key_Up, Qt::AltModifier);
    CHECK(rig.steps()->currentIndex().row() == 0);
    // What a drop does: the first row before the last one.
    REQUIRE(rig.steps()->model()->moveRow({}, 0, {}, 3));
    REQUIRE(waitUntil([&] {
        return rig.wished() ==
               "replace the pair table|run the golden texts|find the slow loop|"
               "write down the numbers";
    }));
}

TEST_CASE("a struck step stays to be restored", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    rig.choose(2);
    QTest::keyClick(rig.steps(), Qt::Key_Delete);
    REQUIRE(waitUntil([&] { return rig.session.wished.size() == 3; }));
    rig.session.logPlan(R"([{"text":"find the slow loop","status":"done"},)"
                        R"({"text":"replace the pair table","status":"in_progress"},)"
                        R"({"text":"write down the numbers","status":"pending"}])");
    REQUIRE(rig.steps()->model()->rowCount() == 4);
    CHECK(rig.steps()->model()->index(2, 0).data(Qt::AccessibleTextRole).toString() ==
          QStringLiteral("run the golden texts, struck"));
    CHECK(rig.part<QAbstractButton>("plan.header")->text() ==
          QStringLiteral("2 of 3, replace the pair table"));
    rig.choose(2);
    auto* strike = rig.part<QToolButton>("plan.strike");
    CHECK(strike->text() == QStringLiteral("Restore"));
    strike->click();
    REQUIRE(waitUntil([&] { return rig.session.wished.size() == 4; }));
    CHECK(rig.wished() ==
          "find the slow loop|replace the pair table|run the golden texts|write down the numbers");
}

TEST_CASE("a step says its priority, which stays through an edit of the user", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(R"([{"text":"first","status":"in_progress","priority":"high"},)"
                        R"({"text":"later","status":"pending","priority":"low"},)"
                        R"({"text":"as usual","status":"pending","priority":"medium"}])");
    rig.session.fake.apply({moxie::agent::ToolCallStarted{"c1", "edit", "{}", "edit", ""}});
    rig.strip->open();
    const auto at = [&](int row, int role) {
        return rig.steps()->model()->index(row, 0).data(role).toString();
    };
    CHECK(at(0, PlanRows::kDetailRole) == QString::fromUtf8("high priority · 1 call"));
    CHECK(at(1, PlanRows::kDetailRole) == QStringLiteral("low priority"));
    CHECK(at(2, PlanRows::kDetailRole).isEmpty());
    CHECK(at(1, Qt::AccessibleTextRole) == QStringLiteral("later, pending, low priority"));
    rig.choose(2);
    QTest::keyClick(rig.steps(), Qt::Key_Up, Qt::AltModifier);
    REQUIRE(waitUntil([&] { return rig.session.wished.size() == 3; }));
    CHECK(rig.session.wished[0].priority == moxie::desktop::PlanPriority::high);
    CHECK(rig.session.wished[2].priority == moxie::desktop::PlanPriority::low);
}

TEST_CASE("a step is added, an empty one is none", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    auto* add = rig.part<QToolButton>("plan.add");
    const auto editor = [&] {
        return rig.window.findChild<QLineEdit*>(QStringLiteral("plan.stepText"));
    };
    add->click();
    REQUIRE(editor() != nullptr);
    QTest::keyClick(editor(), Qt::Key_Escape);
    REQUIRE(waitUntil([&] { return rig.steps()->model()->rowCount() == 4; }));
    CHECK(rig.session.wished.empty());
    REQUIRE(waitUntil([&] { return editor() == nullptr; }));

    add->click();
    REQUIRE(editor() != nullptr);
    QTest::keyClicks(editor(), QStringLiteral("tell the users"));
    QTest::keyClick(editor(), Qt::Key_Return);
    REQUIRE(waitUntil([&] { return rig.session.wished.size() == 5; }));
    CHECK(rig.session.wished.back().text == "tell the users");
    CHECK(rig.session.wished.back().state == PlanState::pending);
}

TEST_CASE("a click on a step asks for the calls that served it", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.session.fake.apply({moxie::agent::ToolCallStarted{"c1", "edit", "{}", "edit", ""},
                            moxie::agent::ToolCallStarted{"c2", "bash", "{}", "test", ""}});
    rig.strip->open();
    std::vector<std::string> calls;
    int times = 0;
    QObject::connect(rig.strip, &PlanStrip::callsWanted, rig.strip,
                     [&](const std::vector<std::string>& ids) {
                         calls = ids;
                         ++times;
                     });
    const QModelIndex active = rig.steps()->model()->index(1, 0);
    QTest::mouseClick(rig.steps()->viewport(), Qt::LeftButton, Qt::NoModifier,
                      rig.steps()->visualRect(active).center());
    CHECK(calls == std::vector<std::string>{"c1", "c2"});
    rig.choose(2);
    QTest::keyClick(rig.steps(), Qt::Key_Return);
    CHECK(times == 1);
}

TEST_CASE("in plan mode the ticked steps are approved", "[desktop][plan]") {
    PlanRig rig;
    rig.session.setMode(PermissionMode::plan);
    rig.session.logPlan(kFourSteps);
    CHECK(rig.steps()->isVisible());
    auto* approve = rig.part<QToolButton>("plan.approve");
    CHECK(approve->text() == QStringLiteral("Approve"));
    rig.session.fake.set(SessionModel::Driver::us);
    CHECK_FALSE(approve->isEnabled());
    rig.session.fake.set(SessionModel::Driver::nobody);
    rig.choose(3);
    QTest::keyClick(rig.steps(), Qt::Key_Space);
    CHECK(approve->text() == QStringLiteral("Approve 3 of 4"));
    std::vector<PlanEntry> approved;
    QObject::connect(rig.strip, &PlanStrip::approved, rig.strip,
                     [&](const std::vector<PlanEntry>& entries) { approved = entries; });
    approve->click();
    CHECK(approved.size() == 3);
    CHECK(rig.wished() == "find the slow loop|replace the pair table|run the golden texts");
    CHECK(rig.session.mode() == PermissionMode::ask);
    CHECK_FALSE(approve->isVisible());
}

TEST_CASE("who watches cannot change the plan and is told why", "[desktop][plan]") {
    PlanRig rig;
    rig.session.logPlan(kFourSteps);
    rig.strip->open();
    rig.session.fake.set(SessionModel::Driver::other);
    rig.choose(1);
    CHECK(rig.part<QLabel>("plan.state")->text().startsWith(QStringLiteral("Watching")));
    for (const char* name : {"plan.add", "plan.edit", "plan.moveUp", "plan.strike"})
        CHECK_FALSE(rig.part<QToolButton>(name)->isEnabled());
    QTest::keyClick(rig.steps(), Qt::Key_Delete);
    QTest::keyClick(rig.steps(), Qt::Key_Up, Qt::AltModifier);
    QTest::keyClick(rig.steps(), Qt::Key_F2);
    QApplication::processEvents();
    CHECK(rig.session.wished.empty());
    CHECK(rig.window.findChild<QLineEdit*>(QStringLiteral("plan.stepText")) == nullptr);
}

TEST_CASE("everything in the plan has a name and can be reached by Tab", "[desktop][plan]") {
    PlanRig rig;
    rig.session.setMode(PermissionMode::plan);
    rig.session.logPlan(kFourSteps);
    rig.choose(1);
    rig.part<QAbstractButton>("plan.header")->setFocus();
    std::vector<QWidget*> reached;
    for (int i = 0; i < 16; ++i) {
        reached.push_back(QApplication::focusWidget());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (QWidget* widget : rig.strip->findChildren<QWidget*>()) {
        const bool canAct = qobject_cast<QAbstractButton*>(widget) != nullptr ||
                            qobject_cast<QAbstractItemView*>(widget) != nullptr;
        if (!canAct || !widget->isVisible() || !widget->isEnabled()) continue;
        CAPTURE(widget->objectName().toStdString());
        CHECK_FALSE(widget->objectName().isEmpty());
        CHECK_FALSE((widget->accessibleName().isEmpty() &&
                     qobject_cast<QAbstractButton*>(widget)->text().isEmpty()));
        CHECK(std::find(reached.begin(), reached.end(), widget) != reached.end());
    }
}

// What shows a session: sidebar, conversation, permission card, plan, composer.
#include <QCoreApplication>
#include <QImage>
#include <QVBoxLayout>
#include <utility>

#include "app/desktop/screens/composer/picture_strip.h"
#include "app/desktop/screens/conversation/aside_panel.h"
#include "app/desktop/session/aside_model.h"
#include "tests/desktop/accessibility/shown_screen.h"
#include "tests/desktop/composer/rig.h"
#include "tests/desktop/conversation/conversation_rig.h"
#include "tests/desktop/plan/rig.h"
#include "tests/desktop/sessions/rig.h"

namespace moxie::desktop::testing {

namespace {

// As the changes screen says it.
QString undoText() {
    return QCoreApplication::translate("moxie::desktop::ChangesScreen", "Undo");
}

constexpr QSize kTall{1'000, 1'400};  // nothing is out of sight, whatever the font

class SessionsReady final : public RigScreen<SessionsRig> {
public:
    SessionsReady() {
        rig.window.resize(QSize{460, 1'200});
        rig.fill();
        rig.screen->setShown(QStringLiteral("docs"));
        rig.choose("index");
        settle();
    }

    QWidget& window() override { return rig.window; }
};

class ConversationReady : public RigScreen<Rig> {
public:
    ConversationReady() {
        rig.screen.resize(kTall);
        rig.play(
            usualTurn("The scan is gone; see src/bpe.cpp:42.\n\n```cpp\nmerge(a);\n```\n\n"
                      "| text | after |\n|---|---|\n| English | 3 ms |\n"));
        settle();
    }

    QWidget& window() override { return rig.screen; }
};

class PermissionAsked final : public ConversationReady {
public:
    PermissionAsked() {
        rig.play({agent::TurnStarted{"push it"},
                  call("x9", "bash", R"({"command":"git push origin main"})", "execute"),
                  agent::PermissionAsked{"x9", "bash", "push", "can change a remote"}},
                 2);
        rig.session.ask({.callId = "x9",
                         .tool = "bash",
                         .summary = "push",
                         .reason = "this command can change a remote repository",
                         .detail = R"({"command":"git push origin main"})",
                         .rule = "bash(git push*)",
                         .touches = "write, execute, network; outside the jail",
                         .suggestedRule = "bash(git push origin main*)",
                         .whyOnlyOnce = {}});
        rig.clock.advance(3'000);
        REQUIRE(waitUntil([this] { return rig.widget("permission.once")->isEnabled(); }));
        settle();
    }
};

class ConversationEmpty final : public RigScreen<Rig> {
public:
    ConversationEmpty() {
        rig.screen.resize(kTall);
        rig.screen.setExamples({QStringLiteral("Explain the last commit")});
        settle();
    }

    QWidget& window() override { return rig.screen; }
};

// Kept by the test; the real one is in tests/desktop/session.
class FakeAside final : public AsideModel {
public:
    FakeAside() {
        say(agent::TurnStarted{.task = "why a heap?"});
        say(agent::ModelAnswering{{.model = "scripted", .backend = "scripted", .reason = ""}});
        say(said("Because the scan was **quadratic**; see src/bpe.cpp:42."));
        say(agent::TurnEnded{.status = agent::EndStatus::verified, .reason = ""});
    }

    const Conversation& now() const override { return model_.now(); }

    bool isAsking() const override { return false; }

    int64_t tokens() const override { return 1'234; }

    void ask(const QString&) override {}

    void stop() override {}

private:
    void say(agent::EventBody body) {
        agent::Event event;
        event.seq = ++seq_;
        event.timeMs = 1'800'000'000'000 + 1'000 * seq_;
        event.turn = 1;
        event.body = std::move(body);
        model_.apply(event);
    }

    ConversationModel model_;
    int64_t seq_ = 0;
};

struct AsideParts {
    QApplication& app = application();
    tests::FakeClock clock = tests::FakeClock(1'800'000'000'000);
    Appearance appearance;
    FakeAside model;
    QWidget window;
    AsidePanel panel{model, appearance, clock, &window};
};

class AsideReady final : public RigScreen<AsideParts> {
public:
    AsideReady() {
        auto* layout = new QVBoxLayout(&rig.window);
        layout->addWidget(&rig.panel);
        layout->addStretch(1);
        showActive(rig.window, {800, 600});
        rig.panel.open();
        settle();
    }

    QWidget& window() override { return rig.window; }
};

class PlanOpen final : public RigScreen<PlanRig> {
public:
    PlanOpen() {
        rig.window.resize(QSize{800, 700});
        rig.session.setMode(agent::PermissionMode::plan);
        rig.session.fake.set(SessionModel::State::ready);
        rig.session.logPlan(kFourSteps);
        rig.strip->open();
        rig.choose(1);
        settle();
    }

    QWidget& window() override { return rig.window; }
};

class ComposerReady final : public RigScreen<ComposerRig> {
public:
    ComposerReady() {
        rig.window.resize(QSize{900, 700});
        rig.screen->setModels({{QStringLiteral("qwen3-coder-30b"), QStringLiteral("local"), true}});
        auto* strip = rig.screen->findChild<PictureStrip*>();
        strip->addImage(QImage(120, 80, QImage::Format_RGB32));
        REQUIRE(waitUntil([&] { return !strip->isEmpty(); }));
        postNotice(*rig.screen, {QStringLiteral("Took back 2 hunks of the agent."),
                                 NoticeTone::quiet,
                                 {{"undo", undoText(), [] {}}}});
        rig.session.set(SessionModel::Driver::us);
        rig.session.send(QStringLiteral("Then run the tests"));
        rig.screen->setDraft(QStringLiteral("and push"));
        settle();
    }

    QWidget& window() override { return rig.window; }
};

template <class Screen>
std::unique_ptr<ShownScreen> make() {
    return std::make_unique<Screen>();
}

}  // namespace

std::vector<ScreenMaker> sessionScreens() {
    return {{"sessions", make<SessionsReady>},
            {"conversation", make<ConversationReady>},
            {"conversation-empty", make<ConversationEmpty>},
            {"permission", make<PermissionAsked>},
            {"aside", make<AsideReady>},
            {"plan", make<PlanOpen>},
            {"composer", make<ComposerReady>}};
}

}  // namespace moxie::desktop::testing

// A conversation screen over a session that the test plays. Threads: GUI thread only.
#pragma once
#include <QAction>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTextDocument>
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/screens/conversation/conversation_screen.h"
#include "app/desktop/screens/conversation/permission_card.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/fakes/fake_clock.h"

namespace moxie::desktop::testing {

inline agent::ToolCallStarted call(std::string id, std::string tool, std::string arguments,
                                   std::string effects = "read") {
    return {std::move(id), std::move(tool), std::move(arguments), "summary", std::move(effects)};
}

inline agent::ToolCallEnded result(std::string id, std::string text, int32_t exitCode = -1) {
    agent::ToolCallEnded ended;
    ended.callId = std::move(id);
    ended.text = std::move(text);
    ended.exitCode = exitCode;
    ended.durationMs = 340;
    return ended;
}

inline agent::MessageAdded said(std::string text) {
    engine::Message message;
    message.role = engine::Role::assistant;
    message.text = std::move(text);
    return {std::move(message)};
}

// A whole turn: thinks, reads, runs, edits, answers.
inline std::vector<agent::EventBody> usualTurn(const std::string& answer) {
    return {agent::TurnStarted{"fix the tokenizer"},
            agent::CheckpointTaken{"c0ffee", "turn"},
            agent::RequestSent{"model", 1, "hash", 1},
            agent::Delta{"reasoning", "The pair table is slow because of its scan."},
            call("r1", "read", R"({"path":"src/bpe.cpp"})"),
            result("r1", "int main() {}"),
            call("x1", "bash", R"({"command":"ctest -R tokenizer"})", "execute"),
            agent::ToolOutput{"x1", "\x1b[31mFAILED\x1b[0m bpe.cpp:42: wrong rank\n"},
            result("x1", "FAILED", 8),
            call("e1", "edit", R"({"path":"src/bpe.cpp","old":"a\nb","new":"a\nc"})", "write"),
            result("e1", "ok"),
            agent::RequestSent{"model", 1, "hash", 2},
            agent::Delta{"text", answer},
            said(answer),
            agent::TurnEnded{agent::EndStatus::verified, "all checks passed", 2, 900}};
}

struct Rig {
    Rig() : screen(session, appearance, registry, clock) {
        appearance.applyTo(app);
        showActive(screen, {760, 560});
        canvas = screen.findChild<BlockCanvas*>(QStringLiteral("conversation.canvas"));
        REQUIRE(canvas != nullptr);
        canvas->setFocus();
        QApplication::processEvents();
    }

    void play(std::vector<agent::EventBody> bodies, int32_t turn = 1) {
        session.apply(std::move(bodies), turn);
        QApplication::processEvents();
    }

    // What one sees, a line for each block: title, detail, text.
    QStringList shown() const {
        QStringList lines;
        for (int64_t i = 0; i < canvas->itemCount(); ++i)
            lines << canvas->spokenName(i);
        return lines;
    }

    int64_t blockWith(const QString& text) const {
        for (int64_t i = 0; i < canvas->itemCount(); ++i)
            if (canvas->spokenName(i).contains(text)) return i;
        return -1;
    }

    // Presses the control named `name` in the block; false: there is none.
    bool press(int64_t block, const QString& name) const {
        for (const CanvasControl& control : canvas->controls(block)) {
            if (control.name != name) continue;
            canvas->activate(block, control);
            QApplication::processEvents();
            return true;
        }
        return false;
    }

    void trigger(const char* id) {
        registry.action(QLatin1String(id)).trigger();
        QApplication::processEvents();
    }

    QString announced() const {
        return screen.findChild<QWidget*>(QStringLiteral("announcer"))->accessibleName();
    }

    QWidget* widget(const char* name) const {
        return screen.findChild<QWidget*>(QLatin1String(name));
    }

    QApplication& app = application();  // before everything of Qt
    tests::FakeClock clock = tests::FakeClock(1'800'000'000'000);
    FakeSession session;
    Appearance appearance;
    ActionRegistry registry;
    ConversationScreen screen;
    BlockCanvas* canvas = nullptr;
};

}  // namespace moxie::desktop::testing

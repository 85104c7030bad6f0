// Every action of the window, in one table: adding one is one line. Threads: values; any thread.
#pragma once
#include <cstdint>
#include <span>

namespace moxie::desktop {

// Where an action's keys work. Actions of one context may not share keys; neither may an action of
// the whole window with any other.
enum class ActionContext : uint8_t {
    window,
    conversation,
    composer,
    permission,
    changes,
    commit,
    terminal,
    code,
    canvas,
};

// Who listens for the keys: Qt's shortcuts, or the screen itself (Enter in an editor, Escape
// twice).
enum class KeysBy : uint8_t { shortcut, screen };

struct ActionSpec {
    const char* id = "";
    const char* text = "";  // English, marked for translation in the context "Actions"
    const char* keys = "";  // QKeySequence::PortableText; "" none; '|' parts alternatives
    ActionContext context = ActionContext::window;
    KeysBy keysBy = KeysBy::shortcut;
};

std::span<const ActionSpec> allActions();

// English, marked for translation in the context "ActionContexts".
const char* contextTitle(ActionContext context);

}  // namespace moxie::desktop

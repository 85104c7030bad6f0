#include "app/desktop/shell/action_table.h"

#include <QtGlobal>
#include <array>

namespace moxie::desktop {

namespace {

using enum ActionContext;

constexpr auto kActions = std::to_array<ActionSpec>({
    // clang-format off
    {"folder.open", QT_TRANSLATE_NOOP("Actions", "Open folder…"), "Ctrl+Shift+O"},
    {"session.new", QT_TRANSLATE_NOOP("Actions", "New session"), "Ctrl+N"},
    {"session.newWorktree", QT_TRANSLATE_NOOP("Actions", "New session in its own worktree"), "Ctrl+Shift+N"},
    {"session.next", QT_TRANSLATE_NOOP("Actions", "Next session that needs me"), "Ctrl+Tab"},
    {"session.find", QT_TRANSLATE_NOOP("Actions", "Find in all sessions"), "Ctrl+Shift+F"},
    {"go.anywhere", QT_TRANSLATE_NOOP("Actions", "Go to file or symbol"), "Ctrl+P"},
    {"palette.open", QT_TRANSLATE_NOOP("Actions", "Command palette"), "Ctrl+Shift+P"},
    {"area.next", QT_TRANSLATE_NOOP("Actions", "Next area"), "F6"},
    {"area.previous", QT_TRANSLATE_NOOP("Actions", "Previous area"), "Shift+F6"},
    {"composer.focus", QT_TRANSLATE_NOOP("Actions", "Go to the message box"), "Ctrl+L"},
    {"aside.open", QT_TRANSLATE_NOOP("Actions", "Ask on the side"), "Ctrl+;"},
    {"sidebar.toggle", QT_TRANSLATE_NOOP("Actions", "Show or hide sessions"), "Ctrl+B"},
    {"workbench.toggle", QT_TRANSLATE_NOOP("Actions", "Show or hide the workbench"), "Ctrl+J"},
    {"workbench.1", QT_TRANSLATE_NOOP("Actions", "Workbench: changes"), "Ctrl+1"},
    {"workbench.3", QT_TRANSLATE_NOOP("Actions", "Workbench: symbols"), "Ctrl+3"},
    {"workbench.4", QT_TRANSLATE_NOOP("Actions", "Workbench: terminal"), "Ctrl+4"},
    {"workbench.5", QT_TRANSLATE_NOOP("Actions", "Workbench: commit"), "Ctrl+5"},
    {"terminal.show", QT_TRANSLATE_NOOP("Actions", "Show the terminal"), "Ctrl+`"},
    {"changes.review", QT_TRANSLATE_NOOP("Actions", "Review changes"), "Ctrl+R"},
    {"editor.open", QT_TRANSLATE_NOOP("Actions", "Open in the editor at this line"), "Ctrl+E"},
    {"edit.undo", QT_TRANSLATE_NOOP("Actions", "Undo"), "Ctrl+Z"},
    {"edit.redo", QT_TRANSLATE_NOOP("Actions", "Redo"), "Ctrl+Shift+Z"},
    {"find.here", QT_TRANSLATE_NOOP("Actions", "Find here"), "Ctrl+F"},
    {"find.next", QT_TRANSLATE_NOOP("Actions", "Next match"), "F3"},
    {"find.previous", QT_TRANSLATE_NOOP("Actions", "Previous match"), "Shift+F3"},
    {"text.larger", QT_TRANSLATE_NOOP("Actions", "Larger text"), "Ctrl+=|Ctrl++"},
    {"text.smaller", QT_TRANSLATE_NOOP("Actions", "Smaller text"), "Ctrl+-"},
    {"text.reset", QT_TRANSLATE_NOOP("Actions", "Normal text size"), "Ctrl+0"},
    {"settings.open", QT_TRANSLATE_NOOP("Actions", "Settings"), "Ctrl+,"},
    {"help.open", QT_TRANSLATE_NOOP("Actions", "Help"), "F1"},
    {"help.keys", QT_TRANSLATE_NOOP("Actions", "Keyboard sheet"), "Ctrl+/"},
    {"help.about", QT_TRANSLATE_NOOP("Actions", "About Moxie"), ""},
    {"app.quit", QT_TRANSLATE_NOOP("Actions", "Quit"), "Ctrl+Q"},

    {"density.next", QT_TRANSLATE_NOOP("Actions", "Summary, normal or verbose"), "Ctrl+O", conversation},
    {"prompt.previous", QT_TRANSLATE_NOOP("Actions", "Previous message of mine"), "Alt+Up", conversation},
    {"prompt.next", QT_TRANSLATE_NOOP("Actions", "Next message of mine"), "Alt+Down", conversation},
    {"agent.stop", QT_TRANSLATE_NOOP("Actions", "Stop the agent"), "Esc", conversation, KeysBy::screen},
    {"agent.stopAll", QT_TRANSLATE_NOOP("Actions", "Stop the agent and its command"), "Esc, Esc", conversation, KeysBy::screen},

    {"message.send", QT_TRANSLATE_NOOP("Actions", "Send"), "Return", composer, KeysBy::screen},
    {"message.newLine", QT_TRANSLATE_NOOP("Actions", "New line"), "Shift+Return", composer, KeysBy::screen},
    {"message.sendNow", QT_TRANSLATE_NOOP("Actions", "Send now, interrupting"), "Ctrl+Shift+Return", composer},

    {"permission.1", QT_TRANSLATE_NOOP("Actions", "Allow once"), "Alt+1", permission},
    {"permission.2", QT_TRANSLATE_NOOP("Actions", "Allow for the rest of this turn"), "Alt+2", permission},
    {"permission.3", QT_TRANSLATE_NOOP("Actions", "Allow in this session"), "Alt+3", permission},
    {"permission.4", QT_TRANSLATE_NOOP("Actions", "Always allow in this project"), "Alt+4", permission},
    {"permission.5", QT_TRANSLATE_NOOP("Actions", "Deny"), "Alt+5", permission},

    {"hunk.next", QT_TRANSLATE_NOOP("Actions", "Next hunk"), "J", changes},
    {"hunk.previous", QT_TRANSLATE_NOOP("Actions", "Previous hunk"), "K", changes},
    {"file.next", QT_TRANSLATE_NOOP("Actions", "Next file"), "Shift+J", changes},
    {"file.previous", QT_TRANSLATE_NOOP("Actions", "Previous file"), "Shift+K", changes},
    {"hunk.accept", QT_TRANSLATE_NOOP("Actions", "Accept hunk"), "A", changes},
    {"hunk.reject", QT_TRANSLATE_NOOP("Actions", "Reject hunk"), "R", changes},
    {"hunk.stage", QT_TRANSLATE_NOOP("Actions", "Stage hunk"), "S", changes},
    {"hunk.comment", QT_TRANSLATE_NOOP("Actions", "Comment on hunk"), "C", changes},
    {"hunk.edit", QT_TRANSLATE_NOOP("Actions", "Edit hunk"), "E", changes},
    {"changes.sides", QT_TRANSLATE_NOOP("Actions", "Changes side by side or below each other"), "V", changes},
    {"changes.whole", QT_TRANSLATE_NOOP("Actions", "Show whole files in the changes"), "W", changes},
    {"changes.blanks", QT_TRANSLATE_NOOP("Actions", "Fold changes of white space"), "B", changes},
    {"changes.tree", QT_TRANSLATE_NOOP("Actions", "Changed files as a tree or flat"), "T", changes},
    {"changes.base", QT_TRANSLATE_NOOP("Actions", "Compare with another commit"), "G", changes},
    {"changes.points", QT_TRANSLATE_NOOP("Actions", "Checkpoints"), "P", changes},
    {"file.reviewed", QT_TRANSLATE_NOOP("Actions", "Mark file as reviewed"), "Space", changes},

    {"commit.make", QT_TRANSLATE_NOOP("Actions", "Commit"), "Ctrl+Return", commit},

    {"output.toMessage", QT_TRANSLATE_NOOP("Actions", "Add the selection to the message"), "Ctrl+Shift+M", terminal},

    {"code.back", QT_TRANSLATE_NOOP("Actions", "Back to where I was"), "Alt+Left", code},
    {"code.forward", QT_TRANSLATE_NOOP("Actions", "Forward again"), "Alt+Right", code},
    {"code.line", QT_TRANSLATE_NOOP("Actions", "Go to line"), "Ctrl+G", code},
    {"code.definition", QT_TRANSLATE_NOOP("Actions", "Go to where it is defined"), "F12", code},
    {"code.uses", QT_TRANSLATE_NOOP("Actions", "Show where it is used"), "Shift+F12", code},
    {"code.outline", QT_TRANSLATE_NOOP("Actions", "Show or hide the outline"), "Alt+O", code},
    {"code.files", QT_TRANSLATE_NOOP("Actions", "Show or hide the files of the repository"), "Ctrl+Shift+E", code},
    {"code.blame", QT_TRANSLATE_NOOP("Actions", "Show or hide who changed each line"), "Alt+B", code},
    {"code.fold", QT_TRANSLATE_NOOP("Actions", "Fold or unfold here"), "Alt+Z", code},
    {"code.foldAll", QT_TRANSLATE_NOOP("Actions", "Fold or unfold all functions"), "Alt+Shift+Z", code},
    {"code.edit", QT_TRANSLATE_NOOP("Actions", "Edit these lines"), "F2", code},
    {"code.ask", QT_TRANSLATE_NOOP("Actions", "Ask about the selection"), "Alt+Q", code},
    {"code.add", QT_TRANSLATE_NOOP("Actions", "Add the selection to the message"), "Alt+M", code},

    {"canvas.copy", QT_TRANSLATE_NOOP("Actions", "Copy"), "Ctrl+C", canvas, KeysBy::screen},
    {"canvas.selectAll", QT_TRANSLATE_NOOP("Actions", "Select all"), "Ctrl+A", canvas, KeysBy::screen},
    // clang-format on
});

}  // namespace

std::span<const ActionSpec> allActions() {
    return kActions;
}

const char* contextTitle(ActionContext context) {
    switch (context) {
        case window:
            return QT_TRANSLATE_NOOP("ActionContexts", "Everywhere");
        case conversation:
            return QT_TRANSLATE_NOOP("ActionContexts", "In the conversation");
        case composer:
            return QT_TRANSLATE_NOOP("ActionContexts", "In the message box");
        case permission:
            return QT_TRANSLATE_NOOP("ActionContexts", "On a permission card");
        case changes:
            return QT_TRANSLATE_NOOP("ActionContexts", "In the changes");
        case commit:
            return QT_TRANSLATE_NOOP("ActionContexts", "In the commit panel");
        case terminal:
            return QT_TRANSLATE_NOOP("ActionContexts", "In the terminal");
        case code:
            return QT_TRANSLATE_NOOP("ActionContexts", "In source code");
        case canvas:
            return QT_TRANSLATE_NOOP("ActionContexts", "In texts");
    }
    return "";
}

}  // namespace moxie::desktop

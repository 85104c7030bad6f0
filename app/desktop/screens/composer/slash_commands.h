// The words behind a '/' at the beginning of a message that do something instead of being sent.
// Threads: GUI thread only.
#pragma once
#include <QString>
#include <functional>
#include <vector>

#include "agent/session.h"
#include "app/desktop/screens/composer/suggester.h"

namespace moxie::desktop {

struct SlashCommand {
    QString word = {};        // without the '/'
    const char* detail = "";  // English, marked for translation in the context "SlashCommands"
    std::function<void()> run = {};
};

class SlashCommands {
public:
    // Offered in the order in which they were added.
    void add(SlashCommand command);
    // Those whose word begins with `typed`.
    std::vector<Suggestion> matching(const QString& typed) const;
    // "/stop" and nothing else; nullptr: there is no such command.
    const SlashCommand* find(const QString& message) const;

    // "/stpo": looks like a command, known or not. A path does not.
    static bool isCommand(const QString& message);

private:
    std::vector<SlashCommand> commands_;
};

// "/plan", "/ask", "/auto-edit" and "/auto".
void addModeCommands(SlashCommands& commands,
                     const std::function<void(agent::PermissionMode)>& setMode);

}  // namespace moxie::desktop

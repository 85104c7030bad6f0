// What the terminal tab says of a command, in the user's language. Threads: GUI thread only.
#pragma once
#include <QChar>
#include <QString>
#include <cstdint>

#include "app/desktop/screens/output/command_list.h"
#include "app/desktop/theme/color_roles.h"

namespace moxie::desktop {

// A sign and its colour; colour is never the only sign.
struct CommandSign {
    QChar sign = {};
    Role role = Role::text;
};

CommandSign signOf(const CommandRow& row);
// "exit 0", "running", "denied".
QString stateText(const CommandRow& row);
// "0.3 s", "12 s", "3 min 4 s".
QString commandDuration(int64_t durationMs);
// The command in one line, control characters made visible.
QString commandText(const CommandRow& row);
// "agent", "check".
QString ownerText(const CommandRow& row);

}  // namespace moxie::desktop

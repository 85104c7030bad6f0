// What a permission question says to the user, as texts for the card. Threads: GUI thread only.
#pragma once
#include <QString>

#include "agent/session.h"

namespace moxie::desktop {

// Text of a model or program made safe to look at: control and direction characters are written
// out ("\x1b", "\u202e"), line ends and tabs stay. Nothing is left out.
QString escapedText(const QString& text);

struct PermissionTexts {
    QString question = {};  // "May the agent run this command?"
    QString wanted = {};    // the command in full, or what would be changed
    QString why = {};       // reason and rule
    QString touches = {};   // what it could reach, and whether inside the sandbox
    QString whyOnlyOnce = {};
};

PermissionTexts textsOf(const agent::PermissionQuestion& question);

}  // namespace moxie::desktop

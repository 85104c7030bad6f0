// A conversation as Markdown, to be kept or sent: what was asked, what was answered, and each step
// as one line. Reasoning and outputs are left out. Threads: any thread.
#pragma once
#include <string>

#include "app/desktop/model/conversation.h"

namespace moxie::desktop {

// The words between, in the user's language.
struct MarkdownWords {
    std::string you = "You", moxie = "Moxie";
    std::string passed = "passed", failed = "failed", denied = "denied", committed = "committed";
};

std::string toMarkdown(const Conversation& conversation, const std::string& title,
                       const MarkdownWords& words);

}  // namespace moxie::desktop

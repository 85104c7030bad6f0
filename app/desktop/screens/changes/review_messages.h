// The sentences of a review: why a wish was refused, and what the agent is told of comments.
// Threads: any thread.
#pragma once
#include <QString>
#include <vector>

#include "app/desktop/screens/changes/diff_source.h"

namespace moxie::desktop {

QString refusalSentence(const Refusal& refusal);

// All comments as one message.
QString commentsMessage(const std::vector<HunkComment>& comments);

// `title`: "src/bpe.cpp lines 41 to 47".
QString whyMessage(const QString& title, const Hunk& hunk);

// "-old" and "+new", without line ends; the first 40.
std::vector<std::string> diffLines(const Hunk& hunk);

}  // namespace moxie::desktop

// The words of the conversation: times, sizes, what a step did, how a turn ended. Whole sentences
// and clauses, translated. Threads: GUI thread only.
#pragma once
#include <QCoreApplication>
#include <QString>
#include <string_view>

#include "app/desktop/model/conversation.h"

namespace moxie::desktop {

// The context of all texts inside the blocks.
class ConversationTexts {
    Q_DECLARE_TR_FUNCTIONS(ConversationTexts)
};

QString fromUtf8(std::string_view text);

// "0.4 s", "12 s", "3 min 5 s", "1 h 2 min".
QString durationText(int64_t ms);
// The same without parts of a second, for what still runs.
QString elapsedText(int64_t ms);
// "1.4 MB", in the user's number format.
QString bytesText(int64_t bytes);

// "7 steps: read 3 files, ran 1 command, edited 2 files, 12 s".
QString summaryText(const StepSummary& summary);

// "Read src/a.cpp" or "Reading src/a.cpp", one line.
QString titleOf(const ToolCard& card);
QString titleOf(const CheckItem& check);
// "Thought for 12 s", "Thinking".
QString titleOf(const ReasoningItem& reasoning);

// A character before the title, so that colour is never the only sign.
QChar signOf(CardState state);
QString stateName(CardState state);

// "Verified in 42 s", "Stopped after 3 s".
QString endText(const Turn& turn);

// What goes on in a running turn: "Running ctest", "Waiting for the model".
QString activityText(const Turn& turn);

// "Allowed once", "Denied by the rule bash(git push*)"; empty: not answered.
QString answerText(const CardPermission& permission);

}  // namespace moxie::desktop

// Head and text of the blocks of a turn. Made when a block is looked at, kept by nobody.
// Threads: GUI thread only.
#pragma once
#include <QString>

#include "app/desktop/canvas/block_source.h"
#include "app/desktop/model/conversation.h"
#include "app/desktop/model/session_list.h"
#include "app/desktop/screens/conversation/answer_text.h"
#include "app/desktop/screens/conversation/rich_text.h"

namespace moxie::desktop {

struct PartText {
    BlockHead head = {};
    RichText text = {};
    QString markdown = {};  // empty: the plain text
};

// `piece` is a part of the user's message, `number` its place among them.
PartText messagePart(std::string_view piece, int32_t number);

// The pictures of a message, as far as they are small already.
PartText picturesPart(const std::vector<RichPicture>& pictures);

// "7 steps: ...", the handle that opens the steps.
PartText summaryPart(const Turn& turn, Fold fold);

PartText reasoningPart(const ReasoningItem& reasoning, std::string_view piece, int32_t number,
                       int64_t nowMs);

PartText answerPart(const AnswerText& answer, int64_t piece);

PartText toolPart(const ToolCard& card, Fold fold, int64_t nowMs);
PartText checkPart(const CheckItem& check, Fold fold);
PartText commitPart(const CommitItem& commit);
PartText noticePart(const NoticeItem& notice);

// The turn's last line: what goes on (the running step itself where `steps` are folded), or how it
// ended, with the buttons of the turn.
struct EndWish {
    Fold steps = Fold::open;
    int64_t nowMs = 0;
    Rating rating = Rating::none;
};

PartText endPart(const Turn& turn, const EndWish& wish);
// Of an answer on the side: who gave it, and that one may copy and quote it.
PartText asideEndPart(const Turn& turn, int64_t nowMs);

}  // namespace moxie::desktop

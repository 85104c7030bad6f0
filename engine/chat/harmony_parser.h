// The parser of gpt-oss's answers: messages of a header and a body, each for a channel. Behind
// `<|start|>assistant`, where the prompt ends:
//   <|channel|>analysis<|message|>TEXT<|end|>                     reasoning
//   <|start|>assistant<|channel|>final<|message|>TEXT             text, as commentary without `to=`
//   ... to=functions.NAME<|channel|>commentary json<|message|>{}  a call; `to=` may stand behind
//                                                                 the channel, too
// Only control tokens are markers. A call is whole if the model ended it (`<|call|>`).
// Threads: one thread at a time.
// Source: the template published with gpt-oss-120b, and the openai-harmony package.
#pragma once
#include "engine/chat/answer_parser.h"
#include "engine/chat/marked_text.h"
#include "engine/local/marker_scanner.h"

namespace moxie::engine {

class HarmonyParser final : public AnswerParser {
public:
    HarmonyParser(const MarkerNames& names, CallIds ids);

private:
    void read(std::string_view text) override;
    void readEnd(AnswerEnd end) override;
    void take(std::string_view text);
    void meet(const std::string& marker);
    void openBody();
    void closeBody();

    enum class Body { none, reasoning, text, call };

    std::string channelMark_, messageMark_, startMark_;
    MarkerScanner headerScanner_;
    MarkerScanner bodyScanner_;
    Body body_ = Body::none;  // none: within a header
    std::string header_;
    std::string callName_;
    std::string arguments_;
    int64_t offset_ = 0;
    int64_t bodyAt_ = 0;
};

}  // namespace moxie::engine

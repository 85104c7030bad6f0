// The parser of every format whose calls stand between markers, alone or in a block:
//   DSML (DeepSeek V4, V3.2), DeepSeek V3, Hermes JSON (Qwen and others), Kimi K2, GLM, MiniMax.
// A format is a table of markers and a function that reads the inside of one call.
// Threads: one thread at a time.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/answer_parser.h"
#include "engine/chat/marked_text.h"
#include "engine/local/marker_scanner.h"

namespace moxie::engine {

// What the inside of a call was found to be.
struct CallReading {
    ToolCall call = {};        // name and arguments, as far as they are known
    std::string problem = {};  // empty: the call is good
    int64_t at = 0;            // bytes of the inside ahead of the problem
};

struct CallSyntax {
    // Empty: the format has no reasoning.
    std::string reasoningOpen = {};
    std::string reasoningClose = {};
    // White space that belongs to a marker is spelled too: "\n\n<x>" beside "<x>".
    // Without blocks the openings are those of calls.
    std::vector<std::string> opens = {};
    std::vector<std::string> blockCloses = {};  // empty: calls stand alone
    std::string callOpen = {};                  // within a block
    std::string callClose = {};
    // Line ends around reasoning and ahead of the text belong to the format, not to the text.
    bool trimsLines = false;
    // Reads what stands between callOpen and callClose, marked.
    std::function<CallReading(std::string_view inside)> readCall = {};
};

enum class AnswerStart { text, reasoning };

class MarkedAnswerParser final : public AnswerParser {
public:
    // `names`: those that are control tokens in this model; elsewhere markers are ordinary text.
    MarkedAnswerParser(CallSyntax syntax, const MarkerNames& names, AnswerStart start, CallIds ids);

private:
    enum class Place { reasoning, text, block, call };

    void read(std::string_view text) override;
    void readEnd(AnswerEnd end) override;
    MarkerScanner& scanner();
    void take(std::string_view text);
    void meet(const std::string& marker);
    void meetInReasoning(const std::string& marker);
    void meetInText(const std::string& marker);
    void closeCall();
    void closeBlock(std::string_view closing);
    void refuseInside(CallReading reading);
    void releaseLines();
    int64_t sizeOf(std::string_view marked) const;

    CallSyntax syntax_;
    MarkerScanner reasoningScanner_;
    MarkerScanner textScanner_;
    MarkerScanner blockScanner_;
    MarkerScanner callScanner_;
    Place place_;
    int64_t offset_ = 0;    // bytes read, marks not counted
    bool isFresh_ = true;   // nothing but line ends since reasoning or text began
    bool hasText_ = false;  // text that is not only line ends
    std::string lines_;     // line ends of reasoning that may stand ahead of its end
    std::string open_;      // the marker that opened the block or the call
    std::string inside_;    // since that marker: of the block, or of the call
    int64_t insideAt_ = 0;  // where inside_ begins
    bool blockHadCall_ = false;
    std::string reasonedCall_;  // from a call's opening inside reasoning on
    int64_t reasonedCallAt_ = 0;
};

}  // namespace moxie::engine

// The parser of Llama 3's answers: a call is the whole answer, {"name": NAME, "parameters": {...}},
// maybe behind <|python_tag|>. So an answer that begins with `{` is held back until its end.
// Threads: one thread at a time.
#pragma once
#include "engine/chat/answer_parser.h"
#include "engine/chat/marked_text.h"

namespace moxie::engine {

class LlamaParser final : public AnswerParser {
public:
    LlamaParser(const MarkerNames& names, CallIds ids);

private:
    void read(std::string_view text) override;
    void readEnd(AnswerEnd end) override;

    enum class Kind { unknown, text, maybeCall };

    std::string tag_;
    Kind kind_ = Kind::unknown;
    std::string held_;
};

}  // namespace moxie::engine

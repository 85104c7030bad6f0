// The grammar of an answer in one family's syntax: free text and reasoning, and calls that are what
// their tools' schemas say; or one JSON value of the response schema.
// Threads: one thread at a time.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/chat/chat_family.h"
#include "engine/chat/marked_text.h"
#include "engine/chat_model.h"
#include "engine/grammar/automaton.h"

namespace moxie::engine {

struct AnswerGrammar {
    Automaton automaton = {};
    Automaton::State start = Automaton::kDead;
    // What of the schemas is not enforced: "read.path: pattern is not enforced".
    std::vector<std::string> notes = {};
};

// Null: nothing constrains the answer (no tools, no response schema).
// `names`: those that are control tokens in this model.
// Fails: invalidInput (a call is required, but there is no tool, or none of that name).
base::Result<std::unique_ptr<AnswerGrammar>> compileAnswerGrammar(const ChatFamily& family,
                                                                  const MarkerNames& names,
                                                                  const ChatRequest& request);

}  // namespace moxie::engine

// The constraints of a model's answers, compiled once for each set of tools and kept with all the
// masks they have come to know.
// Threads: any thread. What it gives is used by one generation at a time.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/chat_model.h"
#include "engine/grammar/token_masks.h"
#include "engine/local/chat_format.h"

namespace moxie::engine {

class AnswerConstraints {
public:
    // Null: the answer is free. The tokenizer and the format outlive what is given.
    // Fails: what compileAnswerGrammar fails with.
    base::Result<std::shared_ptr<TokenMasks>> masksFor(const ChatRequest& request,
                                                       const ChatFormat& format,
                                                       const Tokenizer& tokenizer);

private:
    std::mutex mutex_;  // guards all below
    std::shared_ptr<const TokenTable> table_;
    std::vector<std::pair<std::string, std::shared_ptr<TokenMasks>>> known_;  // newest last
};

}  // namespace moxie::engine

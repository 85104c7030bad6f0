// Several models behind one ChatModel; see makeChain() in engine/open_model.h.
// The model that answered last is asked first, so that a conversation keeps its model and its
// prefix cache. A model that could not answer at all is left out from then on; when none is left,
// all are tried again. Threads: as ChatModel; streams refer to the chain, which must outlive them.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/chat_model.h"

namespace moxie::engine {

class ModelChain final : public ChatModel {
public:
    // Requires: at least one model.
    explicit ModelChain(std::vector<std::unique_ptr<ChatModel>> models);

    base::Result<std::unique_ptr<ChatStream>> start(ChatRequest request,
                                                    std::stop_token stop) override;
    // Of the model that would be asked first now.
    ModelLimits limits() const override;
    int64_t countTokens(std::string_view text) const override;
    std::string serialise(const ChatRequest& request) const override;

private:
    friend class ChainStream;

    struct Turn {
        size_t model = 0;
        std::string reason;
    };

    enum class Pictures : uint8_t { none, some };  // in the request

    // The first model that is not left out, and why it is this one. A request with pictures goes
    // past models that take none, which stay in for others.
    Turn firstTurn(Pictures pictures);
    // Leaves the model out. True: `turn` is the next one; false: there is none.
    bool nextTurn(Turn& turn, Pictures pictures, const base::Error& error);
    bool mayAnswer(size_t model, Pictures pictures) const;  // Requires: mutex_ is held
    ChatModel& current() const;
    std::string reasonFor(size_t model) const;

    const std::vector<std::unique_ptr<ChatModel>> models_;
    mutable std::mutex mutex_;           // guards failures_
    std::vector<std::string> failures_;  // why a model is left out; empty: it is not
};

}  // namespace moxie::engine

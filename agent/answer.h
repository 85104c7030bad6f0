// Reads one answer of the model off its stream, with bounds, and records what is to be seen while
// it comes. Threads: owner thread of the session only.
#pragma once
#include <optional>

#include "agent/recorder.h"
#include "base/clock.h"
#include "engine/chat_model.h"

namespace moxie::agent {

struct Answer {
    engine::Message message;  // what came, also when the stream failed
    engine::Finish finish;
    std::optional<engine::Usage> usage;
    std::optional<base::Error> failure;  // of the model; the message is partial then
    std::string model;                   // of ModelChosen, may be empty
    bool isUnreachable = false;          // attempts failed, and nothing came after the last one
};

// `lastModel`: the model that answered before; a change is recorded. Fails: only when the log
// cannot be written.
base::Result<Answer> readAnswer(engine::ChatStream& stream, Recorder& recorder, base::Clock& clock,
                                engine::ModelChosen& lastModel);

// Collects pieces of text and gives them out about ten times a second.
class Batch {
public:
    explicit Batch(base::Clock& clock) : clock_(clock), lastMs_(clock.steadyMs()) {}

    void add(std::string_view text) { text_ += text; }

    bool isDue() const {
        return !text_.empty() &&
               (text_.size() >= 4096 || clock_.steadyMs() - lastMs_ >= kIntervalMs);
    }

    // What was collected, as valid UTF-8; an unfinished character at the end stays for the next.
    std::string take(bool isLast);

    bool isEmpty() const { return text_.empty(); }

    void clear() { text_.clear(); }

private:
    static constexpr int64_t kIntervalMs = 100;

    base::Clock& clock_;
    int64_t lastMs_ = 0;
    std::string text_;
};

}  // namespace moxie::agent

// Which source of drafts is asked before the next step, and for how many tokens: none, what stood
// in the conversation before, or the model's own drafter. Decided by the time that steps took:
// each source keeps a balance of the seconds it has won and lost against plain steps, and drafts no
// more than it can pay for if all of it is wrong; a small part of all the time is lent to it.
// Threads: one thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace moxie::engine {

enum class DraftSource { none, lookup, block };

struct DraftStep {
    DraftSource source = DraftSource::none;
    int64_t drafted = 0;        // proposed tokens
    int64_t given = 0;          // tokens of the text that came out
    double seconds = 0;         // drafting and checking together
    double catchUpSeconds = 0;  // of these: the drafter read what it had left out while not asked
};

class DraftGate {
public:
    DraftGate() = default;

    // A model's drafter that guesses that many tokens at once, for the price of one.
    explicit DraftGate(int64_t blockTokens) {
        arms_[1] = {.draftTokens = blockTokens, .draftTokensMin = 1, .draftTokensMax = blockTokens};
    }

    // Those of `sources` that may draft before the next step, the quickest per token first.
    std::vector<DraftSource> order(std::span<const DraftSource> sources) const;
    // Tokens to ask of a source; 0: it cannot pay for a wrong one.
    int64_t draftTokens(DraftSource source) const;
    void record(const DraftStep& step);

private:
    // Seconds per token of the last steps.
    struct Pace {
        double seconds = 0, tokens = 0;

        void add(double stepSeconds, int64_t stepTokens);

        bool isKnown() const { return tokens > 0; }

        double perToken() const { return isKnown() ? seconds / tokens : 0; }
    };

    struct Arm {
        Pace pace = {};
        Pace drafts = {};  // what drafted tokens cost, beyond a plain step
        int64_t draftTokens = 0, draftTokensMin = 0, draftTokensMax = 0;
        double balance = 0;  // seconds won against plain steps
        double trial = 0;    // the same since it was let in last, without catching up
    };

    const Arm& arm(DraftSource source) const;
    void adapt(Arm& arm, const DraftStep& step) const;

    double plainSeconds() const;

    std::vector<double> plain_;  // seconds of the last plain steps, the newest last
    int64_t stepsSincePlain_ = 0;
    double elapsed_ = 0;
    // A block's second guess starts from its own first one and is worse: fewer of them.
    std::array<Arm, 2> arms_ = {
        Arm{.draftTokens = 2, .draftTokensMin = 2, .draftTokensMax = 16},
        Arm{.draftTokens = 1, .draftTokensMin = 1, .draftTokensMax = 4}};  // lookup, block
};

}  // namespace moxie::engine

// What the last few tokens wrote over in a frontier, so that they can be taken back to the bit:
// slots of windows, rows of open compression blocks, halves of blocks before. For drafts that turn
// out wrong and for chunks that were stopped half way.
// Threads: one thread, the timeline's.
#pragma once
#include <cstdint>
#include <vector>

namespace moxie::engine {

// The most tokens of one chunk that is logged; longer ones copy the whole frontier.
constexpr int64_t kLoggedTokensMax = 17;

class FrontierLog {
public:
    // Forgets what it held; from now on it follows a timeline of `begin` tokens.
    void start(int64_t begin);
    // Forgets what it held; nothing can be undone until it is started again.
    void stop();

    // Whether undo() leads back to `count` tokens.
    bool reaches(int64_t count) const { return isOpen_ && count >= begin_; }

    int64_t begin() const { return begin_; }

    // The token at `position` is about to write over `count` floats that hold `old`. `place` must
    // stay where it is until stop() or start().
    void keep(int64_t position, float* place, const float* old, int64_t count);

    // Puts back what tokens from position `count` on wrote over. Requires: reaches(count).
    void undo(int64_t count);

    int64_t bytes() const;

private:
    struct Entry {
        int64_t position = 0;
        float* place = nullptr;
        int64_t at = 0;  // in floats_
        int64_t count = 0;
    };

    bool isOpen_ = false;
    int64_t begin_ = 0;
    std::vector<Entry> entries_;  // as they were written
    std::vector<float> floats_;
};

}  // namespace moxie::engine

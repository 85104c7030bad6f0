// The blocks of one session's conversation for a BlockCanvas. Holds the snapshot and counts; texts
// are made when a block is looked at. Opening a session counts the blocks of its turns and nothing
// else; what would have to be parsed for that, beyond half a megabyte, is counted on a worker and
// appears above what is there already. Threads: GUI thread only.
#pragma once
#include <list>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "app/desktop/canvas/block_source.h"
#include "app/desktop/core/fenwick_tree.h"
#include "app/desktop/model/conversation.h"
#include "app/desktop/model/conversation_model.h"
#include "app/desktop/screens/conversation/answer_text.h"
#include "app/desktop/screens/conversation/part_text.h"
#include "app/desktop/screens/conversation/turn_spans.h"
#include "base/clock.h"

namespace moxie::desktop {

class Worker;

// What a block is part of. Indices, not the numbers in the events.
struct BlockPlace {
    int64_t turn = 0;
    TurnSpan span = {};
    int32_t piece = 0;  // block of the span
};

class ConversationSource final : public BlockSource {
    Q_OBJECT

public:
    // Whether a turn ends with buttons: copy, resend, rate.
    enum class Buttons : uint8_t { shown, none };

    // `clock` gives the time that running steps are measured against and must outlive this.
    explicit ConversationSource(const base::Clock& clock, QObject* parent = nullptr,
                                Buttons buttons = Buttons::shown);
    ~ConversationSource() override;

    // Everything anew. What the user folded himself is kept.
    void load(const Conversation& conversation);
    // `changes` lead from what was given last to `conversation`.
    void take(const Conversation& conversation, const std::vector<ConversationChange>& changes);

    const Conversation& conversation() const { return conversation_; }

    Density density() const { return density_; }

    // Emits reset().
    void setDensity(Density density);

    // The elapsed times of what runs are different now.
    void tick();

    // Requires: 0 <= block < blockCount().
    BlockPlace placeOf(int64_t block) const;

    // Where a turn begins. Requires: 0 <= turn <= number of turns.
    int64_t firstBlockOf(int64_t turn) const { return blocks_.top(turn); }

    // Old turns of a long session are counted in the background; until then they have no blocks.
    bool isCounted(int64_t turn) const { return !spans_[size_t(turn)].empty(); }

    // The card of a tool call, its turn's steps opened for it; -1: there is none.
    int64_t openCall(const std::string& callId);

    // The text of a code block, all of its pieces; empty: it is none.
    QString codeOf(int64_t block) const;
    QString languageOf(int64_t block) const;
    // Files that a code block may be meant for, the likeliest first.
    std::vector<std::string> targetsOf(int64_t block) const;

    // By the numbers of the turns.
    void setRatings(std::map<int32_t, Rating> ratings);

    // True once after a find opened a fold: the match may be in another block now.
    bool takeHasUnfolded() { return std::exchange(hasUnfolded_, false); }

    // ---- BlockSource
    int64_t blockCount() const override { return blockCount_; }

    BlockHead head(int64_t block) const override;
    int64_t textLength(int64_t block) const override;
    QString plainText(int64_t block) const override;
    QString markdown(int64_t block) const override;
    void compose(int64_t block, QTextDocument& document, const Look& look) const override;
    void setFold(int64_t block, Fold fold) override;

signals:
    // The old turns have their blocks; spliced() told it already.
    void allCounted();

private:
    struct KnownText {
        int64_t turn = 0;
        int32_t item = 0;
        AnswerText text = {};
    };

    // The blocks of a turn that look different, counted from its first.
    struct Difference {
        std::vector<std::pair<int32_t, int32_t>> changed;  // first, count; the same thing as before
        int32_t same = 0;  // blocks before this show the same things as before
    };

    TurnWish wishOf(int64_t turn) const;
    Fold foldAt(const BlockPlace& place) const;
    PartText partOf(const BlockPlace& place) const;
    PartText itemPart(const BlockPlace& place) const;
    QString hiddenText(int64_t turn) const;
    std::vector<RichPicture> picturesOf(int64_t turn) const;
    void makeThumbnails(int64_t turn, const TurnPictures& pictures) const;
    void takeThumbnails(int64_t turn, const TurnPictures& pictures, std::vector<QImage> made);
    Rating ratingOf(int64_t turn) const;
    bool isKnown(int64_t turn, int32_t item) const;
    AnswerText& textOf(int64_t turn, int32_t item) const;
    void countAll();
    void countLater(int64_t turns);
    void takeCounted(std::vector<std::vector<TurnSpan>> counted);
    void updateTurn(int64_t turn, const std::vector<int32_t>& items, const Turn* before);
    std::vector<TurnSpan> recount(int64_t turn, const std::vector<int32_t>& items);
    Difference difference(int64_t turn, const std::vector<TurnSpan>& now,
                          const std::vector<int32_t>& items, const Turn* before) const;
    void tell(int64_t turn, const Difference& difference, int32_t countBefore);

    struct Thumbnails {
        TurnPictures of = {};
        std::vector<QImage> images = {};  // empty: being made
    };

    const base::Clock& clock_;
    const Buttons buttons_;
    std::map<int32_t, Rating> ratings_;
    mutable std::list<Thumbnails> thumbnails_;  // the last used first
    Conversation conversation_;
    Density density_ = Density::normal;
    std::map<int64_t, TurnFolds> folds_;
    std::vector<std::vector<TurnSpan>> spans_;  // of each turn; empty: not counted yet
    FenwickTree blocks_;                        // of each turn
    int64_t blockCount_ = 0;
    mutable std::list<KnownText> texts_;       // parsed, the last used first
    std::map<int32_t, int64_t> firstChanged_;  // pieces of texts that grew, while updating a turn
    mutable int64_t nearTurn_ = -1,
                    nearBlock_ = 0;  // of the last placeOf(): blocks are asked in order
    bool hasUnfolded_ = false;
    int64_t generation_ = 0;                  // of counting
    mutable std::unique_ptr<Worker> worker_;  // made when first needed
};

}  // namespace moxie::desktop

#include "app/desktop/screens/conversation/conversation_source.h"

#include <algorithm>
#include <utility>

#include "app/desktop/core/worker.h"
#include "app/desktop/model/code_application.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/shell/picture.h"

namespace moxie::desktop {

namespace {

constexpr size_t kTextsMax = 24;
constexpr size_t kThumbnailsMax = 16;  // messages
constexpr int64_t kTextBytesMax = 8 << 20;
constexpr int64_t kCountBytes = 512 << 10;  // of Markdown on the GUI thread: about 8 ms

// Pieces of a finished text; a text that still grows is counted by its AnswerText.
int32_t countFinished(int32_t /*item*/, const TextItem& text) {
    return countPieces(text.text);
}

int64_t textBytes(const Turn& turn) {
    int64_t bytes = 0;
    for (int64_t i = 0; i < turn.items.size(); ++i)
        if (const auto* text = turn.items[i].as<TextItem>()) bytes += int64_t(text->text.size());
    return bytes;
}

std::string_view pieceOf(std::string_view text, int32_t piece) {
    const std::vector<int32_t> ends = cutPlainText(text);
    if (size_t(piece) >= ends.size()) return {};
    const int32_t begin = piece == 0 ? 0 : ends[size_t(piece) - 1];
    return text.substr(size_t(begin), size_t(ends[size_t(piece)] - begin));
}

bool contains(const std::vector<int32_t>& items, int32_t item) {
    return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

ConversationSource::ConversationSource(const base::Clock& clock, QObject* parent, Buttons buttons)
    : BlockSource(parent),
      clock_(clock),
      buttons_(buttons) {}

ConversationSource::~ConversationSource() = default;

// ---- counting

TurnWish ConversationSource::wishOf(int64_t turn) const {
    const auto own = folds_.find(turn);
    return {density_, own == folds_.end() ? nullptr : &own->second};
}

void ConversationSource::load(const Conversation& conversation) {
    conversation_ = conversation;
    texts_.clear();
    countAll();
    emit reset();
}

void ConversationSource::setDensity(Density density) {
    if (density == density_) return;
    density_ = density;
    folds_.clear();
    countAll();
    emit reset();
}

// From the end, because that is what one sees first.
void ConversationSource::countAll() {
    ++generation_;
    nearTurn_ = -1;
    const int64_t nTurns = conversation_.turns.size();
    spans_.assign(size_t(nTurns), {});
    std::vector<int64_t> counts(size_t(nTurns), 0);
    int64_t bytes = 0;
    int64_t turn = nTurns - 1;
    for (; turn >= 0; --turn) {
        bytes += textBytes(conversation_.turns[turn]);
        if (bytes > kCountBytes && turn < nTurns - 1) break;
        spans_[size_t(turn)] = recount(turn, {});
        counts[size_t(turn)] = countOf(spans_[size_t(turn)]);
    }
    blocks_.assign(std::move(counts));
    blockCount_ = blocks_.total();
    if (turn >= 0) countLater(turn + 1);
}

// Counts the first `turns` turns, which do not change any more.
void ConversationSource::countLater(int64_t turns) {
    if (!worker_) worker_ = std::make_unique<Worker>();
    worker_->run(
        *this,
        [conversation = conversation_, folds = folds_, density = density_,
         turns](const std::stop_token& stop) {
            std::vector<std::vector<TurnSpan>> counted;
            for (int64_t turn = 0; turn < turns && !stop.stop_requested(); ++turn) {
                const auto own = folds.find(turn);
                counted.push_back(spansOf(conversation.turns[turn],
                                          {density, own == folds.end() ? nullptr : &own->second},
                                          countFinished));
            }
            return counted;
        },
        [this, generation = generation_](std::vector<std::vector<TurnSpan>> counted) {
            if (generation == generation_) takeCounted(std::move(counted));
        });
}

void ConversationSource::takeCounted(std::vector<std::vector<TurnSpan>> counted) {
    std::vector<int64_t> counts;
    for (const std::vector<TurnSpan>& spans : counted)
        counts.push_back(countOf(spans));
    std::move(counted.begin(), counted.end(), spans_.begin());
    for (int64_t turn = int64_t(counts.size()); turn < blocks_.size(); ++turn)
        counts.push_back(blocks_.height(turn));
    blocks_.assign(std::move(counts));
    const int64_t before = blockCount_;
    blockCount_ = blocks_.total();
    nearTurn_ = -1;
    emit spliced(0, 0, blockCount_ - before);
    emit allCounted();
}

// The spans of a turn in which `items` changed; the texts of the others are counted already.
std::vector<TurnSpan> ConversationSource::recount(int64_t turn, const std::vector<int32_t>& items) {
    firstChanged_.clear();
    std::map<int32_t, int32_t> known;
    for (const TurnSpan& span : spans_[size_t(turn)])
        if (span.kind == PartKind::text && !contains(items, span.item))
            known[span.item] = span.count;
    const auto count = [&](int32_t item, const TextItem& text) {
        if (const auto there = known.find(item); there != known.end()) return there->second;
        const bool isGrowing = text.isStreaming || contains(items, item);
        if (!isGrowing) return countFinished(item, text);
        const bool wasKnown = isKnown(turn, item);
        AnswerText& growing = textOf(turn, item);
        const int64_t first = growing.show(
            text.text, text.isStreaming ? AnswerText::Growth::open : AnswerText::Growth::finished);
        firstChanged_[item] = wasKnown ? first : 0;
        return int32_t(growing.pieces().size());
    };
    return spansOf(conversation_.turns[turn], wishOf(turn), count);
}

// ---- changes

void ConversationSource::take(const Conversation& conversation,
                              const std::vector<ConversationChange>& changes) {
    using Kind = ConversationChange::Kind;
    if (conversation.turns.size() < int64_t(spans_.size())) return load(conversation);
    const Conversation before = std::exchange(conversation_, conversation);
    std::map<int64_t, std::vector<int32_t>> touched;
    for (const ConversationChange& change : changes) {
        if (change.kind == Kind::session) continue;
        std::vector<int32_t>& items = touched[change.turn];
        const bool isItem = change.kind == Kind::itemAdded || change.kind == Kind::itemChanged;
        if (isItem && !contains(items, int32_t(change.item))) items.push_back(int32_t(change.item));
        if (change.kind == Kind::itemsCut)
            texts_.remove_if([&](const KnownText& text) {
                return text.turn == change.turn && text.item >= change.item;
            });
    }
    while (int64_t(spans_.size()) < conversation_.turns.size()) {
        touched[int64_t(spans_.size())];
        spans_.emplace_back();
        blocks_.append(0);
    }
    for (const auto& [turn, items] : touched)
        if (turn < conversation_.turns.size())
            updateTurn(turn, items, turn < before.turns.size() ? &before.turns[turn] : nullptr);
}

void ConversationSource::updateTurn(int64_t turn, const std::vector<int32_t>& items,
                                    const Turn* before) {
    std::vector<TurnSpan> now = recount(turn, items);
    const Difference different = difference(turn, now, items, before);
    const int32_t countBefore = countOf(spans_[size_t(turn)]);
    spans_[size_t(turn)] = std::move(now);
    const int32_t count = countOf(spans_[size_t(turn)]);
    blocks_.set(turn, count);
    blockCount_ += count - countBefore;
    nearTurn_ = -1;
    tell(turn, different, countBefore);
}

ConversationSource::Difference ConversationSource::difference(int64_t turn,
                                                              const std::vector<TurnSpan>& now,
                                                              const std::vector<int32_t>& items,
                                                              const Turn* before) const {
    const Turn& after = conversation_.turns[turn];
    const std::vector<TurnSpan>& old = spans_[size_t(turn)];
    Difference different;
    for (size_t i = 0; i < std::min(old.size(), now.size()); ++i) {
        if (old[i].kind != now[i].kind || old[i].item != now[i].item) break;
        const int32_t both = std::min(old[i].count, now[i].count);
        int32_t first = both;  // of the blocks that look different
        if (contains(items, now[i].item)) {
            const auto grown = firstChanged_.find(now[i].item);
            first = grown == firstChanged_.end() ? 0 : std::min(both, int32_t(grown->second));
        }
        const bool isSummary = now[i].kind == PartKind::summary;
        if (isSummary && (before == nullptr || before->summary != after.summary)) first = 0;
        const bool isEnd = now[i].kind == PartKind::end;
        if (isEnd && (before == nullptr || before->isRunning != after.isRunning ||
                      before->status != after.status ||
                      (after.isRunning && activityText(*before) != activityText(after))))
            first = 0;
        if (first < both) different.changed.emplace_back(now[i].first + first, both - first);
        different.same = now[i].first + both;
        if (old[i].count != now[i].count) break;
    }
    return different;
}

// Blocks that come are told as "changed" where old ones stood, and appended behind them: so the
// canvas does not begin anew while an answer grows above the turn's last line.
void ConversationSource::tell(int64_t turn, const Difference& different, int32_t countBefore) {
    const int64_t base = blocks_.top(turn);
    const int32_t count = countOf(spans_[size_t(turn)]);
    const int32_t both = std::min(count, countBefore);
    if (count < countBefore) emit spliced(base + count, countBefore - count, 0);
    for (const auto& [first, n] : different.changed)
        emit changed(base + first, n);
    if (different.same < both) emit changed(base + different.same, both - different.same);
    if (count > countBefore) emit spliced(base + countBefore, 0, count - countBefore);
}

void ConversationSource::tick() {
    const int64_t turn = conversation_.turns.size() - 1;
    if (turn < 0 || !conversation_.turns[turn].isRunning) return;
    const int32_t running = runningItemOf(conversation_.turns[turn]);
    const int64_t base = blocks_.top(turn);
    for (const TurnSpan& span : spans_[size_t(turn)]) {
        const bool isRunning = span.kind == PartKind::end || (running >= 0 && span.item == running);
        if (isRunning) emit changed(base + span.first, 1);
    }
}

void ConversationSource::setFold(int64_t block, Fold fold) {
    const BlockPlace place = placeOf(block);
    if (foldAt(place) == fold || fold == Fold::none) return;
    TurnFolds& folds = folds_[place.turn];
    if (place.span.kind == PartKind::summary)
        folds.steps = fold;
    else
        folds.items[place.span.item] = fold;
    hasUnfolded_ = fold == Fold::open;
    updateTurn(place.turn, {}, &conversation_.turns[place.turn]);
    emit changed(block, 1);
}

// ---- places

BlockPlace ConversationSource::placeOf(int64_t block) const {
    const bool isNear =
        nearTurn_ >= 0 && block >= nearBlock_ && block < nearBlock_ + blocks_.height(nearTurn_);
    if (!isNear) {
        const bool isNext = nearTurn_ >= 0 && nearTurn_ + 1 < blocks_.size() &&
                            block == nearBlock_ + blocks_.height(nearTurn_) &&
                            blocks_.height(nearTurn_ + 1) > 0;
        nearBlock_ = isNext ? block : -1;
        nearTurn_ = isNext ? nearTurn_ + 1 : blocks_.rowAt(block);
        if (!isNext) nearBlock_ = blocks_.top(nearTurn_);
    }
    const std::vector<TurnSpan>& spans = spans_[size_t(nearTurn_)];
    const auto inTurn = int32_t(block - nearBlock_);
    const auto behind =
        std::upper_bound(spans.begin(), spans.end(), inTurn,
                         [](int32_t at, const TurnSpan& span) { return at < span.first; });
    return {nearTurn_, *(behind - 1), inTurn - (behind - 1)->first};
}

bool ConversationSource::isKnown(int64_t turn, int32_t item) const {
    return std::any_of(texts_.begin(), texts_.end(), [&](const KnownText& text) {
        return text.turn == turn && text.item == item;
    });
}

AnswerText& ConversationSource::textOf(int64_t turn, int32_t item) const {
    const auto known = std::find_if(texts_.begin(), texts_.end(), [&](const KnownText& text) {
        return text.turn == turn && text.item == item;
    });
    if (known != texts_.end()) {
        texts_.splice(texts_.begin(), texts_, known);
        return texts_.front().text;
    }
    int64_t bytes = 0;
    size_t kept = 0;
    for (auto it = texts_.begin(); it != texts_.end();) {
        bytes += it->text.bytes();
        const bool isTooMuch = ++kept >= kTextsMax || bytes > kTextBytesMax;
        it = isTooMuch ? texts_.erase(it) : std::next(it);
    }
    texts_.push_front({turn, item, {}});
    const auto& text = conversation_.turns[turn].items[item].get<TextItem>();
    texts_.front().text.show(
        text.text, text.isStreaming ? AnswerText::Growth::open : AnswerText::Growth::finished);
    return texts_.front().text;
}

int64_t ConversationSource::openCall(const std::string& callId) {
    for (int64_t turn = conversation_.turns.size() - 1; turn >= 0; --turn) {
        const SharedList<Item>& items = conversation_.turns[turn].items;
        for (int64_t item = items.size() - 1; item >= 0; --item) {
            const auto* card = items[item].as<ToolCard>();
            if (card == nullptr || card->callId != callId || !isCounted(turn)) continue;
            if (!areStepsOpen(wishOf(turn))) {
                folds_[turn].steps = Fold::open;
                updateTurn(turn, {}, &conversation_.turns[turn]);
            }
            for (const TurnSpan& span : spans_[size_t(turn)])
                if (span.item == item) return blocks_.top(turn) + span.first;
        }
    }
    return -1;
}

QString ConversationSource::codeOf(int64_t block) const {
    const BlockPlace place = placeOf(block);
    if (place.span.kind != PartKind::text) return {};
    const MarkdownBlock& shown = textOf(place.turn, place.span.item).blockOf(place.piece);
    return shown.kind == BlockKind::code ? fromUtf8(shown.text) : QString();
}

QString ConversationSource::languageOf(int64_t block) const {
    const BlockPlace place = placeOf(block);
    if (place.span.kind != PartKind::text) return {};
    return fromUtf8(textOf(place.turn, place.span.item).blockOf(place.piece).language);
}

std::vector<std::string> ConversationSource::targetsOf(int64_t block) const {
    const BlockPlace place = placeOf(block);
    if (place.span.kind != PartKind::text) return {};
    const AnswerText& text = textOf(place.turn, place.span.item);
    return targetsOfCode(text.blocks(), size_t(text.pieces()[size_t(place.piece)].block),
                         conversation_.turns[place.turn]);
}

// ---- ratings and pictures

Rating ConversationSource::ratingOf(int64_t turn) const {
    const auto found = ratings_.find(conversation_.turns[turn].number);
    return found == ratings_.end() ? Rating::none : found->second;
}

void ConversationSource::setRatings(std::map<int32_t, Rating> ratings) {
    const std::map<int32_t, Rating> before = std::exchange(ratings_, std::move(ratings));
    for (int64_t turn = 0; turn < int64_t(spans_.size()) && before != ratings_; ++turn) {
        const int32_t number = conversation_.turns[turn].number;
        const auto old = before.find(number);
        if (ratingOf(turn) == (old == before.end() ? Rating::none : old->second)) continue;
        if (!isCounted(turn) || spans_[size_t(turn)].back().kind != PartKind::end) continue;
        emit changed(blocks_.top(turn) + spans_[size_t(turn)].back().first, 1);
    }
}

std::vector<RichPicture> ConversationSource::picturesOf(int64_t turn) const {
    const TurnPictures& pictures = conversation_.turns[turn].pictures;
    const auto known = std::find_if(thumbnails_.begin(), thumbnails_.end(),
                                    [&](const Thumbnails& one) { return one.of == pictures; });
    if (known == thumbnails_.end())
        makeThumbnails(turn, pictures);
    else
        thumbnails_.splice(thumbnails_.begin(), thumbnails_, known);
    std::vector<RichPicture> shown(pictures->size());
    const std::vector<QImage>& images = thumbnails_.front().images;
    for (size_t i = 0; i < std::min(images.size(), shown.size()); ++i) {
        const QSize size = images[i].size();
        const bool isLarge = std::max(size.width(), size.height()) > kThumbnailEdge;
        shown[i] = {
            images[i],
            isLarge ? size.scaled(kThumbnailEdge, kThumbnailEdge, Qt::KeepAspectRatio) : size};
    }
    return shown;
}

void ConversationSource::makeThumbnails(int64_t turn, const TurnPictures& pictures) const {
    thumbnails_.push_front({.of = pictures});
    if (thumbnails_.size() > kThumbnailsMax) thumbnails_.pop_back();
    if (!worker_) worker_ = std::make_unique<Worker>();
    auto* self = const_cast<ConversationSource*>(this);  // what is shown of it changes later
    worker_->run(
        *self,
        [pictures](const std::stop_token& stop) {
            std::vector<QImage> made;
            for (const engine::Image& image : *pictures)
                if (!stop.stop_requested()) made.push_back(thumbnailOf(image));
            return made;
        },
        [self, turn, pictures](std::vector<QImage> made) {
            self->takeThumbnails(turn, pictures, std::move(made));
        });
}

void ConversationSource::takeThumbnails(int64_t turn, const TurnPictures& pictures,
                                        std::vector<QImage> made) {
    const auto wanted = std::find_if(thumbnails_.begin(), thumbnails_.end(),
                                     [&](const Thumbnails& one) { return one.of == pictures; });
    if (wanted == thumbnails_.end()) return;
    wanted->images = std::move(made);
    const bool isThere =
        turn < int64_t(spans_.size()) && conversation_.turns[turn].pictures == pictures;
    if (!isThere) return emit reset();  // older turns came before it
    for (const TurnSpan& span : spans_[size_t(turn)])
        if (span.kind == PartKind::pictures) emit changed(blocks_.top(turn) + span.first, 1);
}

// ---- texts

Fold ConversationSource::foldAt(const BlockPlace& place) const {
    const TurnWish wish = wishOf(place.turn);
    if (place.span.kind == PartKind::summary) return areStepsOpen(wish) ? Fold::open : Fold::folded;
    if (place.span.item < 0) return Fold::none;
    return foldOf(conversation_.turns[place.turn].items[place.span.item], place.span.item, wish);
}

PartText ConversationSource::itemPart(const BlockPlace& place) const {
    const Item& item = conversation_.turns[place.turn].items[place.span.item];
    const Fold fold = foldAt(place);
    const int64_t nowMs = clock_.wallMs();
    switch (place.span.kind) {
        case PartKind::reasoning: {
            const auto& reasoning = item.get<ReasoningItem>();
            const std::string_view all = reasoning.text;
            PartText part =
                reasoningPart(reasoning, fold == Fold::folded ? all : pieceOf(all, place.piece),
                              place.piece, nowMs);
            if (place.piece == 0) part.head.fold = fold;
            return part;
        }
        case PartKind::tool:
            return toolPart(item.get<ToolCard>(), fold, nowMs);
        case PartKind::check:
            return checkPart(item.get<CheckItem>(), fold);
        case PartKind::commit:
            return commitPart(item.get<CommitItem>());
        case PartKind::notice:
            return noticePart(item.get<NoticeItem>());
        default:
            return answerPart(textOf(place.turn, place.span.item), place.piece);
    }
}

PartText ConversationSource::partOf(const BlockPlace& place) const {
    const Turn& turn = conversation_.turns[place.turn];
    switch (place.span.kind) {
        case PartKind::message: {
            PartText part = messagePart(pieceOf(turn.task, place.piece), place.piece);
            if (place.turn == 0 && place.piece == 0) part.head.gapAbove = 2;
            return part;
        }
        case PartKind::pictures:
            return picturesPart(picturesOf(place.turn));
        case PartKind::summary:
            return summaryPart(turn, foldAt(place));
        case PartKind::end:
            if (buttons_ == Buttons::none) return asideEndPart(turn, clock_.wallMs());
            return endPart(turn,
                           {.steps = areStepsOpen(wishOf(place.turn)) ? Fold::open : Fold::folded,
                            .nowMs = clock_.wallMs(),
                            .rating = ratingOf(place.turn)});
        default:
            return itemPart(place);
    }
}

// What the folded steps of a turn say, so that find sees it.
QString ConversationSource::hiddenText(int64_t turn) const {
    const Turn& shown = conversation_.turns[turn];
    QString text;
    const int32_t lastTool = lastToolOf(shown);
    for (int64_t i = 0; i < shown.items.size(); ++i) {
        const Item& item = shown.items[i];
        if (const auto* reasoning = item.as<ReasoningItem>())
            text += fromUtf8(reasoning->text) + QLatin1Char('\n');
        if (const auto* card = item.as<ToolCard>())
            text += plainTextOf(toolPart(*card, Fold::open, 0).text) + QLatin1Char('\n');
        if (const auto* said = item.as<TextItem>(); said != nullptr && i < lastTool)
            text += fromUtf8(said->text) + QLatin1Char('\n');
    }
    return text;
}

BlockHead ConversationSource::head(int64_t block) const {
    return partOf(placeOf(block)).head;
}

int64_t ConversationSource::textLength(int64_t block) const {
    const BlockPlace place = placeOf(block);
    return place.span.length / std::max(1, place.span.count);
}

QString ConversationSource::plainText(int64_t block) const {
    const BlockPlace place = placeOf(block);
    if (place.span.kind == PartKind::summary)
        return foldAt(place) == Fold::folded ? hiddenText(place.turn) : QString();
    return plainTextOf(partOf(place).text);
}

QString ConversationSource::markdown(int64_t block) const {
    PartText part = partOf(placeOf(block));
    return part.markdown.isEmpty() ? plainTextOf(part.text) : part.markdown;
}

void ConversationSource::compose(int64_t block, QTextDocument& document, const Look& look) const {
    write(partOf(placeOf(block)).text, document, look);
}

}  // namespace moxie::desktop

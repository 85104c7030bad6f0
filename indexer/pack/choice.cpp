#include "indexer/pack/choice.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "indexer/language.h"

namespace moxie::indexer {
namespace {

constexpr double kSkeletonShareOfFull = 0.11;  // measured: 9 to 13 %
constexpr double kOverheadTokens = 12;         // of any upgrade: keeps crumbs from winning
constexpr int32_t kMissesMax = 400;            // upgrades in a row that did not fit
constexpr int32_t kLearnedMax = 50;            // counts that the scale of estimates comes from
constexpr int64_t kLeftMin = 16;
// What a form is worth beside the text itself.
constexpr double kSkeletonWorth = 0.12, kDocumentedWorth = 0.03, kSignatureWorth = 0.05;
constexpr double kBackground = 2e-4;    // worth of any skeleton: names to ask for
constexpr double kGlueWorth = 0.4;      // of lines between functions against a function
constexpr double kWritingWorth = 0.02;  // of a full file over all its functions
constexpr double kMachineFactor = 0.1;  // for what a program wrote
// Below this a token of context is worth less than its distraction.
constexpr double kGainFloorPerToken = 1e-9;
// Share of the budget for a skeleton of everything.
constexpr double kSkeletonShare = 0.12;
constexpr double kSmallSkeletonShare = 0.06;  // below kLargeBudgetMin, where functions matter more
constexpr int64_t kLargeBudgetMin = 256'000;
constexpr int64_t kSkeletonBudgetMin = 48'000;
constexpr int64_t kCalleeBudgetMax = 64'000;
constexpr int32_t kCalleesAskedMax = 40;  // functions whose callees are looked up

// Measured with DeepSeek's tokenizer (bytes per token).
double bytesPerToken(const Language& language) {
    switch (language.grammar) {
        case Grammar::c:
            return 3.2;
        case Grammar::cpp:
            return 3.5;
        case Grammar::python:
            return 3.9;
        case Grammar::typescript:
        case Grammar::tsx:
        case Grammar::javascript:
            return 4.8;
        default:
            return language.isData ? 3.0 : 3.6;
    }
}

}  // namespace

bool Choice::IsWorse::operator()(const Upgrade& a, const Upgrade& b) const {
    if (a.priority != b.priority) return a.priority < b.priority;
    return std::tie(a.file, a.unit, a.at) > std::tie(b.file, b.unit, b.at);
}

Choice::Choice(const ChoiceInput& input)
    : in_(input),
      view_(input.reading.view()),
      shapes_(view_.files.size()),
      tokens_(view_.files.size(), 0),
      factors_(view_.files.size(), 1),
      isLookedAt_(view_.files.size(), 0),
      chunkTokens_(view_.chunks.size(), -1),
      left_(input.tokens) {
    for (size_t i = 0; i < factors_.size(); i++)
        if (in_.facts[i].sameAs >= 0 || !in_.facts[i].hasText) factors_[i] = 0;
}

const LiveBlob& Choice::blobOf(int32_t file) const {
    return view_.blobs[size_t(view_.files[size_t(file)].blob)];
}

double Choice::estimate(int32_t file, double bytes) const {
    const double tokens = bytes / bytesPerToken(language(blobOf(file).language)) + 1;
    return tokens * counted_ / estimated_;
}

// From the first counts only: enough to know a counter's scale.
void Choice::learn(int32_t file, double bytes, int64_t tokens) {
    if (learned_++ >= kLearnedMax) return;
    estimated_ += bytes / bytesPerToken(language(blobOf(file).language));
    counted_ += double(tokens);
}

double Choice::roughCost(const Upgrade& upgrade) const {
    const LiveBlob& blob = blobOf(upgrade.file);
    const auto bytes = double(blob.bytes);
    const auto held = double(tokens_[size_t(upgrade.file)]);
    switch (upgrade.unit) {
        case Unit::signature:
            return estimate(upgrade.file, 60);
        case Unit::skeleton:
            return estimate(upgrade.file, bytes * kSkeletonShareOfFull + 20);
        case Unit::documented:
            return held * 1.5;
        case Unit::full:
            return std::max(1.0, estimate(upgrade.file, bytes) - held);
        case Unit::chunk:
            break;
    }
    const LiveChunk& chunk = view_.chunks[size_t(upgrade.at)];
    return estimate(upgrade.file, bytes * (chunk.lineLast - chunk.lineFirst + 1) /
                                      double(std::max<int64_t>(1, blob.lines)));
}

double Choice::worthOf(int32_t chunk) const {
    return in_.need.chunks[size_t(chunk)] * (view_.chunks[size_t(chunk)].symbol ? 1 : kGlueWorth);
}

double Choice::gain(const Upgrade& upgrade) const {
    const auto file = size_t(upgrade.file);
    const PackShape& shape = shapes_[file];
    const double factor = factors_[file], needed = in_.need.files[file] * factor;
    switch (upgrade.unit) {
        case Unit::signature:
            return kSignatureWorth * 0.1;
        case Unit::skeleton:
            return kSkeletonWorth * needed + kBackground * factor;
        case Unit::documented:
            return kDocumentedWorth * needed;
        case Unit::chunk:
            return worthOf(upgrade.at) * factor;
        case Unit::full:
            break;
    }
    const LiveBlob& blob = blobOf(upgrade.file);
    double sum = kWritingWorth * in_.need.files[file];
    for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
        if (!std::binary_search(shape.chunks.begin(), shape.chunks.end(), c)) sum += worthOf(c);
    return sum * factor;
}

bool Choice::isOpen(const Upgrade& upgrade) const {
    const PackShape& shape = shapes_[size_t(upgrade.file)];
    if (shape.isFull) return false;
    switch (upgrade.unit) {
        case Unit::signature:
            return shape.signatures == PackSignatures::none ||
                   (shape.signatures == PackSignatures::named &&
                    !std::binary_search(shape.named.begin(), shape.named.end(), upgrade.at));
        case Unit::skeleton:
            return shape.signatures < PackSignatures::all;
        case Unit::documented:
            return shape.signatures == PackSignatures::all;
        case Unit::chunk:
            return !std::binary_search(shape.chunks.begin(), shape.chunks.end(), upgrade.at);
        case Unit::full:
            return true;
    }
    return false;
}

base::Result<int64_t> Choice::tokensOf(int32_t file, const PackShape& shape) {
    TRY_ASSIGN(const std::vector<PackPart> parts, in_.text.parts(file, shape));
    int64_t sum = 0;
    for (const PackPart& part : parts) {
        if (part.kind != PackPart::Kind::chunk) {
            sum += in_.count(part.text);
            continue;
        }
        int32_t& known = chunkTokens_[size_t(part.at)];
        if (known < 0) {
            known = int32_t(std::min<int64_t>(in_.count(part.text), 1 << 30));
            learn(file, double(part.text.size()), known);
        }
        sum += known;
    }
    return sum;
}

base::Result<Choice::Outcome> Choice::outcomeOf(const Upgrade& upgrade) {
    Outcome outcome{.shape = shapes_[size_t(upgrade.file)]};
    PackShape& shape = outcome.shape;
    const auto insert = [&](std::vector<int32_t>& list) {
        list.insert(std::lower_bound(list.begin(), list.end(), upgrade.at), upgrade.at);
    };
    switch (upgrade.unit) {
        case Unit::signature:
            shape.signatures = PackSignatures::named;
            insert(shape.named);
            break;
        case Unit::skeleton:
            shape.signatures = PackSignatures::all;
            break;
        case Unit::documented:
            shape.signatures = PackSignatures::documented;
            break;
        case Unit::chunk:
            insert(shape.chunks);
            break;
        case Unit::full:
            shape.isFull = true;
            break;
    }
    TRY_ASSIGN(outcome.tokens, tokensOf(upgrade.file, shape));
    return outcome;
}

// Before the first text of a file goes in: its head may say that a program wrote it.
void Choice::lookWhoWroteIt(int32_t file) {
    int8_t& isLookedAt = isLookedAt_[size_t(file)];
    if (isLookedAt) return;
    isLookedAt = 1;
    if (in_.facts[size_t(file)].isGenerated || isGeneratedText(in_.text.full(file)))
        factors_[size_t(file)] *= kMachineFactor;
}

void Choice::offer(Upgrade upgrade) {
    upgrade.isExact = false;
    upgrade.priority = gain(upgrade) / (roughCost(upgrade) + kOverheadTokens);
    if (upgrade.priority > 0) heap_.push(upgrade);
}

void Choice::offerAll() {
    for (int32_t i = 0; i < int32_t(shapes_.size()); i++) {
        if (factors_[size_t(i)] <= 0) continue;
        const LiveBlob& blob = blobOf(i);
        offer({.file = i, .unit = Unit::skeleton});
        offer({.file = i, .unit = Unit::full});
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
            offer({.file = i, .unit = Unit::chunk, .at = c});
    }
}

void Choice::take(int32_t file, Outcome outcome) {
    left_ -= outcome.tokens - tokens_[size_t(file)];
    taken_.push_back({file, tokens_[size_t(file)], std::move(shapes_[size_t(file)])});
    shapes_[size_t(file)] = std::move(outcome.shape);
    tokens_[size_t(file)] = outcome.tokens;
}

// Of all files that people wrote.
base::Result<int64_t> Choice::skeletonCost(PackSignatures detail) {
    int64_t sum = 0;
    for (int32_t i = 0; i < int32_t(shapes_.size()); i++) {
        const FileFacts& facts = in_.facts[size_t(i)];
        if (factors_[size_t(i)] <= 0 || facts.isGenerated || facts.isData) continue;
        TRY_ASSIGN(const int64_t tokens, tokensOf(i, {.signatures = detail}));
        sum += tokens;
    }
    return sum;
}

// The names of everything, if they fit into their share: all signatures, or the public ones.
base::Status Choice::addSkeletons() {
    if (in_.budgetTokens < kSkeletonBudgetMin) return {};
    const double wanted = in_.budgetTokens < kLargeBudgetMin ? kSmallSkeletonShare : kSkeletonShare;
    const auto share = int64_t(wanted * double(in_.budgetTokens));
    double rough = 0;
    for (int32_t i = 0; i < int32_t(shapes_.size()); i++)
        if (factors_[size_t(i)] > 0 && !in_.facts[size_t(i)].isGenerated &&
            !in_.facts[size_t(i)].isData)
            rough += estimate(i, double(blobOf(i).bytes) * kSkeletonShareOfFull);
    if (rough > 4 * double(share)) return {};
    for (const auto detail : {PackSignatures::all, PackSignatures::publicOnes}) {
        TRY_ASSIGN(const int64_t cost, skeletonCost(detail));
        if (cost > share) continue;
        for (int32_t i = 0; i < int32_t(shapes_.size()); i++) {
            const FileFacts& facts = in_.facts[size_t(i)];
            if (factors_[size_t(i)] <= 0 || facts.isGenerated || facts.isData) continue;
            TRY_ASSIGN(const int64_t tokens, tokensOf(i, {.signatures = detail}));
            if (tokens > 0) take(i, {{.signatures = detail}, tokens});
        }
        return {};
    }
    return {};
}

base::Status Choice::afterTaking(const Upgrade& upgrade) {
    const auto file = size_t(upgrade.file);
    if (upgrade.unit == Unit::skeleton) offer({.file = upgrade.file, .unit = Unit::documented});
    if (upgrade.unit != Unit::chunk) return {};
    if (shapes_[file].chunks.size() * 2 >= size_t(blobOf(upgrade.file).chunkCount))
        offer({.file = upgrade.file, .unit = Unit::full});
    if (in_.budgetTokens > kCalleeBudgetMax || calleesAsked_ >= kCalleesAskedMax) return {};
    calleesAsked_++;
    TRY_ASSIGN(const std::vector<Callee> callees, in_.callees.of(upgrade.at));
    for (const Callee& callee : callees) {
        const int32_t same = in_.facts[size_t(callee.file)].sameAs;
        const int32_t owner = same >= 0 ? same : callee.file;
        if (factors_[size_t(owner)] <= 0) continue;
        TRY_ASSIGN(const auto* signatures, in_.text.signatures(owner));
        for (size_t i = 0; i < signatures->size(); i++)
            if ((*signatures)[i].symbol == callee.symbol)
                offer({.file = owner, .unit = Unit::signature, .at = int32_t(i)});
    }
    return {};
}

// Takes the upgrade, or puts it back at the place that its exact cost gives it. False: it was not
// taken because it does not fit or has nothing to show.
base::Result<bool> Choice::consider(Upgrade upgrade) {
    if (upgrade.unit == Unit::chunk || upgrade.unit == Unit::full) lookWhoWroteIt(upgrade.file);
    TRY_ASSIGN(Outcome outcome, outcomeOf(upgrade));
    const int64_t cost = outcome.tokens - tokens_[size_t(upgrade.file)];
    if (outcome.tokens <= 0 || cost > left_) return false;
    const double now = gain(upgrade) / (double(std::max<int64_t>(0, cost)) + kOverheadTokens);
    if (now <= 0) return false;
    if (now < upgrade.priority * 0.999 && !heap_.empty() && now < heap_.top().priority) {
        upgrade.priority = now;
        upgrade.isExact = true;
        heap_.push(upgrade);
        return true;
    }
    if (now < kGainFloorPerToken) {
        isEnough_ = true;
        return true;
    }
    take(upgrade.file, std::move(outcome));
    TRY(afterTaking(upgrade));
    return true;
}

// Gains only fall as things are taken; costs are estimates until an upgrade comes up.
base::Status Choice::fill() {
    TRY(addSkeletons());
    offerAll();
    int32_t misses = 0;
    while (!heap_.empty() && left_ > kLeftMin && misses < kMissesMax && !isEnough_) {
        if (in_.stop.stop_requested())
            return base::fail(base::Errc::cancelled, "packing was stopped");
        const Upgrade upgrade = heap_.top();
        heap_.pop();
        if (!isOpen(upgrade)) continue;
        if (upgrade.priority < kGainFloorPerToken / 4) {
            isEnough_ = true;
            break;
        }
        if (!upgrade.isExact && roughCost(upgrade) > double(left_) * 1.5 + 64) {
            misses++;
            continue;
        }
        TRY_ASSIGN(const bool isDone, consider(upgrade));
        misses = isDone ? 0 : misses + 1;
    }
    isEnough_ = isEnough_ || heap_.empty();
    return {};
}

bool Choice::giveBack(int64_t excess) {
    int64_t saved = 0;
    while (saved < excess) {
        if (taken_.empty()) return saved > 0;
        Taken& last = taken_.back();
        const auto file = size_t(last.file);
        saved += tokens_[file] - last.tokens;
        shapes_[file] = std::move(last.before);
        tokens_[file] = last.tokens;
        taken_.pop_back();
        isEnough_ = false;
    }
    return true;
}

}  // namespace moxie::indexer

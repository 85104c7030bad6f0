#include "engine/session/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kChunkTokensMax = 8192;

}  // namespace

Session::Session(const ModelPlan& plan, WorkerPool& pool, const kernels::Dispatch& dispatch,
                 const SessionOptions& options)
    : plan_(&plan),
      pool_(&pool),
      dispatch_(&dispatch),
      options_(options) {}

Result<Session> Session::make(const ModelPlan& plan, WorkerPool& pool,
                              const kernels::Dispatch& dispatch, const SessionOptions& options) {
    if (options.contextTokens < 0 || options.contextTokens > plan.contextTokensMax)
        return fail(Errc::invalidInput, fmt::format("context of {} tokens, the model has 1 to {}",
                                                    options.contextTokens, plan.contextTokensMax));
    if (options.keepsDraft && !plan.canDraft())
        return fail(Errc::invalidInput, "the model has no block for multi-token prediction");
    Session session(plan, pool, dispatch, options);
    session.contextTokens_ =
        options.contextTokens == 0 ? plan.contextTokensMax : options.contextTokens;
    session.layout_ = std::make_unique<const KvLayout>(layoutOf(plan, options));
    TRY_ASSIGN(KvTimeline kv, KvTimeline::make(*session.layout_));
    session.kv_ = std::make_unique<KvTimeline>(std::move(kv));
    session.keepResumePoint();
    return session;
}

Status Session::checkTokens(std::span<const int32_t> tokens) const {
    if (tokens.empty()) return fail(Errc::invalidInput, "no tokens to evaluate");
    if (std::ssize(tokens) > contextTokens_ - std::ssize(tokens_))
        return fail(Errc::invalidInput,
                    fmt::format("{} tokens after {} do not fit into a context of {}", tokens.size(),
                                tokens_.size(), contextTokens_));
    for (const int32_t token : tokens)
        if (token < 0 || token >= plan_->vocabularySize)
            return fail(Errc::invalidInput, fmt::format("token {}, the vocabulary has 0 to {}",
                                                        token, plan_->vocabularySize - 1));
    return {};
}

Status Session::ensureArena(int64_t chunkTokens) {
    if (chunkTokens <= arenaChunk_) return {};
    TRY_ASSIGN(arena_, Arena::make(countArena(*plan_, *pool_, options_, contextTokens_, chunkTokens,
                                              options_.experts != nullptr)));
    arenaChunk_ = chunkTokens;
    logits_.resize(static_cast<size_t>(kLogitsTokens * plan_->vocabularySize));
    return {};
}

int64_t Session::chunkOf(int64_t total, const EvaluateOptions& options) {
    int64_t wanted = options.chunkTokens == 0 ? kChosenChunkTokensMin : options.chunkTokens;
    if (options.chunkTokens == 0 && total > wanted) {
        if (chosenChunk_ == 0) chosenChunk_ = chosenChunkTokens(*plan_, *pool_, options_);
        wanted = chosenChunk_;
    }
    const int64_t most = options.role == TokenRole::answer ? kAnswerTokensAtOnce : kChunkTokensMax;
    return std::min(std::clamp<int64_t>(wanted, 1, most), total);
}

Result<std::span<const float>> Session::evaluate(std::span<const int32_t> tokens,
                                                 const EvaluateOptions& options) {
    TRY(checkTokens(tokens));
    const int64_t total = std::ssize(tokens);
    const int64_t chunk = chunkOf(total, options);
    TRY(ensureArena(chunk));
    for (int64_t done = 0; done < total;) {
        const int64_t untilPoint = kResumePointTokens - std::ssize(tokens_) % kResumePointTokens;
        const int64_t n = std::min({chunk, total - done, untilPoint});
        TRY(evaluateChunk(tokens.subspan(static_cast<size_t>(done), static_cast<size_t>(n)),
                          options, {done, total}));
        done += n;
        if (n == untilPoint) keepResumePoint();
        if (options.progress) options.progress(done, total);
    }
    if (total > 1 && options.endsWithPoint) keepResumePoint();
    return logits();
}

Pass Session::makePass(Arena& arena, int64_t begin, int64_t nTokens) {
    Pass pass = {.plan = *plan_,
                 .pool = *pool_,
                 .dispatch = *dispatch_,
                 .arena = arena,
                 .kv = kv_.get(),
                 .history = tokens_,
                 .begin = begin,
                 .nTokens = nTokens,
                 .simulation = options_.simulation,
                 .kvFormat = options_.kvFormat,
                 .indexScores = indexScoresOf(options_),
                 .adapters = options_.adapters,
                 .experts = options_.experts,
                 .streamsExperts = options_.experts != nullptr,
                 .log = log_.reaches(begin) ? &log_ : nullptr,
                 .arrival = begin};
    takeRopes(pass);
    return pass;
}

// What a chunk writes over is logged if it is short, else copied as a whole.
void Session::startLog(int64_t nTokens) {
    log_.stop();
    frontierBefore_.clear();
    if (!layout_->needsResumePoint()) return;
    if (nTokens <= kLoggedTokensMax) return log_.start(std::ssize(tokens_));
    const std::span<const float> frontier = kv_->wholeFrontier();
    frontierBefore_.assign(frontier.begin(), frontier.end());
}

// Leaves nothing of a chunk that was not finished.
void Session::undoChunk(int64_t begin) {
    tokens_.resize(static_cast<size_t>(begin));
    roles_.resize(tokens_.size());
    kv_->truncate(begin);
    if (log_.reaches(begin))
        log_.undo(begin);
    else if (!frontierBefore_.empty())
        kv_->restore({kv_->pages().begin(), kv_->pages().end()}, frontierBefore_, begin);
}

Status Session::evaluateChunk(std::span<const int32_t> tokens, const EvaluateOptions& options,
                              const ChunkPlace& place) {
    const int64_t n = std::ssize(tokens);
    const auto begin = std::ssize(tokens_);
    if (!waits(n, options)) catchUp();
    TRY(kv_->reserve(n));
    startLog(n);
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    roles_.resize(tokens_.size(), options.role);
    hasLogits_ = false;
    const Arena::Mark mark(arena_);
    Pass pass = makePass(arena_, begin, n);
    pass.stop = options.stop;
    pass.products = productsOf(options.role);
    bool isDone = true;
    runChunk(pass, options, place, isDone);
    if (options_.guard != nullptr && !pass.failure) pass.failure = options_.guard->damage();
    if (!isDone || pass.failure) {
        undoChunk(begin);
        return fail(pass.failure ? *pass.failure
                                 : base::Error(Errc::cancelled, "evaluation was cancelled"));
    }
    kv_->commit(n);
    hasLogits_ = true;
    if (hasDraft()) commitStates(begin, options);
    return {};
}

void Session::runChunk(Pass& pass, const EvaluateOptions& options, const ChunkPlace& place,
                       bool& isDone) {
    float* residual = pass.arena.take(pass.nTokens * residualDim(*plan_));
    if (options_.keepsDraft && plan_->blockDrafter)
        pass.targets = pass.arena.take(pass.nTokens * targetsDim(*plan_));
    const int64_t steps = 2 * std::ssize(plan_->blocks) + 1;
    int64_t step = 0;
    const auto isStopped = [&] {
        if (options.progress)
            options.progress(place.firstIndex + pass.nTokens * step++ / steps, place.total);
        return pass.failure || options.stop.stop_requested();
    };
    isDone = runBlocks(pass, isStopped, residual);
    if (!isDone) return;
    if (pass.targets != nullptr)
        follow(pass, options);
    else if (options_.keepsDraft)
        takeStates(pass, residual, options);
    isDone = !pass.failure;
    if (!isDone) return;
    giveLogits(pass, residual, options, place.firstIndex);
}

void Session::head(Pass& pass, const kernels::WeightsView& weights, const float* normed,
                   int64_t nTokens, float* logits) const {
    multiplyHead(pass, weights, normed, nTokens, logits);
    if (pass.adapters != nullptr && weights.data == plan_->head.data)
        pass.adapters->addToLogits(pass, normed, nTokens, logits);
    if (plan_->headBias.empty()) return;
    for (int64_t t = 0; t < nTokens; ++t)
        for (int64_t i = 0; i < weights.rows; ++i)
            logits[t * weights.rows + i] += plan_->headBias[static_cast<size_t>(i)];
}

// All tokens' logits where somebody wants them; the last one's in any case, at the front.
void Session::giveLogits(Pass& pass, const float* residual, const EvaluateOptions& options,
                         int64_t firstIndex) {
    const auto vocabulary = static_cast<size_t>(plan_->vocabularySize);
    const int64_t stride = residualDim(*plan_);
    float* normed = pass.arena.take(kLogitsTokens * plan_->hiddenDim);
    const int64_t begin = options.eachLogits ? 0 : pass.nTokens - 1;
    for (int64_t t = begin; t < pass.nTokens; t += kLogitsTokens) {
        const int64_t count = std::min(kLogitsTokens, pass.nTokens - t);
        runFinalNorm(pass, residual + t * stride, count, normed);
        head(pass, plan_->head, normed, count, logits_.data());
        const std::span<const float> rows(logits_);
        for (int64_t i = 0; options.eachLogits && i < count; ++i)
            options.eachLogits(firstIndex + t + i,
                               rows.subspan(static_cast<size_t>(i) * vocabulary, vocabulary));
        if (t + count == pass.nTokens && count > 1)
            std::copy_n(rows.begin() + (count - 1) * plan_->vocabularySize, vocabulary,
                        logits_.begin());
    }
}

int64_t Session::tentativeTokensMax() const {
    return std::min(kLoggedTokensMax,
                    kResumePointTokens - std::ssize(tokens_) % kResumePointTokens);
}

Result<std::vector<int32_t>> Session::draft(int32_t next, int64_t most) {
    BASE_CHECK(options_.keepsDraft && !tokens_.empty());
    const auto held = std::ssize(tokens_);
    const int64_t count = std::min(most, contextTokens_ - held);
    if (count <= 0) return std::vector<int32_t>();
    TRY(checkTokens({&next, 1}));
    TRY(ensureArena(1));
    if (plan_->blockDrafter) return draftBlock(next, count);
    catchUp();
    TRY(kv_->reserve(count));
    tokens_.push_back(next);
    const Status done = guess(count);
    std::vector<int32_t> guessed(tokens_.begin() + held + 1, tokens_.end());
    tokens_.resize(static_cast<size_t>(held));
    kv_->truncate(held);
    if (!done) return fail(done.error());
    return guessed;
}

std::span<const float> Session::logits() const {
    if (!hasLogits_) return {};
    return std::span(logits_).first(static_cast<size_t>(plan_->vocabularySize));
}

void Session::keepResumePoint() {
    if (!layout_->needsResumePoint()) return;
    catchUp();
    const std::span<const float> frontier = kv_->wholeFrontier();
    const std::span<const float> after = logits();
    const std::span<const float> state = lastState();
    ResumePoint point = {.frontier = {frontier.begin(), frontier.end()},
                         .lastState = {state.begin(), state.end()},
                         .logits = {after.begin(), after.end()}};
    points_[std::ssize(tokens_)] = std::make_shared<const ResumePoint>(std::move(point));
    thinResumePoints();
}

void Session::thinResumePoints() {
    while (points_.size() > kResumePointsMax) {
        std::vector<int64_t> counts;
        for (const auto& [count, point] : points_)
            counts.push_back(count);
        points_.erase(mostCrowdedPoint(counts, counts.back()));
    }
}

int64_t Session::freeRewind(int64_t nTokens) const {
    if (!layout_->needsResumePoint() || nTokens == std::ssize(tokens_)) return nTokens;
    if (nTokens > 0 && log_.reaches(nTokens)) return nTokens;
    return std::prev(points_.upper_bound(nTokens))->first;
}

Status Session::rewind(int64_t nTokens, const std::stop_token& stop) {
    BASE_CHECK(nTokens >= 0 && nTokens <= std::ssize(tokens_));
    if (nTokens == std::ssize(tokens_)) return {};
    if (nTokens > 0 && log_.reaches(nTokens)) {
        takeBack(nTokens);
        return {};
    }
    const int64_t begin = freeRewind(nTokens);
    const std::vector<int32_t> again(tokens_.begin() + begin, tokens_.begin() + nTokens);
    const std::vector<TokenRole> roles(roles_.begin() + begin, roles_.begin() + nTokens);
    kv_->truncate(begin);
    tokens_.resize(static_cast<size_t>(begin));
    roles_.resize(tokens_.size());
    hasLogits_ = false;
    if (layout_->needsResumePoint()) {
        points_.erase(points_.upper_bound(begin), points_.end());
        resumeAt(begin, *points_.at(begin));
    }
    return evaluateAgain(again, roles, stop);
}

// Neighbours of one role at once.
Status Session::evaluateAgain(std::span<const int32_t> tokens, std::span<const TokenRole> roles,
                              const std::stop_token& stop) {
    for (size_t begin = 0; begin < tokens.size();) {
        size_t end = begin;
        while (end < tokens.size() && roles[end] == roles[begin])
            ++end;
        TRY(evaluate(tokens.subspan(begin, end - begin), {.stop = stop, .role = roles[begin]}));
        begin = end;
    }
    return {};
}

// Within the last chunk, by its log.
void Session::takeBack(int64_t nTokens) {
    log_.undo(nTokens);
    kv_->truncate(nTokens);
    tokens_.resize(static_cast<size_t>(nTokens));
    roles_.resize(tokens_.size());
    hasLogits_ = false;
    points_.erase(points_.upper_bound(nTokens), points_.end());
    if (!hasDraft()) return;
    states_.resize(static_cast<size_t>((nTokens - statesBegin_) * draftStateDim(*plan_)));
    followed_ = std::min(followed_, nTokens);
}

// Frontier, draft state and logits of a point; rows and tokens are there.
void Session::resumeAt(int64_t nTokens, const ResumePoint& point) {
    log_.stop();
    kv_->restore({kv_->pages().begin(), kv_->pages().end()}, point.frontier, nTokens);
    states_ = point.lastState;
    statesBegin_ = std::max<int64_t>(0, nTokens - 1);
    followed_ = nTokens;
    hasLogits_ = !point.logits.empty();
    if (!hasLogits_) return;
    logits_.resize(std::max(logits_.size(), point.logits.size()));
    std::copy(point.logits.begin(), point.logits.end(), logits_.begin());
}

Result<Session> Session::fork() {
    catchUp();
    TRY_ASSIGN(Session branch, make(*plan_, *pool_, *dispatch_, options_));
    branch.kv_->restore({kv_->pages().begin(), kv_->pages().end()}, kv_->wholeFrontier(),
                        kv_->tokens());
    branch.tokens_ = tokens_;
    branch.roles_ = roles_;
    branch.states_ = states_;
    branch.statesBegin_ = statesBegin_;
    branch.followed_ = followed_;
    branch.logits_.assign(logits().begin(), logits().end());
    branch.hasLogits_ = hasLogits_;
    branch.points_ = points_;
    return branch;
}

TimelineView Session::view() {
    catchUp();
    if (layout_->needsResumePoint() && !points_.contains(std::ssize(tokens_))) keepResumePoint();
    return {.tokens = tokens_, .pages = kv_->pages(), .points = &points_};
}

TimelineSnapshot Session::snapshot() {
    const TimelineView all = view();
    TimelineSnapshot snapshot = {.tokens = tokens_, .pages = {all.pages.begin(), all.pages.end()}};
    if (layout_->needsResumePoint()) snapshot.resume = points_.at(std::ssize(tokens_));
    return snapshot;
}

void Session::restore(TimelineSnapshot snapshot) {
    const int64_t n = std::ssize(snapshot.tokens);
    BASE_CHECK(n <= contextTokens_ && layout_->needsResumePoint() == (snapshot.resume != nullptr));
    static const ResumePoint kRowsOnly;
    const ResumePoint& point = snapshot.resume ? *snapshot.resume : kRowsOnly;
    kv_->restore(std::move(snapshot.pages), point.frontier, n);
    tokens_ = std::move(snapshot.tokens);
    roles_.assign(tokens_.size(), TokenRole::prompt);
    resumeAt(n, point);
    if (!snapshot.resume) return;
    points_.erase(std::next(points_.begin()), points_.end());
    points_[n] = std::move(snapshot.resume);
}

int64_t Session::resumeBytes() const {
    if (!layout_->needsResumePoint()) return 0;
    int64_t bytes = layout_->frontierFloats * int64_t{sizeof(float)} + log_.bytes();
    for (const auto& [count, point] : points_)
        bytes += point->bytes();
    return bytes;
}

int64_t Session::allocatedBytes() const {
    const int64_t floats = std::ssize(logits_) + std::ssize(draftLogits_) + std::ssize(states_) +
                           std::ssize(chunkStates_);
    return kv_->allocatedBytes() + arena_.bytes() + floats * int64_t{sizeof(float)};
}

}  // namespace moxie::engine

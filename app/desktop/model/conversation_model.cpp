#include "app/desktop/model/conversation_model.h"

#include <algorithm>

#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kTailLines = 20;
constexpr size_t kTailBytes = 8000;
constexpr int64_t kErrorBytes = 2000;
constexpr size_t kRecentChanges = 4;

// The last lines of `tail` and `more` together.
void appendTail(std::string& tail, std::string_view more) {
    if (more.size() > kTailBytes * 2) more.remove_prefix(more.size() - kTailBytes * 2);
    tail += more;
    size_t end = tail.size() - (tail.ends_with('\n') ? 1 : 0);
    size_t begin = 0;
    for (int64_t i = 0; i < kTailLines && end > 0; ++i) {
        end = tail.rfind('\n', end - 1);
        begin = end == std::string::npos ? 0 : end + 1;
        if (end == std::string::npos) break;
    }
    begin = std::max(begin, tail.size() > kTailBytes ? tail.size() - kTailBytes : 0);
    while (begin < tail.size() && (uint8_t(tail[begin]) & 0xC0) == 0x80)
        ++begin;
    tail.erase(0, begin);
}

bool isStep(const Item& item) {
    return item.as<ReasoningItem>() != nullptr || item.as<ToolCard>() != nullptr;
}

}  // namespace

void ConversationModel::apply(const agent::Event& event) {
    timeMs_ = event.timeMs;
    number_ = event.turn;
    std::visit([this](const auto& body) { on(body); }, event.body);
}

void ConversationModel::noteDriverGone() {
    if (!now_.turns.isEmpty() && now_.turns.back().isRunning) abandonTurn();
}

std::vector<ConversationChange> ConversationModel::takeChanges() {
    return std::exchange(changes_, {});
}

void ConversationModel::tell(Kind kind, int64_t item) {
    const ConversationChange change = {kind, std::max<int64_t>(0, now_.turns.size() - 1), item};
    if (kind == Kind::itemChanged || kind == Kind::turnChanged) {
        for (size_t i = 0; i < std::min(kRecentChanges, changes_.size()); ++i) {
            const ConversationChange& recent = changes_[changes_.size() - 1 - i];
            // What was added or changed is read when the change is played, so it is new enough.
            if (recent == change) return;
            if (recent.kind == Kind::itemsCut) break;
        }
    }
    changes_.push_back(change);
}

// What was told of items that are gone now.
void ConversationModel::forgetItems(int64_t first) {
    const int64_t last = now_.turns.size() - 1;
    size_t begin = changes_.size();
    while (begin > 0 && changes_[begin - 1].turn == last)
        --begin;
    const auto isGone = [&](const ConversationChange& change) {
        return change.item >= first &&
               (change.kind == Kind::itemAdded || change.kind == Kind::itemChanged);
    };
    changes_.erase(std::remove_if(changes_.begin() + int64_t(begin), changes_.end(), isGone),
                   changes_.end());
}

Turn& ConversationModel::turn() {
    if (now_.turns.isEmpty()) {
        now_.turns.append(Turn{.number = number_, .startedMs = timeMs_});
        tell(Kind::turnAdded);
    }
    tell(Kind::turnChanged);
    return now_.turns.edit(now_.turns.size() - 1);
}

int64_t ConversationModel::addItem(Item item) {
    Turn& last = turn();
    if (isStep(item)) ++last.summary.nSteps;
    last.items.append(std::move(item));
    tell(Kind::itemAdded, last.items.size() - 1);
    return last.items.size() - 1;
}

ToolCard* ConversationModel::card(const std::string& callId) {
    const auto found = cards_.find(callId);
    return found == cards_.end() ? nullptr : &edit<ToolCard>(found->second);
}

void ConversationModel::on(const agent::SessionStarted& started) {
    now_.sessionId = started.sessionId;
    now_.repository = started.repository;
    now_.mode = started.mode;
    tell(Kind::session);
}

// A turn that never got its end: the process was killed.
void ConversationModel::abandonTurn() {
    closeStreams();
    if (now_.turns.isEmpty()) return;
    std::vector<int64_t> open;
    for (const auto& [id, item] : cards_) {
        const auto& there = now_.turns.back().items[item].get<ToolCard>();
        if (there.state == CardState::running || there.state == CardState::asking)
            open.push_back(item);
    }
    for (const int64_t item : open)
        edit<ToolCard>(item).state = CardState::interrupted;
    if (runningCheck_ >= 0) edit<CheckItem>(runningCheck_).isRunning = false;
    runningCheck_ = -1;
    if (!now_.turns.back().isRunning) return;
    Turn& last = turn();
    last.isRunning = false;
    last.nAsking = 0;
}

void ConversationModel::on(const agent::TurnStarted& started) {
    abandonTurn();
    cards_.clear();
    filesRead_.clear();
    filesEdited_.clear();
    lastReasoning_ = -1;
    attemptItem_ = 0;
    now_.turns.append(
        Turn{.number = number_, .task = started.task, .startedMs = timeMs_, .isRunning = true});
    tell(Kind::turnAdded);
}

void ConversationModel::closeReasoning() {
    if (reasoning_ < 0) return;
    auto& item = edit<ReasoningItem>(reasoning_);
    item.isStreaming = false;
    item.endedMs = timeMs_;
    reasoning_ = -1;
    Turn& last = turn();
    last.summary.durationMs = std::max(last.summary.durationMs, timeMs_ - last.startedMs);
}

void ConversationModel::closeStreams() {
    closeReasoning();
    if (text_ >= 0) edit<TextItem>(text_).isStreaming = false;
    text_ = -1;
}

void ConversationModel::stream(const std::string& text, bool isReasoning) {
    if (text.empty()) return;
    if (isReasoning) {
        if (reasoning_ < 0) {
            reasoning_ = lastReasoning_ =
                addItem(ReasoningItem{.startedMs = timeMs_, .isStreaming = true});
        }
        edit<ReasoningItem>(reasoning_).text += text;
        return;
    }
    closeReasoning();
    if (text_ < 0) text_ = addItem(TextItem{.isStreaming = true});
    edit<TextItem>(text_).text += text;
}

void ConversationModel::on(const agent::Delta& delta) {
    if (delta.channel == "reasoning") stream(delta.text, true);
    if (delta.channel == "text") stream(delta.text, false);
}

// The whole text: it replaces what was streamed, which may be less after a kill.
void ConversationModel::on(const agent::MessageAdded& added) {
    const engine::Message& message = added.message;
    if (message.role == engine::Role::user && !message.images.empty())
        turn().pictures = std::make_shared<const std::vector<engine::Image>>(message.images);
    if (message.role != engine::Role::assistant)
        return;  // tasks and results have events of their own
    if (lastReasoning_ < attemptItem_) stream(message.reasoning, true);
    if (lastReasoning_ >= attemptItem_ && !message.reasoning.empty()) {
        if (now_.turns.back().items[lastReasoning_].get<ReasoningItem>().text != message.reasoning)
            edit<ReasoningItem>(lastReasoning_).text = message.reasoning;
    }
    if (text_ < 0) stream(message.text, false);
    if (text_ >= 0 && !message.text.empty()) edit<TextItem>(text_).text = message.text;
    const int64_t answer = text_;
    closeStreams();
    if (message.toolCalls.empty() && answer >= 0) turn().answerItem = answer;
    if (!now_.turns.isEmpty()) attemptItem_ = now_.turns.back().items.size();
}

void ConversationModel::on(const agent::RequestSent& /*request*/) {
    closeStreams();
    Turn& last = turn();
    last.answerItem = -1;  // what was said before was not the last word
    attemptItem_ = last.items.size();
    lastReasoning_ = -1;
}

void ConversationModel::on(const agent::ModelAnswering& answering) {
    turn().model = answering.chosen.model;
}

void ConversationModel::on(const agent::AttemptFailed& failed) {
    reasoning_ = text_ = lastReasoning_ = -1;
    Turn& last = turn();
    if (attemptItem_ < last.items.size()) {
        for (int64_t i = attemptItem_; i < last.items.size(); ++i)
            if (isStep(last.items[i])) --last.summary.nSteps;
        last.items.truncate(attemptItem_);
        std::erase_if(cards_, [&](const auto& entry) { return entry.second >= attemptItem_; });
        if (last.answerItem >= attemptItem_) last.answerItem = -1;
        if (runningCheck_ >= attemptItem_) runningCheck_ = -1;
        forgetItems(attemptItem_);
        tell(Kind::itemsCut, attemptItem_);
    }
    addItem(NoticeItem{"warning", "attempt_failed", failed.attempt.reason});
    attemptItem_ = now_.turns.back().items.size();
}

void ConversationModel::on(const agent::ToolCallStarted& call) {
    closeStreams();
    if (cards_.contains(call.callId)) return;  // a repeated id: the first one keeps its card
    ToolCard made;
    made.callId = call.callId;
    made.tool = call.tool;
    made.title = call.summary;
    made.startedMs = timeMs_;
    made.details = readCall(call.tool, call.arguments, call.effects);
    countCall(made);
    cards_[call.callId] = addItem(std::move(made));
    attemptItem_ = now_.turns.back().items.size();
}

void ConversationModel::countCall(const ToolCard& card) {
    StepSummary& summary = turn().summary;
    const auto countFiles = [&](std::set<std::string>& files, int32_t& count) {
        for (const std::string& path : card.details.targets)
            if (files.insert(path).second) ++count;
    };
    switch (card.details.kind) {
        case CallKind::read:
            countFiles(filesRead_, summary.nFilesRead);
            break;
        case CallKind::edit:
            countFiles(filesEdited_, summary.nFilesEdited);
            break;
        case CallKind::execute:
            ++summary.nCommands;
            break;
        case CallKind::search:
            ++summary.nSearches;
            break;
        default:
            ++summary.nOther;
            break;
    }
}

// A verification has no event for its beginning: its first output is it.
void ConversationModel::addCheckOutput(const std::string& text) {
    closeStreams();
    if (runningCheck_ < 0) runningCheck_ = addItem(CheckItem{.isRunning = true});
    appendTail(edit<CheckItem>(runningCheck_).outputTail, text);
}

void ConversationModel::on(const agent::ToolOutput& output) {
    ToolCard* there = card(output.callId);
    if (there == nullptr && output.callId.starts_with("verify-")) addCheckOutput(output.text);
    if (there == nullptr) return;
    there->outputLines += std::count(output.text.begin(), output.text.end(), '\n');
    appendTail(there->outputTail, output.text);
}

void ConversationModel::on(const agent::ToolCallEnded& result) {
    ToolCard* there = card(result.callId);
    if (there == nullptr) return;
    const bool wasAsking = there->state == CardState::asking;
    const bool hasFailed = result.isError || result.exitCode > 0;
    if (there->state != CardState::denied)
        there->state = hasFailed ? CardState::failed : CardState::done;
    there->durationMs = result.durationMs;
    there->exitCode = result.exitCode;
    there->resultBytes = int64_t(result.text.size());
    there->changedPaths = result.changedPaths;
    if (result.isError) there->errorText = base::cutUtf8(result.text, kErrorBytes);
    if (there->details.kind == CallKind::execute && there->outputTail.empty())
        appendTail(there->outputTail, result.text);
    Turn& last = turn();
    if (hasFailed) ++last.summary.nFailed;
    if (wasAsking) --last.nAsking;
    last.summary.durationMs = std::max(last.summary.durationMs, timeMs_ - last.startedMs);
}

void ConversationModel::on(const agent::PermissionAsked& question) {
    ToolCard* there = card(question.callId);
    if (there == nullptr) {
        on(agent::ToolCallStarted{question.callId, question.tool, {}, question.summary, {}});
        there = card(question.callId);
    }
    const bool wasAsking = there->state == CardState::asking;
    there->permission = CardPermission{question.reason, {}, {}};
    there->state = CardState::asking;
    if (!wasAsking) ++turn().nAsking;
}

void ConversationModel::on(const agent::PermissionAnswered& answer) {
    ToolCard* there = card(answer.callId);
    if (there == nullptr) return;
    const bool wasAsking = there->state == CardState::asking;
    if (!there->permission) there->permission.emplace();
    there->permission->answer = answer.answer;
    there->permission->rule = answer.rule;
    const bool isAllowed = answer.answer == "once" || answer.answer == "turn" ||
                           answer.answer == "session" || answer.answer == "always";
    if (!isAllowed) there->state = CardState::denied;
    if (isAllowed && wasAsking) there->state = CardState::running;
    if (wasAsking) --turn().nAsking;
}

void ConversationModel::on(const agent::CheckpointTaken& checkpoint) {
    Turn& last = turn();
    if (last.checkpoint.empty()) last.checkpoint = checkpoint.commit;
}

void ConversationModel::on(const agent::PlanChanged& /*plan*/) {}  // see plan_model.h

void ConversationModel::on(const agent::UsageCounted& counted) {
    if (lastReasoning_ < 0 || counted.usage.reasoningTokens <= 0) return;
    edit<ReasoningItem>(lastReasoning_).tokens = counted.usage.reasoningTokens;
}

void ConversationModel::on(const agent::VerificationRun& run) {
    closeStreams();
    std::string tail;
    appendTail(tail, run.outputTail);
    CheckItem check = {.command = run.command,
                       .outputTail = std::move(tail),
                       .exitCode = run.exitCode,
                       .round = run.round,
                       .number = run.number,
                       .total = run.total,
                       .hasPassed = run.passed,
                       .durationMs = run.durationMs};
    if (runningCheck_ >= 0) {
        edit<CheckItem>(runningCheck_) = std::move(check);
    } else {
        addItem(std::move(check));
    }
    runningCheck_ = -1;
}

void ConversationModel::on(const agent::Committed& commit) {
    addItem(CommitItem{commit.commit, commit.message, commit.paths});
}

void ConversationModel::on(const agent::Notice& notice) {
    addItem(NoticeItem{notice.level, notice.code, notice.text});
    // An attempt that fails later takes its own items away, not what was noticed meanwhile.
    if (reasoning_ < 0 && text_ < 0) attemptItem_ = now_.turns.back().items.size();
}

void ConversationModel::on(const agent::HistoryPruned& /*pruned*/) {}  // a notice says it in words

void ConversationModel::on(const agent::TurnEnded& ended) {
    abandonTurn();
    Turn& last = turn();
    last.isRunning = false;
    last.nAsking = 0;
    last.status = ended.status;
    last.reason = ended.reason;
    last.endedMs = timeMs_;
}

}  // namespace moxie::desktop

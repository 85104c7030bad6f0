#include "engine/chain.h"

#include <fmt/format.h>

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/chat_images.h"
#include "engine/open_model.h"

namespace moxie::engine {

namespace {

constexpr int64_t kReasonBytesMax = 200;

bool isContent(const StreamEvent& event) {
    return std::holds_alternative<ReasoningDelta>(event) ||
           std::holds_alternative<TextDelta>(event) ||
           std::holds_alternative<ToolCallReady>(event) || std::holds_alternative<Finish>(event);
}

}  // namespace

// Moves on to the next model as long as nothing of an answer was given out.
class ChainStream final : public ChatStream {
public:
    ChainStream(ModelChain& chain, ChatRequest request, std::stop_token stop)
        : chain_(chain),
          request_(std::move(request)),
          stop_(std::move(stop)),
          pictures_(hasImages(request_) ? ModelChain::Pictures::some : ModelChain::Pictures::none),
          turn_(chain.firstTurn(pictures_)) {}

    base::Result<std::optional<StreamEvent>> next() override {
        if (error_) return base::fail(*error_);
        if (held_) return std::exchange(held_, std::nullopt);
        for (;;) {
            base::Result<std::optional<StreamEvent>> event = pull();
            if (event) {
                if (!*event) return event;
                if (auto* chosen = std::get_if<ModelChosen>(&**event)) {
                    chosen_ = std::move(*chosen);
                    continue;  // shown once the model gives a sign of life
                }
                hasContent_ = hasContent_ || isContent(**event);
                if (!chosen_) return event;
                held_ = std::move(*event);
                ModelChosen chosen = *std::exchange(chosen_, std::nullopt);
                if (chosen.reason.empty() || !chosen.reason.starts_with("asked for"))
                    chosen.reason = turn_.reason;
                else
                    chosen.reason = turn_.reason + "; " + chosen.reason;
                return std::optional<StreamEvent>(std::move(chosen));
            }
            const bool isFinal = hasContent_ || event.error().kind() == base::Errc::cancelled ||
                                 stop_.stop_requested();
            if (!isFinal) {
                inner_.reset();
                chosen_.reset();
                if (chain_.nextTurn(turn_, pictures_, event.error())) continue;
            }
            error_ = std::move(event).error();
            return base::fail(*error_);
        }
    }

private:
    base::Result<std::optional<StreamEvent>> pull() {
        if (!inner_) {
            TRY_ASSIGN(auto stream, chain_.models_[turn_.model]->start(request_, stop_));
            inner_ = std::move(stream);
        }
        return inner_->next();
    }

    ModelChain& chain_;
    const ChatRequest request_;
    const std::stop_token stop_;
    const ModelChain::Pictures pictures_;
    ModelChain::Turn turn_;
    std::unique_ptr<ChatStream> inner_;
    std::optional<ModelChosen> chosen_;  // not shown yet
    std::optional<StreamEvent> held_;    // to be shown after ModelChosen
    std::optional<base::Error> error_;   // that was given out
    bool hasContent_ = false;            // something of an answer was given out
};

ModelChain::ModelChain(std::vector<std::unique_ptr<ChatModel>> models)
    : models_(std::move(models)),
      failures_(models_.size()) {
    BASE_CHECK(!models_.empty());
}

base::Result<std::unique_ptr<ChatStream>> ModelChain::start(ChatRequest request,
                                                            std::stop_token stop) {
    return std::make_unique<ChainStream>(*this, std::move(request), std::move(stop));
}

ModelLimits ModelChain::limits() const {
    ModelLimits limits = current().limits();
    for (const auto& model : models_)
        limits.takesImages = limits.takesImages || model->limits().takesImages;
    return limits;
}

int64_t ModelChain::countTokens(std::string_view text) const {
    return current().countTokens(text);
}

std::string ModelChain::serialise(const ChatRequest& request) const {
    return current().serialise(request);
}

ChatModel& ModelChain::current() const {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < models_.size(); ++i)
        if (failures_[i].empty()) return *models_[i];
    return *models_.front();
}

std::string ModelChain::reasonFor(size_t model) const {
    if (model == 0) return models_.size() == 1 ? "the only one in your list" : "first in your list";
    std::string reason;
    for (size_t i = 0; i < model; ++i)
        reason += fmt::format("{}{}: {}", i == 0 ? "" : "; ", models_[i]->limits().model,
                              failures_[i].empty() ? "it takes no pictures" : failures_[i]);
    return reason + "; so the next";
}

bool ModelChain::mayAnswer(size_t model, Pictures pictures) const {
    return failures_[model].empty() &&
           (pictures == Pictures::none || models_[model]->limits().takesImages);
}

ModelChain::Turn ModelChain::firstTurn(Pictures pictures) {
    std::lock_guard lock(mutex_);
    for (int round = 0; round < 2; ++round) {
        for (size_t i = 0; i < models_.size(); ++i)
            if (mayAnswer(i, pictures)) return {i, reasonFor(i)};
        failures_.assign(models_.size(), {});
    }
    return {0, reasonFor(0)};  // none takes pictures: the first one says so
}

bool ModelChain::nextTurn(Turn& turn, Pictures pictures, const base::Error& error) {
    std::lock_guard lock(mutex_);
    failures_[turn.model] = base::cutUtf8(error.message(), kReasonBytesMax);
    base::log(base::LogLevel::warn, "engine",
              fmt::format("model cannot answer place={} kind={}", turn.model,
                          base::toString(error.kind())));
    for (size_t i = turn.model + 1; i < models_.size(); ++i) {
        if (!mayAnswer(i, pictures)) continue;
        turn = {i, reasonFor(i)};
        return true;
    }
    return false;
}

std::unique_ptr<ChatModel> makeChain(std::vector<std::unique_ptr<ChatModel>> models) {
    return std::make_unique<ModelChain>(std::move(models));
}

}  // namespace moxie::engine

#include "engine/local/local_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "engine/chat_images.h"
#include "engine/local/answer_writer.h"

namespace moxie::engine {

namespace {

constexpr int64_t kLocalQueueEvents = 256;
constexpr int64_t kProgressMs = 250;

// One answer under way. The thread writes events and closes the queue behind the last one.
class LocalStream final : public ChatStream {
public:
    LocalStream(std::shared_ptr<LocalEngine> engine, ChatRequest request,
                std::vector<PromptPart> parts, std::shared_ptr<TokenMasks> masks,
                std::stop_token stop)
        : engine_(std::move(engine)),
          request_(std::move(request)),
          parts_(std::move(parts)),
          callerStop_(std::move(stop)),
          constraint_(masks ? std::make_unique<TokenConstraint>(std::move(masks)) : nullptr),
          writer_(request_, *engine_->format(),
                  [this](StreamEvent event) { return send(std::move(event)); }),
          thread_([this](const std::stop_token& own) { run(own); }),
          relay_(callerStop_, Relay{*this}) {}

    ~LocalStream() override { stopThread(); }

    base::Result<std::optional<StreamEvent>> next() override {
        if (isFinished_) return std::nullopt;
        if (callerStop_.stop_requested()) return cancelled();
        auto event = queue_.pop(callerStop_);
        if (event) {
            isFinished_ = std::holds_alternative<Finish>(*event);
            return event;
        }
        if (callerStop_.stop_requested()) return cancelled();
        // The queue is closed, so the thread no longer writes error_.
        return base::fail(error_.value_or(base::Error(base::Errc::internal, "no answer")));
    }

private:
    struct Relay {
        LocalStream& stream;

        void operator()() const { stream.stopThread(); }
    };

    static tl::unexpected<base::Error> cancelled() {
        return base::fail(base::Errc::cancelled, "stopped");
    }

    void stopThread() {
        thread_.request_stop();
        queue_.close();
    }

    bool send(StreamEvent event) { return queue_.push(std::move(event)).has_value(); }

    void run(const std::stop_token& stop);
    base::Status answer(const std::stop_token& stop);
    std::vector<int32_t> makePrompt() const;
    void remember(std::span<const int32_t> prompt, const Generation& generation);
    GenerationOptions generationOptions(uint64_t seed) const;
    void sendProgress(int64_t done, int64_t total);
    Finish finishFor(const Generation& generation, uint64_t seed) const;

    const std::shared_ptr<LocalEngine> engine_;
    const ChatRequest request_;
    const std::vector<PromptPart> parts_;  // of the prompt
    const std::stop_token callerStop_;
    const std::unique_ptr<TokenConstraint> constraint_;  // null: the answer is free
    base::BoundedQueue<StreamEvent> queue_{kLocalQueueEvents};
    std::optional<base::Error> error_;  // written before the queue is closed
    int64_t progressMs_ = 0;            // when the last progress was sent; the thread's own
    bool isFinished_ = false;           // the reader's own
    AnswerWriter writer_;
    std::jthread thread_;
    std::stop_callback<Relay> relay_;  // last: gone before what it calls
};

void LocalStream::run(const std::stop_token& stop) {
    auto status = answer(stop);
    if (!status) error_ = std::move(status).error();
    queue_.close();
}

base::Status LocalStream::answer(const std::stop_token& stop) {
    TRY(queue_.push(ModelChosen{
        .model = engine_->name(), .backend = "local", .reason = "runs in this process"}));
    const uint64_t seed = request_.options.seed.value_or(std::random_device()());
    std::vector<int32_t> prompt;
    const GenerationCalls calls = {
        .onQueued = [this] { (void)send(Waiting{.what = "another answer is being written"}); },
        .onPrompt = [this](int64_t done, int64_t total) { sendProgress(done, total); },
        .onToken = [this](int32_t token,
                          std::string_view bytes) { return writer_.push(token, bytes); },
    };
    TRY_ASSIGN(auto generation, engine_->generate([&] { return prompt = makePrompt(); },
                                                  generationOptions(seed), calls, stop));
    if (stop.stop_requested()) return cancelled();
    const bool isWhole = generation.end == GenerationEnd::endToken;
    writer_.finish(isWhole ? AnswerEnd::byModel : AnswerEnd::cut);
    remember(prompt, generation);
    TRY(queue_.push(Usage{.inputTokens = generation.promptTokens,
                          .cachedInputTokens = generation.cachedTokens,
                          .outputTokens = int64_t(generation.tokens.size()),
                          .reasoningTokens = writer_.reasoningTokens()}));
    return queue_.push(finishFor(generation, seed));
}

// Not what a stop string cut off, which is in the tokens but not in the text, nor a reasoning that
// never ended: the next prompt ends it.
void LocalStream::remember(std::span<const int32_t> prompt, const Generation& generation) {
    const Message& message = writer_.message();
    const bool isOpen =
        message.text.empty() && message.toolCalls.empty() && !message.reasoning.empty();
    if (writer_.metStopString() || generation.tokens.empty() || isOpen) return;
    engine_->answers().remember(prompt, answerKey(message), generation.tokens);
}

std::vector<int32_t> LocalStream::makePrompt() const {
    return promptTokens(engine_->tokenizer(), engine_->answers(), parts_);
}

GenerationOptions LocalStream::generationOptions(uint64_t seed) const {
    GenerationOptions options = {.tokensMax = request_.options.outputTokensMax,
                                 .sampler = engine_->defaultSampler(),
                                 .constraint = constraint_.get()};
    if (request_.options.temperature) options.sampler.temperature = *request_.options.temperature;
    options.sampler.seed = seed;
    return options;
}

void LocalStream::sendProgress(int64_t done, int64_t total) {
    const int64_t now = base::SystemClock().steadyMs();
    if (now - progressMs_ < kProgressMs) return;
    progressMs_ = now;
    (void)send({Waiting{.what = "reading the prompt", .doneTokens = done, .totalTokens = total}});
}

Finish LocalStream::finishFor(const Generation& generation, uint64_t seed) const {
    const auto with = [](FinishReason reason, std::string detail) {
        return Finish{.reason = reason, .detail = std::move(detail)};
    };
    const int64_t window = engine_->contextTokens();
    switch (generation.end) {
        case GenerationEnd::promptTooBig:
            return with(FinishReason::contextFull,
                        fmt::format("the prompt has {} tokens, the window holds {} with the answer",
                                    generation.promptTokens, window));
        case GenerationEnd::windowFull:
            return with(FinishReason::length,
                        fmt::format("the window of {} tokens is full", window));
        case GenerationEnd::tokensMax:
            return with(FinishReason::length,
                        fmt::format("limit of {} tokens", request_.options.outputTokensMax));
        case GenerationEnd::endToken:
        case GenerationEnd::byCaller:
            break;
    }
    const std::string faults = writer_.faults();
    return with(
        writer_.hasCalls() ? FinishReason::toolCalls : FinishReason::stop,
        fmt::format("{}, seed {}{}{}", writer_.metStopString() ? "stop string" : "end of turn",
                    seed, faults.empty() ? "" : "; ", faults));
}

// Plain stretches that touch are tokenised as one, as the template's own text would be.
class PromptEncoder {
public:
    PromptEncoder(const Tokenizer& tokenizer, std::vector<int32_t>& out)
        : tokenizer_(tokenizer),
          out_(out) {}

    void addPlain(std::string_view text) { plain_ += text; }

    void addToken(int32_t token) {
        flush();
        out_.push_back(token);
    }

    void flush() {
        tokenizer_.encode(plain_, TextKind::plain, out_);
        plain_.clear();
    }

    // Of the tokens so far and those of the plain stretch that is still open.
    PromptName name() {
        named_.append(std::span(out_).subspan(nNamed_));
        nNamed_ = out_.size();
        PromptName whole = named_;
        whole.append(tokenizer_.encode(plain_));
        return whole;
    }

private:
    const Tokenizer& tokenizer_;
    std::vector<int32_t>& out_;
    std::string plain_;
    PromptName named_;  // of the first nNamed_ tokens
    size_t nNamed_ = 0;
};

}  // namespace

std::vector<int32_t> promptTokens(const Tokenizer& tokenizer, const AnswerMemory& answers,
                                  std::span<const PromptPart> parts) {
    const Vocabulary& vocabulary = tokenizer.vocabulary();
    std::vector<int32_t> tokens;
    const bool beginsItself = !parts.empty() && parts.front().kind == PromptPart::Kind::special &&
                              vocabulary.special(parts.front().text) == vocabulary.beginOfText();
    if (vocabulary.addsBeginOfText() && !beginsItself) tokens.push_back(*vocabulary.beginOfText());
    PromptEncoder encoder(tokenizer, tokens);
    bool isKnown = false;  // within an answer that is remembered
    for (const auto& part : parts) {
        if (part.kind == PromptPart::Kind::answerEnd) {
            isKnown = false;
        } else if (isKnown) {
            continue;
        } else if (part.kind == PromptPart::Kind::special) {
            encoder.addToken(vocabulary.special(part.text).value());
        } else if (part.kind == PromptPart::Kind::plain) {
            encoder.addPlain(part.text);
        } else if (const auto known = answers.find(encoder.name(), part.text)) {
            encoder.flush();
            tokens.insert(tokens.end(), known->begin(), known->end());
            isKnown = true;
        }
    }
    encoder.flush();
    return tokens;
}

// ChatML is described in our own words, which the model may never have seen.
bool LocalModel::hasTools() const {
    return engine_->format() && engine_->format()->family().name != "chatml";
}

bool LocalModel::hasReasoning() const {
    return engine_->format() &&
           engine_->format()->family().reasoning == ChatFamily::Reasoning::shown;
}

base::Result<std::unique_ptr<ChatStream>> LocalModel::start(ChatRequest request,
                                                            std::stop_token stop) {
    if (!engine_->format()) return base::fail(engine_->format().error());
    if (request.messages.empty())
        return base::fail(base::Errc::invalidInput, "the request has no message");
    if (request.options.outputTokensMax <= 0)
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("an output of {} tokens was asked for", request.options.outputTokensMax));
    TRY(checkImages(request, limits()));
    TRY_ASSIGN(auto parts, engine_->format()->tryRender(request));
    TRY_ASSIGN(auto masks,
               constraints_.masksFor(request, *engine_->format(), engine_->tokenizer()));
    return std::make_unique<LocalStream>(engine_, std::move(request), std::move(parts),
                                         std::move(masks), std::move(stop));
}

ModelLimits LocalModel::limits() const {
    // Any output length is taken; this is what leaves most of the window to the conversation.
    return {.model = engine_->name(),
            .contextTokens = engine_->contextTokens(),
            .outputTokensMax = std::max<int64_t>(1, engine_->contextTokens() / 4),
            .hasTools = hasTools(),
            .hasReasoning = hasReasoning(),
            .isLocal = true,
            .price = ModelLimits::Price{}};
}

int64_t LocalModel::countTokens(std::string_view text) const {
    return engine_->tokenizer().count(text);
}

std::string LocalModel::serialise(const ChatRequest& request) const {
    if (!engine_->format()) return {};
    const auto parts = engine_->format()->tryRender(request);
    return parts ? toText(*parts) : std::string();
}

base::Result<std::unique_ptr<ChatModel>> openLocalModel(const LocalModelOptions& options) {
    auto engine = LocalEngine::open(options);
    if (!engine)
        return base::fail(std::move(engine).error().within(
            fmt::format("open model {}", options.file.filename().string())));
    return std::make_unique<LocalModel>(*std::move(engine));
}

}  // namespace moxie::engine

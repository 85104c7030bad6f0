// An agent's day: one long conversation with tool results, edits and compactions, and sub-agents in
// between, through the door that agents use. Nothing may be read twice.
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "engine/local/local_engine.h"
#include "engine/local/local_model.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_chat_model.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

namespace {

using Ids = std::vector<int32_t>;

int64_t agreeing(const Ids& a, const Ids& b) {
    return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
}

std::shared_ptr<LocalEngine> openEngine(const TinyChatModel& model,
                                        const std::filesystem::path& kvDirectory = {}) {
    auto engine = LocalEngine::open({.file = model.folder(),
                                     .threads = 1,
                                     .contextTokens = 32768,
                                     .kvMemoryBytes = int64_t{2} << 30,
                                     .kvDirectory = kvDirectory});
    if (!engine) FAIL(engine.error().message());
    return *std::move(engine);
}

struct Conversation {
    std::vector<Message> messages = {};
    int64_t turns = 0;
};

class Replay {
public:
    explicit Replay(const TinyChatModel& files)
        : engine_(openEngine(files)),
          model_(engine_),
          main_(begin("You are a coding agent.")) {}

    // `turns` turns, of which every third belongs to a sub-agent.
    void run(int64_t turns) {
        Conversation sub;
        for (int64_t i = 0; i < turns; ++i) {
            if (i % 3 == 2) {
                if (sub.turns % 5 == 0) sub = begin("Find where the parser reads a number.");
                turn(sub);
                continue;
            }
            if (i % 60 == 57) main_ = begin("What was done so far: " + words(30));
            // The last question is asked another way.
            if (i % 11 == 10 && main_.messages.size() > 4)
                main_.messages.resize(main_.messages.size() - 2);
            turn(main_);
        }
    }

    // Evaluated for each token of a prompt that had not been there before.
    double readsPerNewToken() const {
        return static_cast<double>(engine_->stats().evaluatedTokens) /
               static_cast<double>(newTokens_);
    }

    int64_t newTokens() const { return newTokens_; }

    // The turns that read more than two tokens again, for the message of a failure.
    const std::string& readAgain() const { return readAgain_; }

    int64_t mismatches() const { return mismatches_; }

    EngineStats stats() const { return engine_->stats(); }

    // The next answer of the main conversation, from here and from an engine that knows nothing.
    std::pair<Ids, Ids> nextAnswers(const TinyChatModel& files) {
        main_.messages.push_back({.role = Role::user, .text = "And now?"});
        const Ids prompt = promptOf(main_);
        const auto answer = [&](LocalEngine& engine) {
            return engine
                .generate([&] { return prompt; },
                          {.tokensMax = 40, .sampler = {.temperature = 1, .seed = 5}}, {}, {})
                .value()
                .tokens;
        };
        return {answer(*engine_), answer(*openEngine(files))};
    }

private:
    Conversation begin(const std::string& task) {
        return {.messages = {
                    {.role = Role::system,
                     .text = "You are an agent in a repository. Answer in short steps and use the "
                             "tools. Never guess a path; look for it. Say what you did not do."},
                    {.role = Role::user, .text = task}}};
    }

    std::string words(int64_t n) {
        static const char* const kWords[] = {"read", "file",   "数据", "int", "{",
                                             "}",    "return", "路径", "\n",  "test",
                                             "0x7f", "error:", "line"};
        std::string text;
        for (int64_t i = 0; i < n; ++i)
            text += std::string(kWords[random_() % std::size(kWords)]) + " ";
        return text;
    }

    Ids promptOf(const Conversation& conversation) const {
        return promptTokens(engine_->tokenizer(), engine_->answers(),
                            engine_->format()->render(conversation.messages, {}));
    }

    Message ask(LocalModel& model, const Conversation& conversation, uint64_t seed) {
        ChatRequest request = {
            .messages = conversation.messages,
            .options = {.outputTokensMax = 20, .temperature = 1.0, .seed = seed}};
        const auto stream = model.start(std::move(request), {}).value();
        Message message = {.role = Role::assistant};
        while (const auto event = stream->next().value()) {
            if (const auto* text = std::get_if<TextDelta>(&*event)) message.text += text->text;
            if (const auto* text = std::get_if<ReasoningDelta>(&*event))
                message.reasoning += text->text;
            if (const auto* call = std::get_if<ToolCallReady>(&*event))
                message.toolCalls.push_back(call->call);
        }
        return message;
    }

    void turn(Conversation& conversation) {
        const Ids prompt = promptOf(conversation);
        int64_t known = 0;
        for (const Ids& ids : answered_)
            known = std::max(known, agreeing(ids, prompt));
        const int64_t newTokens = std::ssize(prompt) - known;
        const int64_t before = engine_->stats().evaluatedTokens;
        newTokens_ += newTokens;
        conversation.messages.push_back(ask(model_, conversation, random_()));
        const int64_t again = engine_->stats().evaluatedTokens - before - newTokens;
        if (again > 2)
            readAgain_ += fmt::format("turn {}: {} of {} ", answered_.size(), again, prompt.size());
        const auto answer =
            engine_->answers().find(PromptName(prompt), answerKey(conversation.messages.back()));
        Ids held = prompt;
        if (answer) held.insert(held.end(), answer->begin(), answer->end());
        const Role next = conversation.turns % 3 == 1 ? Role::user : Role::tool;
        conversation.messages.push_back({.role = next, .text = words(2 + random_() % 10)});
        ++conversation.turns;
        // What is rendered next begins with what is held.
        const Ids rendered = promptOf(conversation);
        const bool isEmpty = conversation.messages[conversation.messages.size() - 2].text.empty();
        const bool isHeld = answer && agreeing(held, rendered) == std::ssize(held);
        mismatches_ += isEmpty || isHeld ? 0 : 1;
        answered_.push_back(std::move(held));
    }

    std::shared_ptr<LocalEngine> engine_;
    LocalModel model_;
    std::minstd_rand random_{11};
    Conversation main_;
    std::vector<Ids> answered_;  // prompt and answer of each turn
    int64_t newTokens_ = 0;
    int64_t mismatches_ = 0;
    std::string readAgain_;
};

void requireNothingReadTwice(const std::string& family, int64_t turns) {
    const TinyChatModel files(family);
    Replay replay(files);
    replay.run(turns);
    const EngineStats stats = replay.stats();
    CAPTURE(family, turns, replay.readAgain(), replay.newTokens(), stats.evaluatedTokens,
            stats.promptTokens, stats.memory.pages, stats.memory.points, replay.readsPerNewToken());
    REQUIRE(stats.generations == turns);
    REQUIRE(replay.mismatches() == 0);
    REQUIRE(replay.readsPerNewToken() <= 1.05);
    REQUIRE(stats.promptTokens == stats.cachedTokens + stats.evaluatedTokens);
    const auto [here, cold] = replay.nextAnswers(files);
    REQUIRE(here == cold);
}

}  // namespace

TEST_CASE("an agent of 100 turns and its sub-agents read nothing twice", "[engine][kv]") {
    requireNothingReadTwice("llama3", 100);
}

TEST_CASE("an agent whose model has windows reads nothing twice", "[engine][kv]") {
    requireNothingReadTwice("deepseek_v4", 40);
}

TEST_CASE("an agent of 1,000 turns reads nothing twice", "[.slow][engine][kv]") {
    for (const char* family : {"llama3", "gpt_oss", "deepseek_v32", "deepseek_v4"}) {
        const TinyChatModel files(family);
        Replay replay(files);
        replay.run(1000);
        WARN(family << ": " << replay.stats().evaluatedTokens << " prompt tokens evaluated of "
                    << replay.stats().promptTokens << ", " << replay.newTokens()
                    << " were new: " << replay.readsPerNewToken() << " per new token");
        REQUIRE(replay.mismatches() == 0);
        REQUIRE(replay.readsPerNewToken() <= 1.05);
    }
}

TEST_CASE("an engine that is opened again goes on from disk", "[engine][kv]") {
    for (const char* family : {"llama3", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        const tests::ModelFolder folder;
        const GenerationOptions options = {.tokensMax = 20,
                                           .sampler = {.temperature = 1, .seed = 3}};
        Ids ids(700);
        for (size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<int32_t>(i * i % 251);
        const auto say = [&](LocalEngine& engine) {
            return engine.generate([&] { return ids; }, options, {}, {}).value();
        };
        Generation first;
        {
            const auto engine = openEngine(files, folder.path());
            first = say(*engine);
            REQUIRE(first.cachedTokens == 0);
            REQUIRE(engine->stats().disk.isWriter);
            REQUIRE(engine->stats().disk.writtenBytes > 0);
        }
        {
            const auto engine = openEngine(files, folder.path());
            const Generation again = say(*engine);
            REQUIRE(again.tokens == first.tokens);
            REQUIRE(again.diskTokens == again.cachedTokens);
            REQUIRE(again.evaluatedTokens <= 1);
        }
        ids.insert(ids.end(), first.tokens.begin(), first.tokens.end());
        ids.insert(ids.end(), {1, 2, 3, 4, 5});
        const auto engine = openEngine(files, folder.path());
        const Generation next = say(*engine);
        REQUIRE(next.evaluatedTokens <= 6);
        REQUIRE(next.diskTokens >= 719);
        REQUIRE(say(*openEngine(files)).tokens == next.tokens);
    }
}

TEST_CASE("an engine that is opened again knows which tokens its answers were", "[engine][kv]") {
    const TinyChatModel files("llama3");
    const tests::ModelFolder folder;
    const Ids prompt = {1, 2, 3};
    const Ids tokens = {200, 201, 7};
    {
        const auto engine = openEngine(files, folder.path());
        engine->answers().remember(prompt, "an answer", tokens);
    }
    const auto engine = openEngine(files, folder.path());
    REQUIRE(engine->answers().find(PromptName(prompt), "an answer") == tokens);
    REQUIRE_FALSE(engine->answers().find(PromptName(prompt), "another one").has_value());
}

TEST_CASE("conversations that take turns keep their prefixes", "[engine][kv]") {
    for (const char* family : {"llama3", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        const auto engine = openEngine(files);
        std::vector<Ids> all;
        for (int32_t c = 0; c < 4; ++c)
            all.emplace_back(500 + 10 * c, 20 * c + 1);
        for (int round = 0; round < 3; ++round)
            for (Ids& ids : all) {
                const Generation answer =
                    engine
                        ->generate([&] { return ids; },
                                   {.tokensMax = 8, .sampler = {.temperature = 1, .seed = 1}}, {},
                                   {})
                        .value();
                REQUIRE(answer.evaluatedTokens <= (round == 0 ? std::ssize(ids) : 11));
                ids.insert(ids.end(), answer.tokens.begin(), answer.tokens.end());
                ids.insert(ids.end(), 10, 7);
            }
    }
}

}  // namespace moxie::engine

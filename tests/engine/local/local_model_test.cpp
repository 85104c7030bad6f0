#include "engine/local/local_model.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "engine/local/generate.h"
#include "tests/catch.h"
#include "tests/engine/local/sample_model.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::openSampleEngine;

namespace {

// Everything a stream gave.
struct Answer {
    std::string text;
    std::vector<ToolCall> calls;
    Usage usage;
    Finish finish;
    std::vector<Waiting> waits;
    std::optional<base::Error> error;
};

Answer drain(ChatStream& stream) {
    Answer answer;
    bool isFirst = true;
    while (true) {
        auto event = stream.next();
        if (!event) {
            answer.error = event.error();
            return answer;
        }
        if (!*event) return answer;
        CHECK(std::holds_alternative<ModelChosen>(**event) == isFirst);
        isFirst = false;
        if (const auto* text = std::get_if<TextDelta>(&**event)) answer.text += text->text;
        if (const auto* call = std::get_if<ToolCallReady>(&**event))
            answer.calls.push_back(call->call);
        if (const auto* usage = std::get_if<Usage>(&**event)) answer.usage = *usage;
        if (const auto* wait = std::get_if<Waiting>(&**event)) answer.waits.push_back(*wait);
        if (const auto* finish = std::get_if<Finish>(&**event)) answer.finish = *finish;
    }
}

Answer ask(ChatModel& model, ChatRequest request) {
    auto stream = model.start(std::move(request), {});
    if (!stream) FAIL(stream.error().message());
    auto answer = drain(**stream);
    if (answer.error) FAIL(answer.error->message());
    return answer;
}

ChatRequest greedy(std::vector<Message> messages, int64_t tokensMax = 12) {
    return {.messages = std::move(messages),
            .options = {.outputTokensMax = tokensMax, .temperature = 0.0}};
}

Message user(std::string text) {
    return {.role = Role::user, .text = std::move(text)};
}

}  // namespace

TEST_CASE("the sample model answers through the door", "[engine][local]") {
    const auto engine = openSampleEngine();
    if (!engine) return;
    LocalModel model(engine);
    const auto answer =
        ask(model, greedy({user("What is the capital of France? Answer in one word.")}));
    INFO(answer.text);
    CHECK(answer.text.find("Paris") != std::string::npos);
    CHECK(answer.usage.inputTokens > 20);
    CHECK(answer.usage.cachedInputTokens == 0);
    CHECK(answer.usage.outputTokens > 0);
    CHECK(answer.finish.reason == FinishReason::stop);
    CHECK(model.limits().isLocal);
    CHECK(model.limits().contextTokens == 1024);
}

TEST_CASE("a conversation that goes on evaluates only what is new, and says the same",
          "[engine][local]") {
    const auto engine = openSampleEngine();
    const auto fresh = openSampleEngine();
    if (!engine || !fresh) return;
    LocalModel model(engine);
    std::vector<Message> messages = {user("Write two sentences about rivers.")};
    const auto first = ask(model, greedy(messages, 8));
    CHECK(first.finish.reason == FinishReason::length);
    messages.push_back({.role = Role::assistant, .text = first.text});
    messages.push_back(user("Go on."));
    const auto second = ask(model, greedy(messages));
    // All of the first prompt and all of its answer but the last token, which was never evaluated.
    CHECK(second.usage.cachedInputTokens == first.usage.inputTokens + first.usage.outputTokens - 1);

    LocalModel cold(fresh);
    const auto again = ask(cold, greedy(messages));
    CHECK(again.usage.cachedInputTokens == 0);
    CHECK(again.text == second.text);

    SECTION("and the same request once more is read from the cache but for its last token") {
        const auto repeated = ask(model, greedy(messages));
        CHECK(repeated.text == second.text);
        CHECK(repeated.usage.cachedInputTokens == repeated.usage.inputTokens - 1);
    }
}

TEST_CASE("tokens of an answer are kept as they were sampled", "[engine][local]") {
    const auto engine = openSampleEngine();
    if (!engine) return;
    const auto& tokenizer = engine->tokenizer();
    // "h" + "ello" spells what the tokenizer writes as one token.
    std::vector<int32_t> sampled = tokenizer.encode("h");
    for (const int32_t token : tokenizer.encode("ello"))
        sampled.push_back(token);
    REQUIRE(sampled != tokenizer.encode("hello"));
    std::vector<Message> messages = {user("greet")};
    const auto prompt =
        promptTokens(tokenizer, engine->answers(), engine->format()->render(messages, {}));
    messages.push_back({.role = Role::assistant, .text = "hello"});
    engine->answers().remember(prompt, answerKey(messages.back()), sampled);
    const auto next =
        promptTokens(tokenizer, engine->answers(), engine->format()->render(messages, {}));
    auto expected = prompt;
    expected.insert(expected.end(), sampled.begin(), sampled.end());
    REQUIRE(next.size() > expected.size());
    CHECK(std::vector<int32_t>(next.begin(), next.begin() + std::ssize(expected)) == expected);
}

TEST_CASE("a seed makes sampling repeatable and streaming equals one-shot", "[engine][local]") {
    const auto engine = openSampleEngine();
    if (!engine) return;
    LocalModel model(engine);
    ChatRequest request = greedy({user("Tell a story.")});
    request.options.temperature = 1.5;
    request.options.seed = 7;
    const auto one = ask(model, request);
    const auto two = ask(model, request);
    CHECK(one.text == two.text);
    request.options.seed = 8;
    CHECK(ask(model, request).text != one.text);

    std::string oneShot;
    const auto stats = generate({.model = {.file = *findSampleModel(), .contextTokens = 1024},
                                 .prompt = "Tell a story.",
                                 .maxTokens = 12,
                                 .temperature = 1.5,
                                 .seed = 7},
                                [&](std::string_view text) { oneShot += text; }, {});
    REQUIRE(stats.has_value());
    CHECK(oneShot == one.text);
    CHECK(stats->outputTokens == one.usage.outputTokens);
}

TEST_CASE("stop strings end the text before them", "[engine][local]") {
    const auto engine = openSampleEngine();
    if (!engine) return;
    LocalModel model(engine);
    auto request = greedy({user("Count from one to ten in words.")}, 20);
    const auto whole = ask(model, request);
    REQUIRE(whole.text.size() > 12);
    const std::string stop = whole.text.substr(6, 4);
    request.options.stop = {stop};
    const auto cut = ask(model, request);
    CHECK(cut.text == whole.text.substr(0, whole.text.find(stop)));
    CHECK(cut.finish.reason == FinishReason::stop);
}

TEST_CASE("what does not fit is said before anything is evaluated", "[engine][local]") {
    const auto engine = openSampleEngine(64);
    if (!engine) return;
    LocalModel model(engine);
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += "word ";
    const auto refused = ask(model, greedy({user(many)}));
    CHECK(refused.finish.reason == FinishReason::contextFull);
    CHECK(refused.usage.inputTokens > 64);
    CHECK(refused.usage.outputTokens == 0);
    CHECK(refused.text.empty());
    // A full window ends an answer as an output limit does.
    const auto filled = ask(model, greedy({user("Write a very long story about a dragon.")}, 9999));
    CHECK(filled.finish.reason == FinishReason::length);
    CHECK(filled.usage.inputTokens + filled.usage.outputTokens <= 65);
}

TEST_CASE("an answer under a response schema is a value of it, a required call is made",
          "[engine][local][grammar]") {
    const auto engine = openSampleEngine(2048);
    if (!engine) return;
    LocalModel model(engine);
    auto request = greedy({user("Where is Paris?")}, 200);
    request.options.responseSchemaJson =
        R"({"type": "object", "properties": {"country": {"enum": ["Peru", "France"]}},
            "required": ["country"]})";
    const auto answered = ask(model, request);
    CHECK(answered.text.find("\"country\":") == 1);
    CHECK(answered.finish.reason == FinishReason::stop);
    request.options.responseSchemaJson.clear();
    request.options.toolUse = ToolUse::required;
    request.tools = {{.name = "locate", .description = "Finds a city."}};
    request.tools[0].parametersJson =
        R"({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})";
    request.tools[0].facts = {{.argument = "city",
                               .allowed = std::make_shared<const std::vector<std::string>>(
                                   std::vector<std::string>{"Lima", "Paris"})}};
    const auto called = ask(model, request);
    REQUIRE(called.finish.reason == FinishReason::toolCalls);
    CHECK(called.text.empty());
}

TEST_CASE("requests that cannot be answered fail at once", "[engine][local]") {
    const auto engine = openSampleEngine(128);
    if (!engine) return;
    LocalModel model(engine);
    CHECK(model.start({}, {}).error().kind() == base::Errc::invalidInput);
    auto withoutTool = greedy({user("x")});
    withoutTool.options.toolUse = ToolUse::required;
    CHECK(model.start(withoutTool, {}).error().kind() == base::Errc::invalidInput);
    CHECK(model.start(greedy({user("x")}, 0), {}).error().kind() == base::Errc::invalidInput);
}

TEST_CASE("cancelling ends an answer within a tenth of a second or so", "[engine][local]") {
    const auto engine = openSampleEngine(4096);
    if (!engine) return;
    LocalModel model(engine);
    std::string many;
    for (int i = 0; i < 3000; ++i)
        many += "word ";
    std::stop_source source;
    SECTION("while the prompt is read") {
        auto stream = model.start(greedy({user(many)}), source.get_token());
        REQUIRE(stream.has_value());
        // Wait until reading has begun.
        while (true) {
            const auto event = (*stream)->next();
            REQUIRE(event.has_value());
            if (std::holds_alternative<Waiting>(**event)) break;
        }
        source.request_stop();
        const auto began = std::chrono::steady_clock::now();
        CHECK(drain(**stream).error->kind() == base::Errc::cancelled);
        stream->reset();
        // 100 ms are asked for; a machine crowded by other work may need more.
        CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(1000));
    }
    SECTION("while tokens come, and the model goes on to be of use") {
        auto stream = model.start(greedy({user("Tell a long story.")}, 2000), source.get_token());
        REQUIRE(stream.has_value());
        for (int i = 0; i < 5; ++i)
            REQUIRE((*stream)->next().has_value());
        source.request_stop();
        CHECK(drain(**stream).error->kind() == base::Errc::cancelled);
        stream->reset();
        CHECK(ask(model, greedy({user("Hi")}, 4)).usage.outputTokens > 0);
    }
    SECTION("by letting go of the stream while another one waits for it") {
        auto first = model.start(greedy({user("Tell a long story.")}, 2000), {});
        REQUIRE(first.has_value());
        REQUIRE((*first)->next().has_value());
        auto second = model.start(greedy({user("Hi")}, 4), {});
        REQUIRE(second.has_value());
        first->reset();
        CHECK_FALSE(drain(**second).error.has_value());
    }
}

TEST_CASE("local files that cannot be opened say why", "[engine][local]") {
    const auto missing = openLocalModel({.file = "/nowhere/x.gguf"});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().kind() == base::Errc::notFound);
    const auto path = findSampleModel();
    if (!path) return;
    const auto strange = openLocalModel({.file = *path, .isa = "neon"});
    REQUIRE_FALSE(strange.has_value());
    CHECK(strange.error().kind() == base::Errc::unsupported);
}

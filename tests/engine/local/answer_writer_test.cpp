#include "engine/local/answer_writer.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

// Every byte is a token, and each name is one control token.
struct ByteVocabulary {
    std::vector<std::string> storage;
    Vocabulary vocabulary;

    explicit ByteVocabulary(const std::vector<std::string>& names) : vocabulary(make(names)) {}

    Vocabulary make(const std::vector<std::string>& names) {
        for (int byte = '!'; byte <= '~'; ++byte)
            storage.emplace_back(1, char(byte));
        storage.emplace_back("Ġ");  // the blank in the byte alphabet
        storage.emplace_back("Ċ");  // the line end
        std::vector<int64_t> kinds(storage.size(), 1);
        for (const auto& name : names) {
            storage.push_back(name);
            kinds.push_back(3);
        }
        const std::vector<std::string_view> tokens(storage.begin(), storage.end());
        return *Vocabulary::make({.tokens = tokens, .kinds = kinds});
    }

    void push(AnswerWriter& writer, int32_t token) const {
        writer.push(token, vocabulary.bytes(token));
    }

    // The tokens of `text`, byte by byte, except for control tokens between `{{` and `}}`.
    void say(AnswerWriter& writer, std::string_view text) const {
        while (!text.empty()) {
            if (text.starts_with("{{")) {
                const std::string_view name = text.substr(2, text.find("}}") - 2);
                push(writer, *vocabulary.special(name));
                text.remove_prefix(name.size() + 4);
                continue;
            }
            push(writer, vocabulary.byteTokens()[uint8_t(text.front())]);
            text.remove_prefix(1);
        }
    }
};

ByteVocabulary v4Vocabulary() {
    return ByteVocabulary({"<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>",
                           "<｜Assistant｜>", "<think>", "</think>", "｜DSML｜",
                           "<｜latest_reminder｜>"});
}

ChatRequest v4Request() {
    return {.messages = {{.role = Role::user, .text = "q"}}, .tools = {{.name = "ls"}}};
}

}  // namespace

TEST_CASE("control tokens part an answer, and text that spells them does not", "[engine][local]") {
    const auto tokens = v4Vocabulary();
    const auto format = ChatFormat::make({}, tokens.vocabulary);
    REQUIRE(format.has_value());
    CHECK(format->family().name == "deepseek-v4");
    std::vector<StreamEvent> events;
    AnswerWriter writer(v4Request(), *format, [&events](StreamEvent event) {
        events.push_back(std::move(event));
        return true;
    });
    tokens.say(
        writer,
        "I write </think> here{{</think>}}Now.\n\n<{{｜DSML｜}}tool_calls>\n<{{｜DSML｜}}invoke "
        "name=\"ls\">\n</{{｜DSML｜}}invoke>\n</{{｜DSML｜}}tool_calls>");
    writer.finish(AnswerEnd::byModel);
    CHECK(writer.message().reasoning == "I write </think> here");
    CHECK(writer.message().text == "Now.");
    REQUIRE(writer.message().toolCalls.size() == 1);
    CHECK(writer.message().toolCalls[0] ==
          ToolCall{.id = "call_1", .name = "ls", .arguments = "{}"});
    CHECK(writer.faults().empty());
    CHECK(writer.reasoningTokens() > 0);
    CHECK(std::holds_alternative<ReasoningDelta>(events.front()));
    CHECK(std::holds_alternative<ToolCallReady>(events.back()));
}

TEST_CASE("why a call was refused is told", "[engine][local]") {
    const auto tokens = v4Vocabulary();
    const auto format = ChatFormat::make({}, tokens.vocabulary);
    AnswerWriter writer(v4Request(), *format, [](StreamEvent) { return true; });
    tokens.say(writer, "{{</think>}}<{{｜DSML｜}}tool_calls><{{｜DSML｜}}invoke name=\"ls\">x");
    writer.finish(AnswerEnd::cut);
    REQUIRE(writer.message().toolCalls.size() == 1);
    CHECK_FALSE(writer.message().toolCalls[0].isComplete);
    CHECK(writer.message().toolCalls[0].name == "ls");
    CHECK(writer.faults().starts_with("call_1: the answer ended inside a call at byte "));
}

TEST_CASE("a stop string ends an answer in the middle of a call", "[engine][local]") {
    const auto tokens = v4Vocabulary();
    const auto format = ChatFormat::make({}, tokens.vocabulary);
    auto request = v4Request();
    request.options.stop = {"STOP"};
    AnswerWriter writer(request, *format, [](StreamEvent) { return true; });
    tokens.say(writer, "{{</think>}}<{{｜DSML｜}}tool_calls><{{｜DSML｜}}invoke name=\"STOP");
    writer.finish(AnswerEnd::byModel);
    CHECK(writer.metStopString());
    REQUIRE(writer.message().toolCalls.size() == 1);
    CHECK_FALSE(writer.message().toolCalls[0].isComplete);
}

TEST_CASE("gpt-oss goes on behind the end of a message, others end there", "[engine][local]") {
    const auto oss = ByteVocabulary({"<|start|>", "<|end|>", "<|message|>", "<|channel|>",
                                     "<|call|>", "<|return|>", "<|constrain|>"});
    const auto format = ChatFormat::make(
        {.jinja = "<|channel|>analysis<|message|> render_tool_namespace"}, oss.vocabulary);
    REQUIRE(format.has_value());
    const auto ends = [](const ChatFormat& chat, const ByteVocabulary& tokens,
                         std::string_view name) {
        return chat.endsAnswer(*tokens.vocabulary.special(name));
    };
    CHECK_FALSE(ends(*format, oss, "<|end|>"));
    CHECK(ends(*format, oss, "<|call|>"));
    CHECK(ends(*format, oss, "<|return|>"));
    const auto chatMl = ByteVocabulary({"<|im_start|>", "<|im_end|>", "<|end|>"});
    const auto plain = ChatFormat::make({.jinja = "<|im_start|><|im_end|>"}, chatMl.vocabulary);
    REQUIRE(plain.has_value());
    CHECK(ends(*plain, chatMl, "<|end|>"));
    CHECK_FALSE(ends(*plain, chatMl, "<|im_start|>"));
}

TEST_CASE("models without a template are known by their tokens, or refused", "[engine][local]") {
    const auto v32 = ByteVocabulary({"<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>",
                                     "<｜User｜>", "<｜Assistant｜>", "｜DSML｜"});
    CHECK(ChatFormat::make({}, v32.vocabulary)->family().name == "deepseek-v3.2");
    const auto v4 = v4Vocabulary();
    CHECK(ChatFormat::make({.ladder = DeepseekV4Ladder::preview}, v4.vocabulary)->family().name ==
          "deepseek-v4-preview");
    const auto bare = ByteVocabulary({"<s>"});
    const auto refused = ChatFormat::make({}, bare.vocabulary);
    REQUIRE_FALSE(refused.has_value());
    CHECK(
        refused.error().message().starts_with("the model file has no chat template; supported: "));
    const auto lacking = ByteVocabulary({"｜DSML｜", "<｜latest_reminder｜>"});
    CHECK(ChatFormat::make({}, lacking.vocabulary)
              .error()
              .message()
              .starts_with("the vocabulary has no control token <｜begin▁of▁sentence｜>, which "
                           "deepseek-v4 needs"));
}

#include "engine/chat/answer_parser.h"

#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/chat/chat_family.h"
#include "engine/chat/python_json.h"
#include "engine/local/marker_scanner.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

struct ReadAnswer {
    std::string reasoning, text;
    std::vector<ToolCall> calls;
    std::vector<AnswerFault> faults;
    bool operator==(const ReadAnswer&) const = default;

    void add(const std::vector<AnswerPart>& parts) {
        for (const auto& part : parts) {
            if (const auto* call = std::get_if<ToolCall>(&part)) calls.push_back(*call);
            if (const auto* delta = std::get_if<TextDelta>(&part)) text += delta->text;
            if (const auto* delta = std::get_if<ReasoningDelta>(&part)) reasoning += delta->text;
        }
    }
};

std::vector<ToolSchema> someTools() {
    return {{.name = "read",
             .description = "Reads.",
             .parametersJson = R"({"type": "object", "properties": {"path": {"type": "string"},
                 "n": {"type": "integer"}, "all": {"type": "boolean"},
                 "list": {"type": "array"}, "more": {"type": "object"}}})"},
            {.name = "ls", .description = "Lists.", .parametersJson = R"({"type": "object"})"}};
}

// How a test reads answers of one family.
struct Reader {
    std::string family;
    Effort effort = Effort::high;
    AnswerEnd end = AnswerEnd::byModel;
    std::vector<ToolSchema> tools = someTools();

    MarkerNames names() const {
        const auto specials = chatFamilyNamed(family)->specials;
        return MarkerNames({specials.begin(), specials.end()});
    }

    std::unique_ptr<AnswerParser> parser() const {
        return chatFamilyNamed(family)->parser(
            {.names = names(), .tools = tools, .effort = effort});
    }

    // `pieces`: marked, and cut between characters or control tokens.
    ReadAnswer read(const std::vector<std::string>& pieces) const {
        const auto answerParser = parser();
        ReadAnswer answer;
        for (const auto& piece : pieces)
            answer.add(answerParser->push(piece));
        answer.add(answerParser->finish(end));
        answer.faults = answerParser->faults();
        return answer;
    }

    // As a model would say it: names of control tokens are control tokens.
    ReadAnswer readText(std::string_view text) const { return read({names().mark(text)}); }
};

// Characters and control tokens, the smallest pieces there are.
std::vector<std::string> atoms(std::string_view marked) {
    std::vector<std::string> pieces;
    for (size_t pos = 0; pos < marked.size();) {
        size_t end = pos + 1;
        if (marked[pos] == '\xFF')
            end = marked.find('\xFE', pos) + 1;
        else
            while (end < marked.size() && (uint8_t(marked[end]) & 0xC0) == 0x80)
                ++end;
        pieces.emplace_back(marked.substr(pos, end - pos));
        pos = end;
    }
    return pieces;
}

std::vector<std::string> randomPieces(const std::vector<std::string>& all, std::mt19937& random) {
    std::vector<std::string> pieces;
    const uint32_t chance = 1 + uint32_t(random() % 12);
    for (const auto& atom : all) {
        if (pieces.empty() || random() % chance == 0) pieces.emplace_back();
        pieces.back() += atom;
    }
    return pieces;
}

const std::string kV4Answer =
    "Think <b>.</think>Let me look.\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"read\">\n"
    "<｜DSML｜parameter name=\"path\" string=\"true\">a\n<b> \"c\"</｜DSML｜parameter>\n"
    "<｜DSML｜parameter name=\"n\" string=\"false\">1.50</｜DSML｜parameter>\n"
    "</｜DSML｜invoke>\n<｜DSML｜invoke name=\"ls\">\n\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>";

const std::vector<ToolCall> kV4Calls = {
    {.id = "call_1", .name = "read", .arguments = R"({"path": "a\n<b> \"c\"", "n": 1.50})"},
    {.id = "call_2", .name = "ls", .arguments = "{}"}};

}  // namespace

TEST_CASE("DSML: reasoning, text and calls come apart", "[engine][chat]") {
    const auto answer = Reader{"deepseek-v4"}.readText(kV4Answer);
    CHECK(answer.reasoning == "Think <b>.");
    CHECK(answer.text == "Let me look.");
    CHECK(answer.calls == kV4Calls);
    CHECK(answer.faults.empty());
    CHECK(Reader{"deepseek-v4", Effort::none}.readText("Hi <think>.</think>").text ==
          "Hi <think>.</think>");
}

TEST_CASE("DSML: what models really do is taken", "[engine][chat]") {
    const Reader reader{"deepseek-v4", Effort::none};
    const std::string call = "<｜DSML｜invoke name=\"ls\"></｜DSML｜invoke>";  // without line ends
    SECTION("the block's name of V3.2, and no blank line ahead of it") {
        const auto answer =
            reader.readText("a<｜DSML｜function_calls>" + call + "</｜DSML｜function_calls>");
        CHECK(answer.text == "a");
        CHECK(answer.calls.size() == 1);
        CHECK(answer.calls[0].isComplete);
    }
    SECTION("text behind the block") {
        const auto answer =
            reader.readText("<｜DSML｜tool_calls>" + call + "</｜DSML｜tool_calls>\nDone.");
        CHECK(answer.text == "\nDone.");
        CHECK(answer.calls.size() == 1);
    }
    SECTION("an end of the block that never came") {
        const auto answer = reader.readText("\n\n<｜DSML｜tool_calls>\n" + call + "\n");
        CHECK(answer.calls ==
              std::vector<ToolCall>{{.id = "call_1", .name = "ls", .arguments = "{}"}});
        CHECK(answer.text.empty());
        CHECK(answer.faults.empty());
    }
    SECTION("marks in ordinary letters are text") {
        const std::string spelled = "<｜DSML｜tool_calls>" + call + "</｜DSML｜tool_calls>";
        const auto answer = reader.read({spelled});
        CHECK(answer.text == spelled);
        CHECK(answer.calls.empty());
    }
    SECTION("a call within reasoning is reasoning") {
        const auto answer = Reader{"deepseek-v4"}.readText("I could <｜DSML｜tool_calls>" + call +
                                                           "</｜DSML｜tool_calls> so.</think>No.");
        CHECK(answer.calls.empty());
        CHECK(answer.text == "No.");
        CHECK(answer.reasoning ==
              "I could <｜DSML｜tool_calls>" + call + "</｜DSML｜tool_calls> so.");
    }
}

TEST_CASE("DSML: malformed calls are told exactly and never run", "[engine][chat]") {
    const auto parameter = [](const std::string& name, const std::string& kind,
                              const std::string& value) {
        return "<｜DSML｜parameter name=\"" + name + "\" string=\"" + kind + "\">" + value +
               "</｜DSML｜parameter>";
    };
    const auto [inside, problem] = GENERATE_COPY(table<std::string, std::string>({
        {" name=\"f\">" + parameter("a", "true", "1") + parameter("a", "true", "2"),
         "parameter \"a\" is there twice"},
        {" name=\"f\">" + parameter("a", "false", "{x"), "parameter \"a\" is no JSON"},
        {" name=\"f\">" + parameter("a", "maybe", "1"),
         "parameter \"a\" is neither string=\"true\" nor string=\"false\""},
        {" name=\"f\">junk", "expected a parameter or the end of the call"},
        {" name=\"f\"><｜DSML｜parameter name=\"a\">1</｜DSML｜parameter>",
         "a parameter does not say `string=`"},
        {" name=\"f\"><｜DSML｜parameter name=\"a\" string=\"true\">1",
         "parameter \"a\" has no end"},
        {" name=\"\">", "the call has no name"},
        {" name=\"f", "the call's name has no end"},
        {">", "expected ` name=\"` of the call"},
    }));
    CAPTURE(inside);
    const std::string raw = "<｜DSML｜invoke" + inside + "</｜DSML｜invoke>";
    const auto answer = Reader{"deepseek-v4", Effort::none}.readText(
        "x\n\n<｜DSML｜tool_calls>\n" + raw + "\n</｜DSML｜tool_calls>");
    CHECK(answer.text == "x" + raw);
    REQUIRE(answer.calls.size() == 1);
    CHECK_FALSE(answer.calls[0].isComplete);
    CHECK(answer.calls[0].arguments == inside);
    REQUIRE(answer.faults.size() == 1);
    CHECK(answer.faults[0].problem == problem);
    CHECK(answer.faults[0].callId == answer.calls[0].id);
    CHECK(answer.faults[0].offset >= int64_t(answer.text.find("<｜DSML｜invoke")));
}

TEST_CASE("an answer that is cut anywhere never gives a call that was not whole",
          "[engine][chat]") {
    const Reader reader{"deepseek-v4", Effort::high, AnswerEnd::cut};
    const auto all = atoms(reader.names().mark(kV4Answer));
    std::vector<std::string> pieces;
    for (const auto& atom : all) {
        const auto answer = reader.read(pieces);
        size_t whole = 0;
        for (const auto& call : answer.calls)
            if (call.isComplete) CHECK(call == kV4Calls[whole++]);
        CHECK(answer.calls.size() - whole <= 1);
        CHECK((!answer.calls.empty() && !answer.calls.back().isComplete) ==
              (!answer.faults.empty() && !answer.faults.back().callId.empty()));
        pieces.push_back(atom);
    }
}

TEST_CASE("the calls of every family are read", "[engine][chat]") {
    struct Case {
        std::string family, answer, reasoning, text;
    };

    const Case one = GENERATE(values<Case>({
        {"deepseek-v3.2",
         "r</think>t\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke "
         "name=\"read\">\n<｜DSML｜parameter "
         "name=\"path\" string=\"true\">a</｜DSML｜parameter>\n<｜DSML｜parameter name=\"n\" "
         "string=\"false\">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
         "r", "t"},
        {"deepseek-v3.1",
         "t<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read<｜tool▁sep｜>{\"path\": \"a\", \"n\": 3}"
         "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
         "", "t"},
        {"deepseek-v3",
         "r\n</think>\n\nt<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read\n"
         "```json\n{\"path\": \"a\", \"n\": 3}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
         "r", "t"},
        {"qwen2.5",
         "t\n<tool_call>\n{\"name\": \"read\", \"arguments\": {\"path\": \"a\", \"n\": "
         "3}}\n</tool_call>",
         "", "t"},
        {"qwen3",
         "<think>\nr\n</think>\n\nt\n<tool_call>\n{\"name\": \"read\", \"arguments\": {\"path\": "
         "\"a\", \"n\": 3}}\n</tool_call>",
         "r", "t"},
        {"qwen3-thinking",
         "r\n</think>\n\nt\n<tool_call>\n{\"name\": \"read\", \"arguments\": {\"path\": \"a\", "
         "\"n\": 3}}\n</tool_call>",
         "r", "t"},
        {"kimi-k2-thinking",
         "<think>r</think>t<|tool_calls_section_begin|><|tool_call_begin|>functions.read:0"
         "<|tool_call_argument_begin|>{\"path\": \"a\", \"n\": 3}<|tool_call_end|>"
         "<|tool_calls_section_end|>",
         "r", "t"},
        {"glm-4.5",
         "\n<think>r</think>\nt\n<tool_call>read\n<arg_key>path</arg_key>\n<arg_value>a</"
         "arg_value>\n"
         "<arg_key>n</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
         "r", "t"},
        {"minimax-m2",
         "r\n</think>\n\nt\n<minimax:tool_call>\n<invoke name=\"read\">\n<parameter "
         "name=\"path\">a</parameter>\n<parameter name=\"n\">3</parameter>\n</invoke>\n"
         "</minimax:tool_call>",
         "r", "t"},
        {"gpt-oss",
         "<|channel|>analysis<|message|>r<|end|><|start|>assistant<|channel|>commentary<|message|>t"
         "<|end|><|start|>assistant to=functions.read<|channel|>commentary <|constrain|>json"
         "<|message|>{\"path\": \"a\", \"n\": 3}",
         "r", "t"},
        {"llama-3", "{\"name\": \"read\", \"parameters\": {\"path\": \"a\", \"n\": 3}}", "", ""},
        {"chatml",
         "t<tool_call>{\"name\":\"read\",\"arguments\":{\"path\": \"a\", \"n\": 3}}</tool_call>",
         "", "t"},
    }));
    CAPTURE(one.family);
    const Reader reader{one.family};
    const auto answer = reader.readText(one.answer);
    CHECK(answer.reasoning == one.reasoning);
    CHECK(answer.text == one.text);
    REQUIRE(answer.calls.size() == 1);
    CHECK(answer.calls[0].isComplete);
    CHECK(answer.calls[0].name == "read");
    CHECK(answer.calls[0].arguments == "{\"path\": \"a\", \"n\": 3}");
    CHECK(answer.faults.empty());

    // Without tools on offer a call is text; reasoning is reasoning all the same.
    Reader idle = reader;
    idle.tools.clear();
    if (one.family == "deepseek-v3.1") idle.effort = Effort::none;  // with tools it never reasons
    const auto text = idle.readText(one.answer);
    if (one.family != "gpt-oss") CHECK(text.calls.empty());
    CHECK(text.reasoning == one.reasoning);

    // However it is cut, the parts are the same; and changed at random, nothing is invented.
    std::mt19937 random(7);
    const auto all = atoms(reader.names().mark(one.answer));
    for (int round = 0; round < 200; ++round)
        CHECK(reader.read(randomPieces(all, random)) == answer);
    for (int round = 0; round < 400; ++round) {
        auto changed = all;
        for (auto edits = 1 + uint32_t(random() % 4); edits > 0; --edits) {
            const size_t at = random() % changed.size();
            const std::string other = all[random() % all.size()];
            if (random() % 3 == 0)
                changed[at].clear();
            else if (random() % 2 == 0)
                changed[at] = other;
            else
                changed[at] += other;
        }
        const auto end = random() % 2 == 0 ? AnswerEnd::byModel : AnswerEnd::cut;
        const Reader other{one.family, Effort::high, end};
        const auto mutated = other.read(changed);
        CHECK(other.read(randomPieces(changed, random)) == mutated);
        for (const auto& call : mutated.calls) {
            if (!call.isComplete) continue;
            CHECK_FALSE(call.name.empty());
            const auto arguments = parsePythonJson(call.arguments);
            REQUIRE(arguments.has_value());
            CHECK(arguments->type == PythonJson::Type::object);
        }
    }
}

namespace {

// Random characters and control tokens, cut and whole.
void readNoise(int rounds) {
    std::mt19937 random(11);
    for (const auto& family : chatFamilies()) {
        Reader reader{std::string(family.name)};
        std::vector<std::string> words = {"{", "}", "\"", "\n", " ", "name",
                                          "=", ">", "<",  "a",  ":", ","};
        for (const auto name : family.specials)
            words.push_back(markedToken(name));
        for (const std::string_view word :
             {"tool_calls>", "invoke name=\"", "parameter name=\"", "string=\"true\">", "function",
              "```json", "<invoke", "</invoke>", "functions.read:0", "to=functions.read"})
            words.emplace_back(word);
        for (int round = 0; round < rounds; ++round) {
            std::vector<std::string> pieces;
            for (auto n = uint32_t(random() % 40); n > 0; --n)
                pieces.push_back(words[random() % words.size()]);
            std::string whole;
            for (const auto& piece : pieces)
                whole += piece;
            CAPTURE(family.name, whole);
            CHECK(reader.read(pieces) == reader.read({whole}));
        }
    }
}

}  // namespace

TEST_CASE("random characters and control tokens crash no parser", "[engine][chat]") {
    readNoise(300);
}

TEST_CASE("no parser is crashed by much noise", "[engine][chat][.slow]") {
    readNoise(60'000);
}

TEST_CASE("values are texts or JSON as the tool's schema says", "[engine][chat]") {
    const auto argumentsOf = [](const std::string& key, const std::string& value) {
        const auto answer = Reader{"glm-4.5"}.readText("<tool_call>read\n<arg_key>" + key +
                                                       "</arg_key>\n<arg_value>" + value +
                                                       "</arg_value>\n</tool_call>");
        REQUIRE(answer.calls.size() == 1);
        return answer.calls[0].isComplete ? answer.calls[0].arguments : answer.faults[0].problem;
    };
    CHECK(argumentsOf("path", "5") == "{\"path\": \"5\"}");
    CHECK(argumentsOf("n", "5") == "{\"n\": 5}");
    CHECK(argumentsOf("n", "five") == "parameter \"n\" is no JSON");
    CHECK(argumentsOf("unknown", "5") == "{\"unknown\": 5}");
    CHECK(argumentsOf("unknown", "five") == "{\"unknown\": \"five\"}");
    CHECK(argumentsOf("path", "a\n</b>\t") == R"({"path": "a\n</b>\t"})");
}

TEST_CASE("ids of calls are the model's own where they are free", "[engine][chat]") {
    const Reader reader{"kimi-k2"};
    const std::string call =
        "<|tool_call_begin|>functions.ls:0<|tool_call_argument_begin|>{}<|tool_call_end|>";
    const auto answer = reader.readText("<|tool_calls_section_begin|>" + call + call +
                                        "<|tool_calls_section_end|>");
    REQUIRE(answer.calls.size() == 2);
    CHECK(answer.calls[0].id == "functions.ls:0");
    CHECK(answer.calls[1].id == "call_1");
}

TEST_CASE("gpt-oss: a call is whole only if the model ended it", "[engine][chat]") {
    const std::string said = " to=functions.ls<|channel|>commentary json<|message|>{}";
    CHECK(Reader{"gpt-oss"}.readText(said).calls[0].isComplete);
    const auto cut = Reader{"gpt-oss", Effort::high, AnswerEnd::cut}.readText(said);
    REQUIRE(cut.calls.size() == 1);
    CHECK_FALSE(cut.calls[0].isComplete);
    CHECK(cut.faults[0].problem == "the answer ended inside a call");
    const auto broken =
        Reader{"gpt-oss"}.readText(" to=functions.ls<|channel|>commentary json<|message|>{");
    CHECK_FALSE(broken.calls[0].isComplete);
}

TEST_CASE("Llama 3: an answer in JSON that is no call is text", "[engine][chat]") {
    const auto answer = Reader{"llama-3"}.readText("{\"a\": 1}");
    CHECK(answer.text == "{\"a\": 1}");
    CHECK(answer.calls.empty());
    const auto cut = Reader{"llama-3"}.readText("{\"name\": \"ls\", \"para");
    REQUIRE(cut.calls.size() == 1);
    CHECK_FALSE(cut.calls[0].isComplete);
    CHECK(cut.text == "{\"name\": \"ls\", \"para");
}

TEST_CASE("Hermes: a malformed call is text and must not run", "[engine][chat]") {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& content :
         {std::string("not json"), std::string("{}"), std::string("[1]"),
          std::string(R"({"name":"a"})"), std::string(R"({"name":"","arguments":{}})"),
          std::string(R"({"name":1,"arguments":{}})"),
          std::string(R"({"name":"a","arguments":"{}"})"),
          std::string(R"({"name":"a","arguments":{},"more":1})"),
          std::string(R"({"name":"a","arguments":{},"arguments":{"x":1}})"),
          std::string(R"({"name":"a","arguments":{"x":1,"x":2}})"),
          std::string(R"({"name":"a","arguments":{}} {})"),
          R"({"name":"a","arguments":{"x":)" + deep + "}}"}) {
        CAPTURE(content);
        const std::string said = "a<tool_call>" + content + "</tool_call>b";
        const auto answer = Reader{"chatml"}.readText(said);
        CHECK(answer.text == said);
        REQUIRE(answer.calls.size() == 1);
        CHECK_FALSE(answer.calls[0].isComplete);
        CHECK(answer.calls[0].arguments == content);
        CHECK(answer.faults.size() == 1);
    }
}

TEST_CASE("ids of calls do not repeat those of the conversation", "[engine][chat]") {
    const std::vector<Message> messages = {
        {.role = Role::assistant, .toolCalls = {{.id = "call_2", .name = "x"}}}};
    CallIds ids(messages);
    CHECK(ids.take("") == "call_3");
    CHECK(ids.take("call_2") == "call_4");
    CHECK(ids.take("mine") == "mine");
}

TEST_CASE("markers are found across pieces, the earliest and longest first", "[engine][chat]") {
    MarkerScanner scanner({"stop", "stopper", "", "end"});
    CHECK(scanner.scan("a st").before == "a ");
    CHECK(scanner.scan("ar").before == "star");
    const auto found = scanner.scan("x stopper end");
    CHECK(found.before == "x ");
    CHECK(found.marker == "stopper");
    CHECK(scanner.scan("").marker == "end");
    CHECK(scanner.takeRest().empty());
}

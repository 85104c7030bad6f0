// Whatever a model would like to say: under a grammar its calls are what the schemas say.
#include "engine/grammar/answer_grammar.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "engine/grammar/constrained_sampler.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "tests/catch.h"

namespace moxie::engine {

namespace {

using nlohmann::json;

// Every byte, some pieces that tokens of real vocabularies are like, and the family's names.
std::unique_ptr<const Tokenizer> grammarTokenizer(const ChatFamily& family) {
    json vocabulary;
    json merges = json::array();
    int next = 0;
    for (int byte = 0; byte < 256; ++byte)
        vocabulary[alphabetOfBytes(std::string(1, char(byte)))] = next++;
    for (const std::string text : {"\",", "\":", "{\"", "\"}", "}}", "na", "me", "pa", "th", "</",
                                   ">\n", "\n<", "12", "tr", "ue", "a\"", "[]", "ar"}) {
        vocabulary[alphabetOfBytes(text)] = next++;
        merges.push_back({alphabetOfBytes(text.substr(0, 1)), alphabetOfBytes(text.substr(1))});
    }
    json added = json::array();
    std::set<std::string> names(family.specials.begin(), family.specials.end());
    names.insert(family.ends.begin(), family.ends.end());
    for (const auto& name : names)
        added.push_back(
            {{"id", next++}, {"content", name}, {"special", true}, {"normalized", false}});
    const json file = {{"version", "1.0"},
                       {"added_tokens", added},
                       {"normalizer", nullptr},
                       {"pre_tokenizer",
                        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
                       {"post_processor", nullptr},
                       {"decoder", {{"type", "ByteLevel"}}},
                       {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges}}}};
    auto tokenizer = Tokenizer::fromJson(file.dump());
    if (!tokenizer) FAIL(tokenizer.error().message());
    return *std::move(tokenizer);
}

// A family's vocabulary, and a model that says anything.
struct Babbler {
    explicit Babbler(const ChatFamily& its)
        : family(its),
          tokenizer(grammarTokenizer(its)),
          names(std::vector<std::string>(its.specials.begin(), its.specials.end())),
          table(std::make_shared<TokenTable>(*tokenizer, names,
                                             [this](int32_t token) { return ends(token); })) {}

    bool ends(int32_t token) const {
        return std::ranges::find(family.ends, tokenizer->vocabulary().bytes(token)) !=
               family.ends.end();
    }

    std::shared_ptr<TokenMasks> masks(const ChatRequest& request) const {
        auto grammar = compileAnswerGrammar(family, names, request);
        if (!grammar) FAIL(grammar.error().message());
        return std::make_shared<TokenMasks>(table, *std::move(grammar));
    }

    // Random logits; `likely` bytes are said more often, so that answers end.
    std::string say(const std::shared_ptr<TokenMasks>& masks, uint64_t seed, int most) const {
        std::mt19937_64 random(seed);
        TokenConstraint constraint(masks);
        ConstrainedSampler sampler({.temperature = 1, .seed = seed}, &constraint);
        std::string answer;
        std::vector<float> logits(size_t(tokenizer->vocabulary().size()));
        for (int n = 0; n < most; ++n) {
            for (size_t i = 0; i < logits.size(); ++i) {
                const auto bytes = tokenizer->vocabulary().bytes(int32_t(i));
                const bool isEnding =
                    bytes.find_first_of("\"]}<,") != std::string_view::npos || bytes.size() > 3;
                logits[i] = float(random() % 1000) / 250 + (isEnding ? 2.5F : 0.0F);
            }
            favourEnd(answer, logits);
            REQUIRE((!constraint.forced().empty() || !constraint.mask().allowsNone));
            const int32_t token = sampler.sample(logits, {});
            if (ends(token)) return answer.empty() ? " " : answer;
            const auto bytes = tokenizer->vocabulary().bytes(token);
            const bool isName =
                std::ranges::find(names.all(), bytes) != names.all().end() && bytes.size() > 2;
            answer += isName ? markedToken(bytes) : std::string(bytes);
        }
        return {};  // too long
    }

    // Where a tag of plain text that ends a value has begun, it is likely to go on.
    void favourEnd(const std::string& answer, std::vector<float>& logits) const {
        const std::string tag = "</parameter>";
        for (size_t n = 1; n < tag.size(); ++n)
            if (answer.ends_with(tag.substr(0, n)))
                logits[size_t(tokenizer->vocabulary().byteTokens()[uint8_t(tag[n])])] += 9;
    }

    const ChatFamily& family;
    std::unique_ptr<const Tokenizer> tokenizer;
    MarkerNames names;
    std::shared_ptr<const TokenTable> table;
};

bool isOf(const json& schema, const json& value);

bool isOfType(const std::string& type, const json& value) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

bool isOfObject(const json& schema, const json& value) {
    for (const auto& name : schema.value("required", json::array()))
        if (!value.contains(name.get<std::string>())) return false;
    const json properties = schema.value("properties", json::object());
    for (const auto& [key, member] : value.items()) {
        if (properties.contains(key)) {
            if (!isOf(properties[key], member)) return false;
        } else if (schema.contains("additionalProperties")) {
            const json& others = schema["additionalProperties"];
            if (others == false || (others.is_object() && !isOf(others, member))) return false;
        } else if (!properties.empty()) {
            return false;
        }
    }
    return true;
}

// The subset that the grammar takes, written down once more.
bool isOf(const json& schema, const json& value) {
    if (schema.contains("const") && value != schema["const"]) return false;
    if (schema.contains("enum")) {
        const auto& values = schema["enum"];
        if (std::find(values.begin(), values.end(), value) == values.end()) return false;
    }
    for (const auto* word : {"anyOf", "oneOf"})
        if (schema.contains(word) &&
            std::none_of(schema[word].begin(), schema[word].end(),
                         [&](const json& one) { return isOf(one, value); }))
            return false;
    if (schema.contains("type")) {
        const json types =
            schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
        if (std::none_of(types.begin(), types.end(), [&](const json& type) {
                return isOfType(type.get<std::string>(), value);
            }))
            return false;
    }
    if (value.is_object() && !isOfObject(schema, value)) return false;
    if (value.is_array()) {
        if (value.size() < schema.value("minItems", size_t{0})) return false;
        if (value.size() > schema.value("maxItems", SIZE_MAX)) return false;
        for (const auto& item : value)
            if (schema.contains("items") && !isOf(schema["items"], item)) return false;
    }
    return true;
}

const std::string kReadSchema = R"({"type": "object", "properties": {
    "path": {"type": "string"}, "n": {"type": "integer"},
    "mode": {"enum": ["r", "w<", "a\"b", "5"]}, "on": {"type": "boolean"},
    "many": {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 1, "maxItems": 3},
    "deep": {"type": "object", "properties": {"x": {"type": "number"},
             "y": {"anyOf": [{"const": 7}, {"type": "string"}]}}, "required": ["x"]}},
    "required": ["path", "n"]})";

const std::string kFreeSchema =
    R"({"type": "object", "properties": {"any": {}, "open": {"type": "object"}}})";

ChatRequest requestWithTools(ToolUse use) {
    return {.messages = {{.role = Role::user, .text = "go"}},
            .tools = {{.name = "read", .parametersJson = kReadSchema},
                      {.name = "free", .parametersJson = kFreeSchema},
                      {.name = "none"}},
            .options = {.toolUse = use}};
}

struct Heard {
    std::vector<ToolCall> calls;
    std::string text;
    std::string problems;
};

Heard hear(const Babbler& babbler, const ChatRequest& request, const std::string& answer) {
    const auto parser = babbler.family.parser({.names = babbler.names,
                                               .messages = request.messages,
                                               .tools = request.tools,
                                               .effort = request.options.effort});
    Heard heard;
    const auto add = [&heard](const std::vector<AnswerPart>& parts) {
        for (const auto& part : parts) {
            if (const auto* call = std::get_if<ToolCall>(&part)) heard.calls.push_back(*call);
            if (const auto* delta = std::get_if<TextDelta>(&part)) heard.text += delta->text;
        }
    };
    add(parser->push(answer));
    add(parser->finish(AnswerEnd::byModel));
    for (const auto& fault : parser->faults())
        heard.problems += fault.problem;
    return heard;
}

void checkCall(const ChatRequest& request, const ToolCall& call) {
    CAPTURE(call.name, call.arguments, call.problem);
    REQUIRE(call.isComplete);
    REQUIRE(call.problem.empty());
    const auto tool = std::ranges::find(request.tools, call.name, &ToolSchema::name);
    REQUIRE(tool != request.tools.end());
    const json arguments = json::parse(call.arguments);  // throws where it is no UTF-8
    const json schema = json::parse(tool->parametersJson.empty() ? "{}" : tool->parametersJson);
    REQUIRE(isOf(schema, arguments));
}

}  // namespace

TEST_CASE("a call that must be made is one its family's parser takes and its schema allows",
          "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        const ChatRequest request = requestWithTools(ToolUse::required);
        const auto masks = babbler.masks(request);
        int heardCalls = 0;
        for (uint64_t seed = 1; seed <= 40; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            CAPTURE(seed, answer);
            const Heard heard = hear(babbler, request, answer);
            REQUIRE(heard.problems.empty());
            REQUIRE(!heard.calls.empty());
            for (const auto& call : heard.calls)
                checkCall(request, call);
            heardCalls += int(heard.calls.size());
        }
        CHECK(heardCalls >= 20);
    }
}

TEST_CASE("masks are what a walk over each token says", "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        for (const ToolUse use : {ToolUse::free, ToolUse::required}) {
            const auto masks = babbler.masks(requestWithTools(use));
            std::mt19937 random(7);
            Automaton::State state = masks->grammar().start;
            for (int n = 0; n < 150; ++n) {
                const TokenMask& mask = masks->maskOf(state);
                std::vector<int32_t> allowed;
                for (int32_t token = 0; token < int32_t(babbler.table->size()); ++token) {
                    const bool fits = masks->after(state, token) != Automaton::kDead;
                    REQUIRE(mask.allows(token) == fits);
                    if (fits && !babbler.ends(token)) allowed.push_back(token);
                }
                state = allowed.empty() ? masks->grammar().start
                                        : masks->after(state, allowed[random() % allowed.size()]);
            }
        }
    }
}

TEST_CASE("free text is free, and what opens a call there is held to it", "[engine][grammar]") {
    const ChatFamily& family = *chatFamilyNamed("qwen3");
    const Babbler babbler(family);
    const auto masks = babbler.masks(requestWithTools(ToolUse::free));
    const auto& vocabulary = babbler.tokenizer->vocabulary();
    REQUIRE(masks->maskOf(masks->grammar().start).allowsAll);
    Automaton::State state = masks->grammar().start;
    for (const char c : std::string("Let me see.\xC3"))
        state = masks->after(state, vocabulary.byteTokens()[uint8_t(c)]);
    REQUIRE(masks->maskOf(state).allowsAll);
    state = masks->after(state, vocabulary.special("<tool_call>").value());
    std::string forced;
    for (const int32_t token : masks->forcedAfter(state))
        forced += vocabulary.bytes(token);
    REQUIRE(std::string("\n{\"name\": \"").starts_with(forced));
    REQUIRE(forced.size() > 8);
}

TEST_CASE("facts of the caller are the only words an argument takes", "[engine][grammar]") {
    const auto paths = std::make_shared<std::vector<std::string>>();
    for (int i = 0; i < 100000; ++i)
        paths->push_back("src/模块" + std::to_string(i % 317) + "/file \"" + std::to_string(i) +
                         "\".cpp");
    paths->push_back("not\xFFwritable");
    for (const std::string_view name : {"deepseek-v4", "qwen3", "glm-4.5", "gpt-oss"}) {
        CAPTURE(name);
        const Babbler babbler(*chatFamilyNamed(name));
        ChatRequest request = requestWithTools(ToolUse::required);
        request.tools.resize(1);
        request.tools[0].facts = {{.argument = "path", .allowed = paths}};
        const auto masks = babbler.masks(request);
        const std::set<std::string> known(paths->begin(), paths->end());
        int count = 0;
        for (uint64_t seed = 1; seed <= 10; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            for (const auto& call : hear(babbler, request, answer).calls) {
                checkCall(request, call);
                REQUIRE(known.contains(json::parse(call.arguments)["path"].get<std::string>()));
                ++count;
            }
        }
        CHECK(count > 3);
    }
}

TEST_CASE("under a response schema the answer is a value of it", "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        const ChatRequest request = {.messages = {{.role = Role::user, .text = "go"}},
                                     .options = {.responseSchemaJson = kReadSchema}};
        const auto masks = babbler.masks(request);
        int count = 0;
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            const Heard heard = hear(babbler, request, answer);
            CAPTURE(answer, heard.text);
            REQUIRE(isOf(json::parse(kReadSchema), json::parse(heard.text)));
            ++count;
        }
        CHECK(count > 5);
    }
}

TEST_CASE("schemas that are hostile or beyond us are free, and said to be", "[engine][grammar]") {
    const auto notesOf = [](const std::string& schema) {
        SchemaTable table;
        (void)table.add(schema, "x");
        std::string notes;
        for (const auto& note : table.notes())
            notes += note + "\n";
        return notes;
    };
    const auto has = [](const std::string& text, const char* word) {
        return text.find(word) != std::string::npos;
    };
    REQUIRE(has(notesOf(R"({"$ref": "#"})"), "never ends"));
    REQUIRE(has(notesOf(R"({"type": "object", "properties": {"a": {"$ref": "#"}},
                            "required": ["a"]})"),
                "never ends"));
    REQUIRE(has(notesOf(R"({"$ref": "#/nowhere"})"), "points nowhere"));
    REQUIRE(has(notesOf(R"({"type": "string", "pattern": "a+"})"), "pattern is not enforced"));
    REQUIRE(has(notesOf(R"({"allOf": [{}]})"), "allOf"));
    REQUIRE(has(notesOf("[1"), "no JSON"));
    REQUIRE(notesOf(R"({"anyOf": [{"$ref": "#"}, {"type": "string"}]})").empty());
    std::string deep = R"({"type":"string"})";
    for (int i = 0; i < 150; ++i)
        deep = R"({"type":"array","minItems":1,"items":)" + deep + "}";
    REQUIRE(has(notesOf(deep), "too deep"));
    std::string values = "\"v\"";
    for (int i = 0; i < 200000; ++i)
        values += ",\"v" + std::to_string(i) + "\"";
    REQUIRE(notesOf("{\"enum\": [" + values + "]}").empty());
}

TEST_CASE("a call that is refused says what was wrong, and where", "[engine][grammar]") {
    const Babbler babbler(*chatFamilyNamed("qwen3"));
    const std::string open = babbler.names.mark("<tool_call>");
    const std::string close = babbler.names.mark("</tool_call>");
    const auto heard = hear(babbler, requestWithTools(ToolUse::free),
                            "Hm." + open + "{\"name\": \"read\"}" + close);
    REQUIRE(heard.calls.size() == 1);
    REQUIRE(!heard.calls[0].isComplete);
    REQUIRE(heard.calls[0].problem == "the call has no arguments at byte 14");
}

TEST_CASE("how long grammars and masks take", "[.bench][engine][grammar]") {
    using Clock = std::chrono::steady_clock;
    const auto us = [](Clock::time_point since) {
        return std::chrono::duration<double, std::micro>(Clock::now() - since).count();
    };
    const char* path = std::getenv("MOXIE_BENCH_TOKENIZER");
    if (path == nullptr) return;
    const auto tokenizer = Tokenizer::open(path).value();
    const ChatFamily& family = *chatFamilyNamed("deepseek-v4");
    std::vector<std::string> found;
    for (const auto name : family.specials)
        if (tokenizer->vocabulary().special(name)) found.emplace_back(name);
    const MarkerNames names(found);
    auto since = Clock::now();
    const auto table = std::make_shared<TokenTable>(*tokenizer, names, [&](int32_t token) {
        return tokenizer->vocabulary().endsGeneration(token);
    });
    std::printf("vocabulary of %lld: table in %.0f us\n", static_cast<long long>(table->size()),
                us(since));
    ChatRequest request = requestWithTools(ToolUse::required);
    request.options.effort = Effort::none;
    for (int i = 0; i < 49; ++i)
        request.tools.push_back(
            {.name = "tool_" + std::to_string(i), .parametersJson = kReadSchema});
    since = Clock::now();
    auto grammar = compileAnswerGrammar(family, names, request).value();
    std::printf("compile %zu tools: %.0f us\n", request.tools.size(), us(since));
    const auto masks = std::make_shared<TokenMasks>(table, std::move(grammar));
    const int32_t control = tokenizer->vocabulary().special("｜DSML｜").value();
    const int32_t closing = tokenizer->encode("</").front();
    for (int round = 0; round < 20; ++round) {
        std::mt19937 random(uint32_t(round % 10));
        TokenConstraint constraint(masks);
        constraint.restart();
        double total = 0;
        int steps = 0;
        double worst = 0;
        for (; steps < 200; ++steps) {
            const auto began = Clock::now();
            const auto due = constraint.forced();
            int32_t token = due.empty() ? -1 : due.front();
            if (token < 0) {
                const TokenMask& mask = constraint.mask();
                total += us(began);
                worst = std::max(worst, us(began));
                if (mask.allowsNone) break;
                // Values end now and then.
                if (mask.allows(control))
                    token = control;
                else if (mask.allows(closing) && random() % 6 == 0)
                    token = closing;
                while (token < 0 || !mask.allows(token))
                    token = int32_t(random() % uint32_t(table->size()));
            }
            const auto accepting = Clock::now();
            constraint.accept(token);
            total += us(accepting);
        }
        std::printf("round %d: %.1f us a token, worst mask %.0f us, %lld states\n", round,
                    total / steps, worst, static_cast<long long>(masks->states()));
    }
}

}  // namespace moxie::engine

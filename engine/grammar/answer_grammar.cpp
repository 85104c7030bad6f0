#include "engine/grammar/answer_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/chat/call_syntax.h"
#include "engine/chat/python_json.h"
#include "engine/grammar/family_words.h"

namespace moxie::engine {

namespace {

using Kind = GrammarItem::Kind;

constexpr int16_t kArgumentLevels = 48;  // the parsers take 64

enum class Start { text, reasoning };

// As the family's parser begins (chat_family.cpp).
Start startOf(std::string_view family, const ChatRequest& request) {
    const Start byEffort = request.options.effort == Effort::none ? Start::text : Start::reasoning;
    const bool isBehindResults =
        !request.messages.empty() && request.messages.back().role == Role::tool;
    if (family == "deepseek-v4" || family == "deepseek-v4-preview" || family == "deepseek-v3.2")
        return byEffort;
    if (family == "qwen3-thinking" || family == "minimax-m2") return Start::reasoning;
    if (family == "deepseek-v3") return isBehindResults ? Start::text : byEffort;
    if (family == "deepseek-v3.1")
        return request.tools.empty() && !isBehindResults ? byEffort : Start::text;
    return Start::text;
}

class GrammarBuilder {
public:
    GrammarBuilder(const ChatFamily& family, const MarkerNames& names, const ChatRequest& request)
        : family_(family),
          names_(names),
          request_(request),
          types_(request.tools),
          grammar_(std::make_unique<AnswerGrammar>()) {
        automaton().setMarkers(int32_t(names.all().size()));
        for (const auto& tool : request.tools)
            if (isOffered(tool)) tools_.push_back({&tool, argumentsOf(tool)});
    }

    std::unique_ptr<AnswerGrammar> build();

    bool hasTools() const { return !tools_.empty(); }

private:
    struct Tool {
        const ToolSchema* schema;
        int32_t arguments;  // an object
    };

    Automaton& automaton() { return grammar_->automaton; }

    bool mustCall() const { return request_.options.toolUse == ToolUse::required; }

    bool isOffered(const ToolSchema& tool) const {
        return request_.options.requiredTool.empty() || request_.options.requiredTool == tool.name;
    }

    int32_t argumentsOf(const ToolSchema& tool);
    GrammarItem literal(std::string_view text);
    GrammarItem choice(std::vector<GrammarItems> choices);
    GrammarItem scan(TextScanner scanner);
    GrammarItem emptyScan();
    GrammarItems value(int32_t schema);
    GrammarItems marked(const FamilyWords& words);
    GrammarItems answer(const FamilyWords& words, const GrammarItems& text);
    GrammarItems responseValue();
    GrammarItem calls(const FamilyWords& words);
    GrammarItem oneCall(const FamilyWords& words);
    GrammarItems parameters(const FamilyWords& words, const Tool& tool);
    GrammarItem parameter(const FamilyWords& words, const Tool& tool, const std::string& name,
                          int32_t schema);
    std::vector<GrammarItems> textForms(int32_t schema, std::string_view close,
                                        const FamilyWords& words);
    std::vector<int32_t> leavesOf(int32_t schema);
    GrammarItems harmony();
    GrammarItems harmonyCall();
    GrammarItems llama();

    const ChatFamily& family_;
    const MarkerNames& names_;
    const ChatRequest& request_;
    ArgumentTypes types_;
    std::unique_ptr<AnswerGrammar> grammar_;
    std::vector<Tool> tools_;
};

int32_t GrammarBuilder::argumentsOf(const ToolSchema& tool) {
    SchemaTable& schemas = automaton().schemas();
    const int32_t arguments = schemas.addObject(tool.parametersJson, tool.name);
    for (const auto& facts : tool.facts) {
        const int32_t words = facts.allowed ? schemas.addWords(facts.allowed) : SchemaTable::kAny;
        if (words == SchemaTable::kAny || !schemas.restrictMember(arguments, facts.argument, words))
            grammar_->notes.push_back(
                fmt::format("{}.{}: no such argument, or no word a model can write; its facts are "
                            "not enforced",
                            tool.name, facts.argument));
    }
    return arguments;
}

GrammarItem GrammarBuilder::literal(std::string_view text) {
    return {.kind = Kind::literal, .a = automaton().addLiteral(symbolsOf(text, names_))};
}

GrammarItem GrammarBuilder::choice(std::vector<GrammarItems> choices) {
    return {.kind = Kind::choice, .a = automaton().addChoice(std::move(choices))};
}

GrammarItem GrammarBuilder::scan(TextScanner scanner) {
    return {.kind = Kind::scan, .a = automaton().addScanner(std::move(scanner))};
}

GrammarItem GrammarBuilder::emptyScan() {
    return scan({});
}

GrammarItems GrammarBuilder::value(int32_t schema) {
    return {{.kind = Kind::value, .levels = kArgumentLevels, .a = schema}};
}

GrammarItems GrammarBuilder::responseValue() {
    const int32_t schema =
        automaton().schemas().add(request_.options.responseSchemaJson, "response");
    GrammarItems items = value(schema);
    items.push_back({.kind = Kind::answerEnd});
    return items;
}

std::vector<int32_t> GrammarBuilder::leavesOf(int32_t schema) {
    const SchemaNode& node = automaton().schemas().at(schema);
    return node.kind == SchemaNode::Kind::choice ? node.members : std::vector<int32_t>{schema};
}

// Whether a text is not just any.
bool isHeld(const SchemaNode& text) {
    return text.shape > 0 || text.charsMin > 0 || text.charsMax != INT32_MAX;
}

// A parameter's value as plain text, for the schemas among those that are texts.
std::vector<GrammarItems> GrammarBuilder::textForms(int32_t schema, std::string_view close,
                                                    const FamilyWords& words) {
    std::vector<GrammarItems> forms;
    for (const int32_t leaf : leavesOf(schema)) {
        const SchemaNode& node = automaton().schemas().at(leaf);
        if (node.kind == SchemaNode::Kind::words) {
            const auto all = automaton().schemas().words(node.words).all();
            forms.push_back(
                {{.kind = Kind::plainWords, .a = node.words, .b = all.begin, .c = all.end},
                 literal(close)});
        } else if (node.kind == SchemaNode::Kind::text && isHeld(node)) {
            const int32_t text =
                automaton().addClosedText({.shape = node.shape, .close = literal(close).a});
            forms.push_back({automaton().textItem(Kind::closedText, text, node)});
        } else if (node.kind == SchemaNode::Kind::text || node.kind == SchemaNode::Kind::any) {
            TextScanner scanner = {.text = TextScanner::Text::utf8, .canEnd = false};
            scanner.patterns.push_back({.symbols = symbolsOf(close, names_)});
            scanner.patterns.push_back(
                {.symbols = symbolsOf(words.callClose, names_), .isForbidden = true});
            forms.push_back({scan(std::move(scanner))});
        }
    }
    return forms;
}

GrammarItem GrammarBuilder::parameter(const FamilyWords& words, const Tool& tool,
                                      const std::string& name, int32_t schema) {
    const ParameterWords& spelling = words.parameter;
    auto forms = textForms(schema, spelling.close, words);
    std::vector<GrammarItems> all;
    if (!spelling.asText.empty()) {  // the model says which
        for (auto& form : forms) {
            form.insert(form.begin(), literal(spelling.asText));
            all.push_back(std::move(form));
        }
        for (const int32_t leaf : leavesOf(schema)) {
            const auto kind = automaton().schemas().at(leaf).kind;
            if (kind == SchemaNode::Kind::text || kind == SchemaNode::Kind::words) continue;
            GrammarItems json = value(leaf);
            json.insert(json.begin(), literal(spelling.asJson));
            json.push_back(literal(spelling.close));
            all.push_back(std::move(json));
        }
    } else if (!forms.empty() && types_.json(tool.schema->name, name, "5") == "\"5\"") {
        all = std::move(forms);
    } else {
        GrammarItems json = value(schema);
        json.push_back(literal(spelling.close));
        all.push_back(std::move(json));
    }
    return choice(std::move(all));
}

GrammarItems GrammarBuilder::parameters(const FamilyWords& words, const Tool& tool) {
    const SchemaNode node = automaton().schemas().at(tool.arguments);
    if (node.others >= 0)
        grammar_->notes.push_back(
            fmt::format("{}: only the parameters it names can be written", tool.schema->name));
    ParameterList list = {.required = node.required};
    for (size_t i = 0; i < node.members.size(); ++i) {
        const std::string name = automaton().schemas().words(node.words).word(int32_t(i));
        const std::string open =
            fmt::format("{}{}{}", words.parameter.open, name, words.parameter.behindName);
        list.parameters.push_back({{literal(open), parameter(words, tool, name, node.members[i]),
                                    literal(words.parameter.behind)}});
    }
    return {{.kind = Kind::parameters, .a = automaton().addParameters(std::move(list))}};
}

GrammarItem GrammarBuilder::oneCall(const FamilyWords& words) {
    const bool isKimi = words.family.starts_with("kimi");
    std::vector<GrammarItems> tools;
    for (const Tool& tool : tools_) {
        GrammarItems items;
        const std::string before =
            fmt::format("{}{}{}", words.callOpen, words.call.beforeName, tool.schema->name);
        if (isKimi) {
            items = {literal(before + ":"),
                     {.kind = Kind::number, .a = 1, .b = 1},
                     literal(words.call.behindName)};
        } else {
            items = {literal(before + std::string(words.call.behindName))};
        }
        const auto arguments =
            words.parameter.open.empty() ? value(tool.arguments) : parameters(words, tool);
        items.insert(items.end(), arguments.begin(), arguments.end());
        items.push_back(
            literal(std::string(words.call.behindArguments) + std::string(words.callClose)));
        tools.push_back(std::move(items));
    }
    return choice(std::move(tools));
}

// From the opening of a block, or of the one call, to its end.
GrammarItem GrammarBuilder::calls(const FamilyWords& words) {
    const GrammarItem call = oneCall(words);
    if (words.blockOpen.empty()) return call;
    const GrammarItem more = choice({});
    automaton().setChoice(more.a,
                          {{literal(words.blockClose)}, {literal(words.betweenCalls), call, more}});
    return choice({{literal(words.blockOpen), call, more}});
}

// Behind the markers that open an answer: reasoning where it is to come, then `text`.
GrammarItems GrammarBuilder::answer(const FamilyWords& words, const GrammarItems& text) {
    if (words.reasoningClose.empty() || family_.reasoning == ChatFamily::Reasoning::none)
        return text;
    const bool isForced = mustCall() || !request_.options.responseSchemaJson.empty();
    TextScanner reasoning = {.canEnd = !isForced};
    GrammarItems behind = text;
    if (isForced) behind.insert(behind.begin(), choice({{literal("\n\n")}, {}}));
    reasoning.patterns.push_back(
        {.symbols = symbolsOf(words.reasoningClose, names_), .next = behind});
    const GrammarItem thinking = scan(std::move(reasoning));
    if (startOf(family_.name, request_) == Start::reasoning) return {thinking};
    if (isForced) {
        GrammarItems withReasoning = {literal(words.reasoningOpen), thinking};
        return {choice({withReasoning, text})};
    }
    automaton()
        .scanner(text.front().a)
        .patterns.push_back({.symbols = symbolsOf(words.reasoningOpen, names_),
                             .next = {thinking},
                             .onlyAtStart = true});
    return text;
}

GrammarItems GrammarBuilder::marked(const FamilyWords& words) {
    automaton().setGuard({symbolsOf(words.callClose, names_)});
    if (!words.parameter.close.empty())
        automaton().setGuard(
            {symbolsOf(words.callClose, names_), symbolsOf(words.parameter.close, names_)});
    const bool isResponse = !request_.options.responseSchemaJson.empty();
    if (isResponse && tools_.empty()) return answer(words, responseValue());
    const GrammarItem block = calls(words);
    if (isResponse && !mustCall())
        return answer(words, {choice({responseValue(), {block, {.kind = Kind::answerEnd}}})});
    if (mustCall()) {
        GrammarItems forced = {block};
        // One call or block of them, then the end.
        forced.push_back({.kind = Kind::answerEnd});
        return answer(words, forced);
    }
    const GrammarItem text = emptyScan();
    // The scanner meets the opening itself; what follows is the rest of the block.
    const std::string opening(words.blockOpen.empty() ? words.callOpen : words.blockOpen);
    const std::string trigger = opening.substr(0, opening.find_last_not_of('\n') + 1);
    GrammarItem behind = text;
    behind.c = 1;
    const int32_t rest = automaton().addBehind(block, symbolsOf(trigger, names_));
    automaton().scanner(text.a).patterns.push_back(
        {.symbols = symbolsOf(trigger, names_),
         .next = {{.kind = Kind::choice, .a = rest}, behind}});
    return answer(words, {text});
}

// commentary to=functions.NAME <|constrain|>json<|message|>{...}, and the answer ends
GrammarItems GrammarBuilder::harmonyCall() {
    std::vector<GrammarItems> tools;
    for (const Tool& tool : tools_) {
        GrammarItems items = {literal(tool.schema->name),
                              choice({{literal("<|channel|>commentary <|constrain|>json")},
                                      {literal("<|channel|>commentary json")},
                                      {literal(" <|constrain|>json")},
                                      {literal(" json")},
                                      {}}),
                              literal("<|message|>")};
        const auto arguments = value(tool.arguments);
        items.insert(items.end(), arguments.begin(), arguments.end());
        tools.push_back(std::move(items));
    }
    return {choice(std::move(tools)), {.kind = Kind::answerEnd}};
}

GrammarItems GrammarBuilder::harmony() {
    const bool isResponse = !request_.options.responseSchemaJson.empty();
    const bool isForced = isResponse || mustCall();
    GrammarItems last;
    if (isResponse) {
        last = responseValue();
        last.insert(last.begin(), literal("<|channel|>final<|message|>"));
    } else {
        last = harmonyCall();
        last.insert(last.begin(),
                    literal(mustCall() ? "<|channel|>commentary to=functions." : "to=functions."));
    }
    if (isForced) {
        GrammarItems behind = last;
        behind.insert(behind.begin(), literal("<|start|>assistant"));
        TextScanner analysis = {.text = TextScanner::Text::utf8, .canEnd = false};
        analysis.patterns.push_back({.symbols = symbolsOf("<|end|>", names_), .next = behind});
        return {
            choice({{literal("<|channel|>analysis<|message|>"), scan(std::move(analysis))}, last})};
    }
    const GrammarItem header = emptyScan();
    const GrammarItem body = emptyScan();
    GrammarItems call = last;
    call.erase(call.begin());
    automaton().scanner(header.a).patterns = {
        {.symbols = symbolsOf("to=functions.", names_), .next = call},
        {.symbols = symbolsOf("<|message|>", names_), .next = {body}}};
    automaton().scanner(body.a).patterns = {
        {.symbols = symbolsOf("<|end|>", names_), .next = {header}},
        {.symbols = symbolsOf("<|start|>", names_), .next = {header}}};
    return {header};
}

// The whole answer is a call if it begins as one: {"name": NAME, "parameters": {...}}
GrammarItems GrammarBuilder::llama() {
    if (!request_.options.responseSchemaJson.empty()) return responseValue();
    std::vector<GrammarItems> tools;
    for (const Tool& tool : tools_) {
        GrammarItems items = {
            literal(fmt::format("{{\"name\": \"{}\", \"parameters\": ", tool.schema->name))};
        const auto arguments = value(tool.arguments);
        items.insert(items.end(), arguments.begin(), arguments.end());
        items.push_back(literal("}"));
        items.push_back({.kind = Kind::answerEnd});
        tools.push_back(std::move(items));
    }
    const GrammarItem call = choice(std::move(tools));
    if (mustCall()) return {call};
    const GrammarItem text = emptyScan();
    const auto follow = [&](std::string_view opening) {
        return GrammarItems{
            {.kind = Kind::choice, .a = automaton().addBehind(call, symbolsOf(opening, names_))}};
    };
    automaton().scanner(text.a).patterns = {
        {.symbols = symbolsOf("{\"name\"", names_),
         .next = follow("{\"name\""),
         .onlyAtStart = true},
        {.symbols = symbolsOf("<|python_tag|>", names_), .next = {call}, .onlyAtStart = true}};
    return {text};
}

std::unique_ptr<AnswerGrammar> GrammarBuilder::build() {
    GrammarItems items;
    if (family_.name == "gpt-oss") {
        items = harmony();
    } else if (family_.name.starts_with("llama-3")) {
        items = llama();
    } else {
        const FamilyWords* words = familyWordsOf(family_.name);
        BASE_CHECK(words != nullptr);
        items = marked(*words);
    }
    const auto& notes = automaton().schemas().notes();
    grammar_->notes.insert(grammar_->notes.end(), notes.begin(), notes.end());
    grammar_->start = automaton().start(items);
    return std::move(grammar_);
}

}  // namespace

base::Result<std::unique_ptr<AnswerGrammar>> compileAnswerGrammar(const ChatFamily& family,
                                                                  const MarkerNames& names,
                                                                  const ChatRequest& request) {
    const bool isForced = request.options.toolUse == ToolUse::required;
    const bool hasSchema = !request.options.responseSchemaJson.empty();
    if (!isForced && !hasSchema && request.tools.empty()) return nullptr;
    GrammarBuilder builder(family, names, request);
    if (!hasSchema && !builder.hasTools())
        return base::fail(base::Errc::invalidInput,
                          fmt::format("a call of \"{}\" is required, but no such tool is offered",
                                      request.options.requiredTool));
    return builder.build();
}

}  // namespace moxie::engine

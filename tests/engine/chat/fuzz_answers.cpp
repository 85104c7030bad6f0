#include <cstdlib>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "engine/chat/chat_family.h"
#include "tests/engine/weights/fuzz_inputs.h"

namespace moxie::tests {

using namespace moxie::engine;

namespace {

// Neighbours of one kind are one: cuts fall between them.
std::vector<AnswerPart> joined(const std::vector<AnswerPart>& parts) {
    std::vector<AnswerPart> whole;
    for (const AnswerPart& part : parts) {
        const bool isSameKind = !whole.empty() && whole.back().index() == part.index();
        if (const auto* text = std::get_if<TextDelta>(&part); text && isSameKind)
            std::get<TextDelta>(whole.back()).text += text->text;
        else if (const auto* thought = std::get_if<ReasoningDelta>(&part); thought && isSameKind)
            std::get<ReasoningDelta>(whole.back()).text += thought->text;
        else
            whole.push_back(part);
    }
    return whole;
}

struct SpokenAnswer {
    std::vector<AnswerPart> parts;
    std::vector<AnswerFault> faults;

    bool sameAs(const SpokenAnswer& other) const {
        if (faults != other.faults || parts.size() != other.parts.size()) return false;
        for (size_t i = 0; i < parts.size(); ++i) {
            if (parts[i].index() != other.parts[i].index()) return false;
            if (textOf(parts[i]) != textOf(other.parts[i])) return false;
            const auto* call = std::get_if<ToolCall>(&parts[i]);
            if (call && !(*call == std::get<ToolCall>(other.parts[i]))) return false;
        }
        return true;
    }

private:
    static std::string textOf(const AnswerPart& part) {
        if (const auto* text = std::get_if<TextDelta>(&part)) return text->text;
        if (const auto* thought = std::get_if<ReasoningDelta>(&part)) return thought->text;
        return {};
    }
};

const std::vector<ToolSchema>& fuzzTools() {
    static const std::vector<ToolSchema> kTools = {
        {.name = "read",
         .description = "Reads.",
         .parametersJson = R"({"type": "object", "properties": {"path": {"type": "string"},
             "n": {"type": "integer"}, "all": {"type": "boolean"}, "list": {"type": "array"}}})"},
        {.name = "ls", .description = "Lists.", .parametersJson = R"({"type": "object"})"}};
    return kTools;
}

// Characters and control tokens: the smallest pieces an answer comes in.
size_t atomEnd(std::string_view marked, size_t pos) {
    if (marked[pos] == '\xFF') return marked.find('\xFE', pos) + 1;
    size_t end = pos + 1;
    while (end < marked.size() && (static_cast<uint8_t>(marked[end]) & 0xC0U) == 0x80)
        ++end;
    return end;
}

// Pieces of `atoms` atoms or less, in turns that `random` decides.
std::vector<std::string> piecesOf(std::string_view marked, uint32_t atoms, std::mt19937& random) {
    std::vector<std::string> pieces;
    for (size_t pos = 0; pos < marked.size();) {
        const size_t end = atomEnd(marked, pos);
        if (pieces.empty() || random() % atoms == 0) pieces.emplace_back();
        pieces.back() += marked.substr(pos, end - pos);
        pos = end;
    }
    return pieces;
}

// How the model speaks: what the first byte of an input decides.
class Speaker {
public:
    explicit Speaker(uint8_t choice)
        : family_(chatFamilies()[choice % chatFamilies().size()]),
          names_({family_.specials.begin(), family_.specials.end()}),
          end_((choice & 64U) != 0 ? AnswerEnd::cut : AnswerEnd::byModel),
          effort_((choice & 128U) != 0 ? Effort::none : Effort::high) {}

    std::string marked(std::string_view text) const { return names_.mark(base::toValidUtf8(text)); }

    SpokenAnswer read(const std::vector<std::string>& pieces) const {
        const auto parser =
            family_.parser({.names = names_, .tools = fuzzTools(), .effort = effort_});
        std::vector<AnswerPart> parts;
        const auto add = [&](const std::vector<AnswerPart>& more) {
            parts.insert(parts.end(), more.begin(), more.end());
        };
        for (const std::string& piece : pieces)
            add(parser->push(piece));
        add(parser->finish(end_));
        return {.parts = joined(parts), .faults = parser->faults()};
    }

private:
    const ChatFamily& family_;
    MarkerNames names_;
    AnswerEnd end_;
    Effort effort_;
};

}  // namespace

void fuzzAnswerParser(std::span<const uint8_t> input) {
    if (input.size() < 2) return;
    const Speaker speaker(input[0]);
    std::mt19937 random(input[1]);
    const auto text = input.subspan(2);
    const std::string marked =
        speaker.marked({reinterpret_cast<const char*>(text.data()), text.size()});
    const SpokenAnswer whole = speaker.read({marked});
    for (const uint32_t atoms : {1U, 2U, 7U})
        if (!whole.sameAs(speaker.read(piecesOf(marked, atoms, random)))) std::abort();
}

}  // namespace moxie::tests

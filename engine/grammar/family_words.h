// How each family spells its calls: the literal texts of a grammar. Not here: how their answers
// begin, and the families whose calls are built otherwise (gpt-oss, Llama 3). Threads: constants.
#pragma once
#include <string_view>

namespace moxie::engine {

// How a call is spelled between the family's call markers.
struct CallWords {
    std::string_view beforeName;
    std::string_view behindName;
    std::string_view behindArguments;
};

// How a parameter is spelled where arguments are no JSON. Empty: they are.
struct ParameterWords {
    std::string_view open;  // ahead of the name
    std::string_view behindName;
    std::string_view asText;  // ahead of a text; empty: the schema tells
    std::string_view asJson;
    std::string_view close;
    std::string_view behind;
};

struct FamilyWords {
    std::string_view family;
    std::string_view blockOpen;  // empty: calls stand alone
    std::string_view blockClose;
    std::string_view betweenCalls;
    std::string_view callOpen;
    std::string_view callClose;
    CallWords call;
    ParameterWords parameter = {};
    std::string_view reasoningOpen = "<think>";
    std::string_view reasoningClose = "</think>";
};

// nullptr: none of that name.
const FamilyWords* familyWordsOf(std::string_view family);

}  // namespace moxie::engine

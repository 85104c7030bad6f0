#include "indexer/links/signature.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "indexer/outline/evidence.h"

namespace moxie::indexer {
namespace {

bool isSignatureWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (c & 0x80);
}

// Where `word` stands alone; npos if nowhere, or if it is empty, as damage may have it.
size_t findWord(std::string_view text, std::string_view word) {
    if (word.empty()) return text.npos;
    for (size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size()) {
        const size_t end = at + word.size();
        if ((at == 0 || !isSignatureWordByte(text[at - 1])) &&
            (end >= text.size() || !isSignatureWordByte(text[end])))
            return at;
    }
    return text.npos;
}

// The parameters in brackets behind the name, and what stands after them.
struct Parameters {
    std::vector<std::string_view> each;
    std::string_view after;
    bool isComplete = false;
};

Parameters parametersAfter(std::string_view text, size_t at) {
    Parameters out;
    int round = 0, other = 0;
    size_t first = at + 1;
    for (size_t i = at; i < text.size(); i++) {
        const char c = text[i];
        const bool isArrow = c == '>' && (text[i - 1] == '-' || text[i - 1] == '=');
        if (c == '(') round++;
        if (c == '[' || c == '{' || c == '<') other++;
        if (c == ']' || c == '}' || (c == '>' && !isArrow)) other--;
        if (c == ')') round--;
        const bool isEnd = c == ')' && round == 0;
        if (isEnd || (c == ',' && round == 1 && other <= 0)) {
            const std::string_view item = base::trim(text.substr(first, i - first));
            if (!item.empty()) out.each.push_back(item);
            first = i + 1;
        }
        if (!isEnd) continue;
        out.after = text.substr(i + 1);
        out.isComplete = true;
        break;
    }
    return out;
}

// The bracket that opens the parameters of `name`; npos if there is none.
size_t openingOf(std::string_view signature, std::string_view name) {
    const size_t at = findWord(signature, name);
    if (at == signature.npos) return at;
    size_t open = at + name.size();
    int depth = 0;  // <T>
    for (; open < signature.size(); open++) {
        const char c = signature[open];
        if (c == '<') depth++;
        if (c == '>') depth--;
        if (depth > 0 || c == '>' || c == ' ' || c == '?' || c == '!') continue;
        // x = (a) => …, x = async function (a)
        if (c == '=' || signature.substr(open).starts_with("async")) {
            open = signature.find('(', open);
            return open;
        }
        break;
    }
    return open < signature.size() && signature[open] == '(' ? open : signature.npos;
}

bool isReceiverParameter(NameWorld world, std::string_view item) {
    if (world == NameWorld::python) return item == "self" || item == "cls" || item == "mcs";
    if (world == NameWorld::rust)
        return item == "self" || item == "&self" || item == "&mut self" || item == "mut self";
    return world == NameWorld::javascript && item.starts_with("this:");
}

// Ruby: "def name", "def self.name; end".
bool hasNoParameters(std::string_view signature, std::string_view name) {
    if (!signature.starts_with("def ")) return false;
    const size_t at = findWord(signature, name);
    if (at == signature.npos) return false;
    const std::string_view after = signature.substr(at + name.size());
    return after.empty() || after[0] == ';' || after.starts_with(" =");
}

// "name: 1", "name:", "**names".
bool isRubyKeyword(std::string_view item) {
    const size_t end = item.find_first_of(": =");
    return item.starts_with("**") || (end != item.npos && item[end] == ':');
}

// "T name" of C, Java and C#: what stands before the name.
std::string typeBefore(std::string_view signature, size_t nameAt) {
    std::string_view before = signature.substr(0, nameAt);
    // Foo::bar is bar of Foo, which says nothing of its type.
    while (before.ends_with("::")) {
        before.remove_suffix(2);
        while (!before.empty() && isSignatureWordByte(before.back()))
            before.remove_suffix(1);
    }
    for (bool again = true; again;) {
        again = false;
        before = base::trim(before);
        for (const std::string_view word :
             {"private ", "public ", "protected ", "internal ", "virtual ", "override ",
              "explicit ", "friend ", "abstract ", "async ", "typedef ", "unsafe ", "synchronized ",
              "[[nodiscard]] "})
            if (before.starts_with(word)) before.remove_prefix(word.size()), again = true;
        if (before.starts_with("template") || before.starts_with("@")) return {};
    }
    return typeReceiver(before);
}

}  // namespace

ArgumentRange argumentRange(NameWorld world, std::string_view signature, std::string_view name) {
    const size_t open = openingOf(signature, name);
    if (world == NameWorld::ruby && hasNoParameters(signature, name)) return {0, 0};
    if (open == signature.npos) return {};
    const Parameters parameters = parametersAfter(signature, open);
    if (!parameters.isComplete) return {};
    ArgumentRange range = {0, 0};
    bool hasKeywords = false;
    for (const std::string_view item : parameters.each) {
        if (isReceiverParameter(world, item) || item == "void" || item == "/") continue;
        if (item == "*") continue;
        if (world == NameWorld::ruby && item[0] == '&') continue;
        // Keywords come as one more argument, or as none.
        const bool isKeyword = world == NameWorld::ruby && isRubyKeyword(item);
        if (isKeyword && hasKeywords) continue;
        hasKeywords |= isKeyword;
        const bool isRest = item.starts_with("...") || item.ends_with("...") ||
                            item.find("... ") != item.npos ||
                            (item[0] == '*' && item.size() > 1 && !isKeyword &&
                             (world == NameWorld::python || world == NameWorld::ruby));
        if (isRest) {
            range.most = ArgumentRange::kAny;
            continue;
        }
        const bool isOptional = isKeyword || item.find('=') != item.npos ||
                                (world == NameWorld::javascript && item.find('?') != item.npos);
        if (!isOptional) range.least++;
        if (range.most != ArgumentRange::kAny) range.most++;
    }
    return range;
}

std::string typeOfSignature(NameWorld world, std::string_view signature, std::string_view name) {
    const size_t at = findWord(signature, name);
    if (at == signature.npos) return {};
    const std::string_view before = signature.substr(0, at);
    if (world == NameWorld::ruby)
        return at == 0 && signature.substr(name.size()).starts_with(" = ")
                   ? receiverText(signature.substr(name.size() + 3))
                   : std::string();
    const size_t equal = signature.find('=', at);
    if (equal != signature.npos &&
        (findWord(before, "using") != before.npos || findWord(before, "type") != before.npos))
        return typeReceiver(signature.substr(equal + 1));
    const size_t open = openingOf(signature, name);
    const bool namesFirst = world == NameWorld::python || world == NameWorld::javascript ||
                            world == NameWorld::rust || world == NameWorld::go;
    if (open != signature.npos) {
        const Parameters parameters = parametersAfter(signature, open);
        const std::string_view after = base::trim(parameters.after);
        if (after.starts_with("->")) return typeReceiver(after.substr(2));
        if (world == NameWorld::javascript && after.starts_with(":"))
            return typeReceiver(after.substr(1));
        if (world == NameWorld::go && !after.empty() && after[0] != '(') return typeReceiver(after);
        return namesFirst ? std::string() : typeBefore(signature, at);
    }
    if (!namesFirst) return typeBefore(signature, at);
    std::string_view after = base::trim(signature.substr(at + name.size()));
    while (after.starts_with("?") || after.starts_with("!"))
        after.remove_prefix(1);
    if (after.starts_with(":")) return typeReceiver(after.substr(1));
    if (after.starts_with("=") && !after.starts_with("=>")) return receiverText(after.substr(1));
    return world == NameWorld::go ? typeReceiver(after) : std::string();
}

bool isOwnMethod(NameWorld world, std::string_view signature) {
    if (world != NameWorld::ruby) return false;
    if (signature.starts_with("singleton_class.") || signature.starts_with("define_singleton"))
        return true;
    if (!signature.starts_with("def ")) return false;
    const size_t dot = std::min(signature.find('.'), signature.find("::"));
    return dot < signature.find_first_of("( ;=", 4);
}

bool takesBlock(NameWorld world, std::string_view signature) {
    return world == NameWorld::ruby && signature.find('&') != signature.npos;
}

bool isFileLocal(NameWorld world, std::string_view signature, std::string_view name) {
    if (world != NameWorld::c) return false;
    const std::string_view before = signature.substr(0, findWord(signature, name));
    return findWord(before, "static") != before.npos;
}

}  // namespace moxie::indexer

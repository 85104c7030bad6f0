#include "indexer/outline/evidence.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr size_t kReceiverBytesMax = 60, kStatementBytesMax = 8000;

bool isWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '#' || c == '@' || (c & 0x80);
}

bool isSpaceByte(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

char closerOf(char open) {
    switch (open) {
        case '(':
            return ')';
        case '[':
            return ']';
        case '{':
            return '}';
        default:
            return '>';
    }
}

size_t behindQuote(std::string_view text, size_t at) {
    const char quote = text[at];
    for (size_t i = at + 1; i < text.size(); i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == quote)
            return i + 1;
    }
    return text.npos;
}

// Behind the bracket that closes the one at `at`; npos if none does.
size_t behindBracket(std::string_view text, size_t at) {
    const char open = text[at], close = closerOf(open);
    int depth = 0;
    std::string_view lone;  // quotes that nothing closes: looked for once
    for (size_t i = at; i < text.size(); i++) {
        depth += (text[i] == open) - (text[i] == close);
        if (depth == 0) return i + 1;
        if ((text[i] != '"' && text[i] != '\'') || lone.find(text[i]) != lone.npos) continue;
        // A lone quote is no text: 1'000, &'a str.
        if (const size_t end = behindQuote(text, i); end != text.npos)
            i = end - 1;
        else
            lone = lone.empty() ? text.substr(i, 1) : "\"'";
    }
    return text.npos;
}

// Reads a receiver from its beginning.
class ReceiverReader {
public:
    explicit ReceiverReader(std::string_view raw) : raw_(raw) {}

    std::string read();

private:
    // False: not a receiver that can be named.
    bool step();
    bool word();
    bool makesByNew() const;
    bool bracket();

    std::string_view raw_;
    size_t at_ = 0;
    std::string out_;
};

// Ruby: Foo.new, self.class.new.
bool ReceiverReader::makesByNew() const {
    if (!out_.ends_with('.')) return false;
    const std::string_view owner = std::string_view(out_).substr(0, out_.size() - 1);
    const std::string_view last = owner.substr(owner.find_last_of(".:") + 1);
    return last == "class" || (!last.empty() && last[0] >= 'A' && last[0] <= 'Z');
}

bool ReceiverReader::word() {
    const size_t first = at_;
    while (at_ < raw_.size() && isWordByte(raw_[at_]))
        at_++;
    const std::string_view word = raw_.substr(first, at_ - first);
    const bool isMethod = word == "new" && makesByNew();
    if (!isMethod && isOneOf(word, {"await", "new", "return", "typename", "template"})) return true;
    if (!out_.empty() && out_.back() != '.' && out_.back() != ':') return false;
    if (out_.empty() && word[0] >= '0' && word[0] <= '9') {
        out_ = "''";
        return at_ == raw_.size();
    }
    out_ += word;
    return true;
}

bool ReceiverReader::bracket() {
    const char open = raw_[at_];
    const size_t end = behindBracket(raw_, at_);
    if (end == raw_.npos) return false;
    if (out_.empty() && open != '(') {
        out_ = "''";  // a list or table
        at_ = end;
        return true;
    }
    if (out_.empty() || !(isWordByte(out_.back()) || out_.back() == ')' || out_.back() == ']'))
        return false;
    if (open == '(') out_ += "()";
    if (open == '[') out_ += "[]";
    if (open == '{') out_ += "()";  // T{...}
    at_ = end;
    return true;
}

bool ReceiverReader::step() {
    const std::string_view rest = raw_.substr(at_);
    const char c = rest[0];
    if (isSpaceByte(c) || c == '!') return at_++, true;
    if (rest.starts_with("->") || rest.starts_with("?.")) return out_ += '.', at_ += 2, true;
    if (c == '.' || c == ':') return out_ += c, at_++, true;
    if (isWordByte(c)) return word();
    if (c == '(' || c == '[' || c == '{' || (c == '<' && !out_.empty())) return bracket();
    if ((c == '*' || c == '&') && out_.empty()) return at_++, true;
    if ((c == '"' || c == '\'' || c == '`') && out_.size() <= 2) {
        at_ = behindQuote(raw_, at_);
        out_ = "''";
        return at_ != raw_.npos;
    }
    return false;
}

std::string ReceiverReader::read() {
    while (at_ < raw_.size())
        if (!step() || out_.size() > kReceiverBytesMax) return "?";
    while (!out_.empty() && out_.back() == '.')
        out_.pop_back();
    const size_t first = out_.find_first_not_of('.');
    if (first != 0 && first != out_.npos) return "?";
    if (out_.starts_with("::")) out_.erase(0, 2);
    return isOneOf(out_, {"None", "null", "nullptr", "undefined", "true", "false", "True", "False"})
               ? std::string()
               : out_;
}

// The argument of a type that merely holds another; "" if it is none.
std::string_view heldType(std::string_view name, std::string_view arguments) {
    const size_t dot = name.find_last_of(".:");
    if (dot != name.npos) name.remove_prefix(dot + 1);
    if (!isOneOf(
            name,
            {"unique_ptr", "shared_ptr", "weak_ptr",  "optional", "Optional",          "Promise",
             "Ref",        "Rc",         "Arc",       "Box",      "RefCell",           "Mutex",
             "Final",      "ClassVar",   "Annotated", "Result",   "reference_wrapper", "atomic",
             "Partial",    "Readonly",   "Required",  "NotNull",  "Awaitable",         "QPointer"}))
        return {};
    return arguments.substr(0, arguments.find(','));
}

std::string_view withoutPrefixes(std::string_view raw) {
    for (bool again = true; again;) {
        again = false;
        raw = base::trim(raw);
        while (!raw.empty() && (raw[0] == ':' || raw[0] == '*' || raw[0] == '&' || raw[0] == '"' ||
                                raw[0] == '\'' || raw[0] == '?'))
            raw.remove_prefix(1), again = true;
        for (const std::string_view word :
             {"const ", "volatile ", "struct ", "class ", "enum ", "static ", "readonly ", "mut ",
              "dyn ", "typename ", "inline ", "constexpr ", "final ", "mutable ", "extern "})
            if (raw.starts_with(word)) raw.remove_prefix(word.size()), again = true;
    }
    return raw;
}

// Comments of both styles become spaces.
std::string withoutComments(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        const std::string_view rest = text.substr(i);
        size_t end = 0;
        if (rest[0] == '#' || rest.starts_with("//")) end = rest.find('\n');
        if (rest.starts_with("/*")) end = rest.find("*/");
        if (end == rest.npos) break;
        i += end;
        out.push_back(end > 0 ? ' ' : rest[0]);
    }
    return out;
}

std::vector<std::string_view> splitWords(std::string_view text) {
    std::vector<std::string_view> out;
    for (size_t i = 0; i < text.size();) {
        size_t end = i;
        while (end < text.size() && (isWordByte(text[end]) || text[end] == '.'))
            end++;
        if (end == i && !isSpaceByte(text[i])) end = i + 1;
        if (end > i) out.push_back(text.substr(i, end - i));
        i = std::max(end, i + 1);
    }
    return out;
}

// Names between commas: "a as b, type c, * as d, default as e".
std::string bindings(std::string_view list, std::string_view mark) {
    std::string out;
    const auto add = [&](std::string_view here, std::string_view there) {
        out += out.empty() ? "" : " ";
        out += std::string(mark) + std::string(here);
        if (here != there) (out += '=') += there;
    };
    std::vector<std::string_view> item;
    auto words = splitWords(list);
    words.push_back(",");
    for (const std::string_view word : words) {
        if (!isOneOf(word, {",", "{", "}", "(", ")"})) {
            if (word != "type" && word != "typeof" && word != "\\") item.push_back(word);
            continue;
        }
        if (item.size() == 1) add(item[0], item[0]);
        if (item.size() == 3 && item[1] == "as") add(item[2], item[0]);
        item.clear();
    }
    return out;
}

// "D, {a as b}" of JavaScript: D is the module's default.
std::string scriptBindings(std::string_view clause, std::string_view mark) {
    clause = base::trim(clause);
    for (const std::string_view word : {"type ", "typeof "})
        if (clause.starts_with(word)) clause = base::trim(clause.substr(word.size()));
    if (clause.empty() || clause[0] == '{' || clause[0] == '*') return bindings(clause, mark);
    const size_t end = std::min(clause.find(','), clause.size());
    std::string out = std::string(base::trim(clause.substr(0, end))) + "=default";
    const std::string rest = bindings(clause.substr(std::min(end + 1, clause.size())), mark);
    return rest.empty() ? out : out + " " + rest;
}

}  // namespace

std::string receiverText(std::string_view raw) {
    return ReceiverReader(base::trim(raw)).read();
}

std::string_view headOf(std::string_view receiver) {
    size_t end = 0;
    while (end < receiver.size() && receiver[end] != '.' && receiver[end] != ':' &&
           receiver[end] != '(' && receiver[end] != '[')
        end++;
    return receiver.substr(0, end);
}

std::string typeText(std::string_view raw) {
    for (int depth = 0; depth < 4; depth++) {
        raw = withoutPrefixes(raw);
        size_t end = 0;
        while (end < raw.size() &&
               (isWordByte(raw[end]) || raw[end] == '.' || raw.substr(end, 2) == "::" ||
                (end > 0 && raw.substr(end - 1, 2) == "::")))
            end++;
        const std::string_view name = raw.substr(0, end);
        if (name.empty() || name.size() > kReceiverBytesMax) return {};
        if (isOneOf(name, {"auto", "var", "let", "val", "any", "unknown", "object", "Any", "None",
                           "null", "undefined", "void"}))
            return {};
        const std::string_view rest = raw.substr(end);
        if (rest.starts_with("[]")) return "Array";
        if (!rest.starts_with("<") && !rest.starts_with("[")) return std::string(name);
        const size_t close = behindBracket(rest, 0);
        if (close == rest.npos) return std::string(name);
        const std::string_view held = heldType(name, rest.substr(1, close - 2));
        if (held.empty()) {
            return rest.substr(close).starts_with("[]") ? std::string("Array") : std::string(name);
        }
        raw = held;
    }
    return {};
}

std::string typeReceiver(std::string_view raw) {
    std::string type = typeText(raw);
    if (type.empty()) return type;
    std::replace(type.begin(), type.end(), '.', '/');
    for (size_t at; (at = type.find("::")) != type.npos;)
        type.replace(at, 2, "/");
    return ":" + type;
}

std::string boundNames(std::string_view statement) {
    const std::string clean = withoutComments(statement.substr(0, kStatementBytesMax));
    std::string_view text = base::trim(clean);
    while (text.ends_with(';'))
        text.remove_suffix(1);
    if (text.starts_with("from ")) {  // Python
        const size_t at = text.find(" import");
        return at == text.npos ? std::string() : bindings(text.substr(at + 7), "");
    }
    const size_t from = text.rfind(" from");
    const size_t end = from != text.npos ? from : text.rfind("}from");
    if (text.starts_with("export") && end != text.npos)
        return bindings(text.substr(6, end + 1 - 6), ">");
    if (text.starts_with("import") && end != text.npos)
        return scriptBindings(text.substr(6, end + 1 - 6), "");
    return {};
}

}  // namespace moxie::indexer

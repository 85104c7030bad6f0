// Languages read line by line: a definition is told by the first words of a line or by its shape,
// its end by indentation, by an "end", or by the next heading.
#include <array>
#include <vector>

#include "indexer/outline/scan_output.h"

namespace moxie::indexer {
namespace {

constexpr size_t kLineSymbolsMax = 200'000;
constexpr int kModifiersMax = 8;
constexpr size_t kShapeBytesMax = 400;  // a definition's name stands within

// "end if" closes a statement, not a definition.
constexpr std::array<std::string_view, 19> kInnerBlocks = {
    "if",    "do",  "loop", "case",  "select",   "for",    "while", "with",   "else",     "repeat",
    "where", "try", "then", "begin", "generate", "switch", "var",   "struct", "associate"};

struct ScanLine {
    std::string_view text;  // without indentation and line end
    std::string_view code;  // without a comment at its end
    size_t first = 0;       // of `text` in the whole
    size_t end = 0;         // behind the line end
    int32_t number = 0;
    int32_t indent = 0;
};

struct FoundName {
    std::string_view name;
    SymbolKind kind = SymbolKind::function;
    int32_t level = 0;  // of a heading
    bool isOneLine = false;
};

struct OpenDefinition {
    int32_t symbol = -1;
    int32_t indent = 0;
    int32_t level = 0;
};

std::string_view skipScanSpace(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::string_view firstScanToken(std::string_view text) {
    return text.substr(0, text.find_first_of(" \t({[<;,\""));
}

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view nameAtStart(std::string_view text, std::string_view also) {
    size_t length = 0;
    while (length < text.size() &&
           (isScanWordByte(text[length]) || also.find(text[length]) != also.npos))
        length++;
    return text.substr(0, length);
}

// Families whose definitions need a modifier first: "create table x", not "table x".
bool needsModifier(Family family) {
    return family == Family::sql;
}

class LineScan {
public:
    LineScan(Family family, std::string_view text, Outline& out)
        : family_(family),
          rules_(scanRules(family)),
          text_(text),
          out_(out) {}

    void run(const std::stop_token& stop);

private:
    ScanLine lineAt(size_t first, int32_t number) const;
    bool isComment(const ScanLine& line);
    bool startsBlock(std::string_view text);
    void close(const ScanLine& line);
    bool closesWithEnd(const ScanLine& line);
    void finishTop(int32_t lineLast, size_t byteLast);
    FoundName find(const ScanLine& line) const;
    FoundName byWord(const ScanLine& line) const;
    FoundName byShape(const ScanLine& line) const;
    FoundName named(std::string_view rest, const ScanWord& word) const;
    void open(const ScanLine& line, const FoundName& found);

    const Family family_;
    const ScanRules& rules_;
    std::string_view text_;
    Outline& out_;
    std::vector<OpenDefinition> open_;
    std::string_view inBlock_;  // what ends the comment or string we are in
    int32_t lastLine_ = 0;      // with code
    size_t lastEnd_ = 0;
};

ScanLine LineScan::lineAt(size_t first, int32_t number) const {
    ScanLine line;
    line.number = number;
    const size_t end = std::min(text_.find('\n', first), text_.size());
    line.end = end;
    size_t at = first;
    for (; at < end && (text_[at] == ' ' || text_[at] == '\t'); at++)
        line.indent += text_[at] == '\t' ? 8 - line.indent % 8 : 1;
    line.first = at;
    line.text = text_.substr(at, end - at);
    while (!line.text.empty() && (line.text.back() == '\r' || line.text.back() == ' '))
        line.text.remove_suffix(1);
    line.code = line.text;
    return line;
}

// Opens of """ and of block comments that do not close on the line.
bool LineScan::startsBlock(std::string_view text) {
    if (family_ == Family::python || family_ == Family::ruby) {
        for (const std::string_view quotes : {"\"\"\"", "'''"}) {
            const size_t at = text.find(quotes);
            if (at == text.npos) continue;
            if (text.find(quotes, at + 3) == text.npos) inBlock_ = quotes;
            return at == 0;
        }
    }
    if (rules_.blockOpen.empty()) return false;
    const size_t at = text.find(rules_.blockOpen);
    if (at == text.npos) return false;
    const size_t close = text.find(rules_.blockClose, at + rules_.blockOpen.size());
    if (close == text.npos) inBlock_ = rules_.blockClose;
    return at == 0 && (close == text.npos || close + rules_.blockClose.size() == text.size());
}

bool LineScan::isComment(const ScanLine& line) {
    if (!inBlock_.empty()) {
        if (line.text.find(inBlock_) != line.text.npos) inBlock_ = {};
        return true;
    }
    for (const std::string_view sign : {rules_.lineComment, rules_.otherLineComment})
        if (!sign.empty() && line.text.size() >= sign.size() &&
            equalWords(line.text.substr(0, sign.size()), sign, true))
            return family_ != Family::make || !line.text.starts_with("#!");
    return startsBlock(line.text);
}

void LineScan::finishTop(int32_t lineLast, size_t byteLast) {
    OutlineSymbol& symbol = out_.symbols[size_t(open_.back().symbol)];
    symbol.lineLast = std::max(symbol.lineFirst, lineLast);
    symbol.byteLast = uint32_t(std::max<size_t>(symbol.byteFirst, byteLast));
    open_.pop_back();
}

bool LineScan::closesWithEnd(const ScanLine& line) {
    const std::string_view head = line.text.substr(0, 40);
    if (head.starts_with("}")) return true;
    if (head.size() < 3 || !equalWords(head.substr(0, 3), "end", true)) return false;
    std::string_view rest = head.substr(3);
    if (!rest.empty() && rest.front() == '_') rest.remove_prefix(1);
    const std::string_view inner = nameAtStart(skipScanSpace(rest), "");
    return std::none_of(kInnerBlocks.begin(), kInnerBlocks.end(),
                        [&](std::string_view word) { return equalWords(word, inner, true); });
}

// Definitions that this line ends.
void LineScan::close(const ScanLine& line) {
    if (rules_.style == BlockStyle::indent) {
        while (!open_.empty() && open_.back().indent >= line.indent) {
            const bool isCloser = closesWithEnd(line) && open_.back().indent == line.indent;
            finishTop(isCloser ? line.number : lastLine_, isCloser ? line.end : lastEnd_);
        }
    } else if (rules_.style == BlockStyle::end && !open_.empty() && closesWithEnd(line)) {
        while (!open_.empty() && open_.back().indent > line.indent)
            finishTop(lastLine_, lastEnd_);
        if (!open_.empty() && open_.back().indent == line.indent) finishTop(line.number, line.end);
    }
}

// What follows the word of a definition: the name without brackets, quotes and colons.
FoundName LineScan::named(std::string_view rest, const ScanWord& word) const {
    FoundName found;
    found.kind = word.kind;
    rest = skipScanSpace(rest);
    const bool isBraced = !rest.empty() && (rest.front() == '{' || rest.front() == '"' ||
                                            rest.front() == '\'' || rest.front() == '[');
    if (isBraced && family_ == Family::tex) {
        const size_t end =
            rest.find(']') != rest.npos && rest.front() == '[' ? rest.find(']') + 1 : 0;
        rest = skipScanSpace(rest.substr(end));
        if (rest.empty() || rest.front() != '{') return found;
        found.name = rest.substr(1, std::min(rest.find('}'), rest.size()) - 1);
        return found;
    }
    if (!rest.empty() && (rest.front() == '(' || rest.front() == '"' || rest.front() == '\'' ||
                          rest.front() == '`' || rest.front() == '[' || rest.front() == '<'))
        rest = skipScanSpace(rest.substr(1));
    switch (family_) {
        case Family::markdown:
        case Family::inform:
        case Family::roff:
            found.name = rest.substr(0, 100);
            break;
        case Family::forth:
            found.name = rest.substr(0, rest.find_first_of(" \t"));
            break;
        case Family::tex:
            found.name = nameAtStart(rest, "\\@:");
            break;
        case Family::jvm: {
            const std::string_view head = rest.substr(0, rest.find('('));
            found.name = head.substr(head.rfind(' ') + 1);
            break;
        }
        case Family::assembly:
            found.name =
                nameAtStart(rest.substr(rest.find('@') == rest.npos ? 0 : rest.find('@') + 1), ".");
            break;
        case Family::docker: {
            const size_t as =
                rest.find(" AS ") != rest.npos ? rest.find(" AS ") : rest.find(" as ");
            found.name =
                as == rest.npos ? firstScanToken(rest) : firstScanToken(rest.substr(as + 4));
            break;
        }
        default:
            if (family_ == Family::ruby && rest.starts_with("self.")) rest.remove_prefix(5);
            found.name = nameAtStart(rest, ".:'?!@-");
            // Ruby: def name=(value)
            if (family_ == Family::ruby && rest.substr(found.name.size()).starts_with("=("))
                found.name = rest.substr(0, found.name.size() + 1);
    }
    while (!found.name.empty() && (found.name.back() == ':' || found.name.back() == '.' ||
                                   found.name.back() == ' ' || found.name.back() == '-'))
        found.name.remove_suffix(1);
    return found;
}

FoundName LineScan::byWord(const ScanLine& line) const {
    std::string_view rest = line.code.substr(0, kShapeBytesMax);
    int modifiers = 0;
    for (; modifiers < kModifiersMax; modifiers++) {
        const std::string_view token = firstScanToken(rest);
        if (token.empty()) return {};
        const ScanWord* word = findScanWord(rules_, token);
        const std::string_view behind = rest.substr(token.size());
        if (word) {
            if (needsModifier(family_) && modifiers == 0) return {};
            const std::string_view next = firstScanToken(skipScanSpace(behind));
            if (findScanWord(rules_, next) && family_ != Family::vim) {
                rest = skipScanSpace(behind);
                continue;
            }
            rest = skipScanSpace(behind);
            while (isModifier(rules_, firstScanToken(rest)))
                rest = skipScanSpace(rest.substr(firstScanToken(rest).size()));
            return named(rest, *word);
        }
        if (!isModifier(rules_, token) || behind.empty()) return {};
        rest = skipScanSpace(behind);
    }
    return {};
}

bool isColonName(std::string_view text, size_t length) {
    return length > 0 && length < text.size() && text[length] == ':' &&
           (length + 1 == text.size() || text[length + 1] != '=');
}

// name() {, name = function(, name <- function(
FoundName shellFunction(std::string_view text) {
    if (text.starts_with("use constant ") && text.find("=>") != text.npos)
        return {nameAtStart(text.substr(13), ""), SymbolKind::constant, 0, true};
    const std::string_view name = nameAtStart(text, ".:-");
    if (name.empty() || !isNameStart(name.front())) return {};
    const std::string_view rest = skipScanSpace(text.substr(name.size()));
    if (rest.starts_with("()") || rest.starts_with("( )")) return {name, SymbolKind::function};
    for (const std::string_view sign : {"<-", "="})
        if (rest.starts_with(sign) &&
            skipScanSpace(rest.substr(sign.size())).starts_with("function"))
            return {name, SymbolKind::function};
    return {};
}

FoundName lispForm(std::string_view text) {
    if (!text.starts_with("(")) return {};
    const std::string_view head = nameAtStart(text.substr(1), "-:*!?/.+");
    const bool defines = head.starts_with("def") || head == "module" || head == "struct" ||
                         head == "library" || head == "func" || head == "fn" || head == "ns" ||
                         head == "package" || head == "declare-fun" || head == "define-fun";
    if (!defines) return {};
    std::string_view rest = skipScanSpace(text.substr(1 + head.size()));
    while (!rest.empty() && (rest.front() == '(' || rest.front() == '\'' || rest.front() == '^' ||
                             rest.front() == '#' || rest.front() == ':' || rest.front() == '"'))
        rest.remove_prefix(1);
    FoundName found;
    found.name = rest.substr(0, rest.find_first_of(" \t()[]{}\""));
    const auto has = [&](std::string_view part) { return head.find(part) != head.npos; };
    if (has("macro"))
        found.kind = SymbolKind::macro;
    else if (has("class") || has("struct") || has("type") || has("record"))
        found.kind = SymbolKind::type;
    else if (has("const"))
        found.kind = SymbolKind::constant;
    else if (has("var") || has("parameter") || head == "def")
        found.kind = SymbolKind::variable;
    else if (has("package") || has("module") || head == "ns" || has("library"))
        found.kind = SymbolKind::module;
    else if (has("protocol") || has("generic"))
        found.kind = SymbolKind::interface;
    return found;
}

FoundName clauseName(std::string_view text) {
    if (text.starts_with("-module(") || text.starts_with("-record(") ||
        text.starts_with("-define(")) {
        const SymbolKind kind = text[1] == 'm'   ? SymbolKind::module
                                : text[1] == 'r' ? SymbolKind::type
                                                 : SymbolKind::macro;
        return {nameAtStart(text.substr(8), ""), kind, 0, true};
    }
    if (text.starts_with(":- module("))
        return {nameAtStart(text.substr(10), ""), SymbolKind::module, 0, true};
    if (text.empty() || !(text.front() >= 'a' && text.front() <= 'z')) return {};
    const std::string_view name = nameAtStart(text, "@");
    const std::string_view rest = text.substr(name.size());
    const bool isClause = rest.starts_with("(") || skipScanSpace(rest).starts_with(":-") ||
                          skipScanSpace(rest).starts_with("-->");
    return isClause ? FoundName{name, SymbolKind::function} : FoundName{};
}

FoundName headingName(std::string_view text) {
    const char sign = text.empty() ? ' ' : text.front();
    if (sign != '#' && sign != '=' && sign != '*') return {};
    const size_t level = std::min(text.find_first_not_of(sign), text.size());
    if (level > 6 || level >= text.size() || text[level] != ' ') return {};
    std::string_view name = skipScanSpace(text.substr(level));
    while (!name.empty() && (name.back() == sign || name.back() == ' '))
        name.remove_suffix(1);
    return {base::cutUtf8(name, 120), SymbolKind::module, int32_t(level)};
}

// `name :: type`, `name args = …` at the margin.
FoundName signatureName(const ScanLine& line) {
    if (line.indent > 0 || line.text.empty() || !isNameStart(line.text.front())) return {};
    const std::string_view name = nameAtStart(line.text, "'");
    const std::string_view rest = skipScanSpace(line.text.substr(name.size()));
    if (rest.starts_with("::") || (rest.starts_with(": ") && !rest.starts_with("::")))
        return {name, SymbolKind::function};
    return {};
}

FoundName elementName(std::string_view text) {
    if (!text.starts_with("<") || text.size() < 4 || !isNameStart(text[1])) return {};
    for (const std::string_view key : {" id=\"", " name=\"", " x:Name=\""}) {
        const size_t at = text.find(key);
        if (at == text.npos) continue;
        const std::string_view value = text.substr(at + key.size());
        return {value.substr(0, value.find('"')), SymbolKind::field, 0, true};
    }
    return {};
}

FoundName targetName(const ScanLine& line) {
    if (line.indent > 0 || line.text.empty()) return {};
    const std::string_view name = nameAtStart(line.text, ".-/%+");
    const std::string_view rest = skipScanSpace(line.text.substr(name.size()));
    if (name.empty()) return {};
    if (rest.starts_with("=") || rest.starts_with(":=") || rest.starts_with("?=") ||
        rest.starts_with("::="))
        return {name, SymbolKind::variable, 0, true};
    return rest.starts_with(":") ? FoundName{name, SymbolKind::function} : FoundName{};
}

FoundName paragraphName(const ScanLine& line) {
    const std::string_view name = nameAtStart(line.text, "-");
    if (name.size() < 2 || line.indent > 11) return {};
    const std::string_view rest = skipScanSpace(line.text.substr(name.size()));
    if (rest == "." && !equalWords(name.substr(0, 4), "end-", true) &&
        !equalWords(name, "exit", true))
        return {name, SymbolKind::function, 2};
    if (rest.size() >= 7 && equalWords(rest.substr(0, 7), "section", true))
        return {name, SymbolKind::module, 1};
    return {};
}

FoundName arrowName(const ScanLine& line) {
    if (line.indent > 0 || line.text.empty() || !isNameStart(line.text.front())) return {};
    const std::string_view name = nameAtStart(line.text, ".");
    const std::string_view rest = skipScanSpace(line.text.substr(name.size()));
    if (rest.starts_with(">>"))
        return {nameAtStart(skipScanSpace(rest.substr(2)), ":"), SymbolKind::method};
    for (const std::string_view sign : {"\xE2\x86\x90", "=:", "=.", ":{", ": {", ":="})
        if (rest.starts_with(sign)) return {name, SymbolKind::function};
    const size_t subclass = rest.find("subclass:");
    if (subclass == rest.npos) return {};
    std::string_view made = skipScanSpace(rest.substr(subclass + 9));
    if (made.starts_with("#")) made.remove_prefix(1);
    return {nameAtStart(made, ""), SymbolKind::type};
}

FoundName selectorName(const ScanLine& line) {
    if (line.text.empty() || line.text.back() != '{' || line.text.front() == '}') return {};
    std::string_view name = line.text.substr(0, line.text.size() - 1);
    while (!name.empty() && name.back() == ' ')
        name.remove_suffix(1);
    return name.size() <= 120 ? FoundName{name, SymbolKind::type} : FoundName{};
}

// TFoo = class, Motor : STRUCT: names before the word.
FoundName typeBefore(std::string_view text) {
    const std::string_view name = nameAtStart(text, "");
    std::string_view rest = skipScanSpace(text.substr(name.size()));
    if (name.empty() || rest.empty() || (rest.front() != '=' && rest.front() != ':')) return {};
    rest = skipScanSpace(rest.substr(1));
    const std::string_view kind = nameAtStart(rest, "");
    for (const std::string_view word :
         {"class", "record", "interface", "object", "struct", "packed"})
        if (equalWords(kind, word, true)) return {name, SymbolKind::type};
    return {};
}

FoundName LineScan::byShape(const ScanLine& line) const {
    const std::string_view text = line.text.substr(0, kShapeBytesMax);
    switch (rules_.shape) {
        case LineShape::none:
            return family_ == Family::pascal ? typeBefore(text) : FoundName();
        case LineShape::label: {
            if (text.starts_with(":") && family_ == Family::batch)
                return {nameAtStart(text.substr(1), "-."), SymbolKind::function};
            const std::string_view name = nameAtStart(text, ".@?-");
            if (family_ == Family::batch || line.indent > 0) return {};
            const bool isProc =
                equalWords(firstScanToken(skipScanSpace(text.substr(name.size()))), "proc", true);
            return isProc || isColonName(text, name.size()) ? FoundName{name, SymbolKind::function}
                                                            : FoundName();
        }
        case LineShape::shellFunction:
            return shellFunction(text);
        case LineShape::clause:
            return line.indent == 0 ? clauseName(text) : FoundName();
        case LineShape::section:
            if (!text.starts_with("[")) return {};
            return {text.substr(1, std::min(text.find(']'), text.size()) - 1), SymbolKind::module};
        case LineShape::hashHeading:
            return line.indent == 0 ? headingName(text) : FoundName();
        case LineShape::key: {
            if (line.indent > 0) return {};
            const std::string_view name = nameAtStart(text, "-./");
            return isColonName(text, name.size()) ? FoundName{name, SymbolKind::field}
                                                  : FoundName();
        }
        case LineShape::target:
            return targetName(line);
        case LineShape::lispForm:
            return lispForm(text);
        case LineShape::signature:
            return signatureName(line);
        case LineShape::selector:
            return selectorName(line);
        case LineShape::element:
            return elementName(text);
        case LineShape::paragraph:
            return paragraphName(line);
        case LineShape::card:
            if (text.starts_with("//") && text.size() > 3 && isNameStart(text[2]))
                return {nameAtStart(text.substr(2), ""), SymbolKind::module, 0, true};
            return isColonName(text, nameAtStart(text, "").size()) && line.indent == 0
                       ? FoundName{nameAtStart(text, ""), SymbolKind::function}
                       : FoundName();
        case LineShape::arrow:
            return arrowName(line);
        case LineShape::changedFile:
            if (!text.starts_with("+++ ")) return {};
            return {text.substr(text.starts_with("+++ b/") ? 6 : 4), SymbolKind::module};
    }
    return {};
}

FoundName LineScan::find(const ScanLine& line) const {
    FoundName found = rules_.words.empty() ? FoundName() : byWord(line);
    if (found.name.empty()) found = byShape(line);
    return found;
}

void LineScan::open(const ScanLine& line, const FoundName& found) {
    if (out_.symbols.size() >= kLineSymbolsMax || found.name.size() > 200) return;
    if (family_ == Family::erlang || family_ == Family::ml) {
        // The clauses of one function are one symbol.
        if (!out_.symbols.empty() && out_.symbols.back().name == found.name && open_.empty()) {
            open_.push_back({.symbol = int32_t(out_.symbols.size()) - 1, .indent = line.indent});
            return;
        }
    }
    if (rules_.style == BlockStyle::heading)
        while (!open_.empty() && open_.back().level >= found.level)
            finishTop(lastLine_, lastEnd_);
    if (rules_.style == BlockStyle::end)
        while (!open_.empty() && open_.back().indent >= line.indent &&
               out_.symbols[size_t(open_.back().symbol)].kind == found.kind)
            finishTop(lastLine_, lastEnd_);
    OutlineSymbol symbol;
    symbol.name = found.name;
    symbol.kind = found.kind;
    if (!open_.empty()) {
        const OutlineSymbol& above = out_.symbols[size_t(open_.back().symbol)];
        symbol.parent = above.name;
        const bool inType = above.kind == SymbolKind::type || above.kind == SymbolKind::interface;
        if (inType && symbol.kind == SymbolKind::function) symbol.kind = SymbolKind::method;
    }
    symbol.lineFirst = symbol.lineLast = line.number;
    symbol.byteFirst = uint32_t(line.first);
    symbol.byteLast = uint32_t(line.end);
    symbol.signature = scanSignature(text_, line.first);
    out_.symbols.push_back(std::move(symbol));
    if (!found.isOneLine && rules_.style != BlockStyle::oneLine)
        open_.push_back({.symbol = int32_t(out_.symbols.size()) - 1,
                         .indent = line.indent,
                         .level = found.level});
}

void LineScan::run(const std::stop_token& stop) {
    int32_t number = 0;
    for (size_t at = 0; at < text_.size();) {
        if ((++number & 0xfff) == 0 && stop.stop_requested()) {
            out_.isCutShort = true;
            break;
        }
        const ScanLine line = lineAt(at, number);
        at = line.end + 1;
        if (line.text.empty() || isComment(line)) continue;
        if (!open_.empty()) close(line);
        const FoundName found = find(line);
        if (!found.name.empty()) open(line, found);
        lastLine_ = number;
        lastEnd_ = line.end;
    }
    while (!open_.empty())
        finishTop(lastLine_, lastEnd_);
}

}  // namespace

void scanLines(Family family, std::string_view text, const std::stop_token& stop, Outline& out) {
    LineScan(family, text, out).run(stop);
}

}  // namespace moxie::indexer

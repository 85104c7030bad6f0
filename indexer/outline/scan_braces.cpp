// Languages with { }: one pass over the bytes that knows comments, strings and brackets, and
// decides at each { what it opens.
#include <array>
#include <vector>

#include "indexer/outline/scan_output.h"

namespace moxie::indexer {
namespace {

constexpr size_t kBlocksMax = 10'000, kScannedSymbolsMax = 200'000;

constexpr std::array<std::string_view, 24> kControlWords = {
    "if",     "for",          "while", "switch", "return",  "else",    "catch",         "sizeof",
    "do",     "match",        "when",  "with",   "foreach", "elif",    "elseif",        "until",
    "unless", "synchronized", "using", "lock",   "assert",  "defined", "__attribute__", "guard"};

bool isControlWord(std::string_view word) {
    return std::find(kControlWords.begin(), kControlWords.end(), word) != kControlWords.end();
}

bool isTypeWord(SymbolKind kind) {
    return kind == SymbolKind::type || kind == SymbolKind::interface ||
           kind == SymbolKind::enumeration || kind == SymbolKind::module ||
           kind == SymbolKind::typeAlias;
}

bool isCallable(SymbolKind kind) {
    return kind == SymbolKind::function || kind == SymbolKind::method ||
           kind == SymbolKind::constructor;
}

// What was read since the last ; { or }.
struct BraceStatement {
    size_t first = std::string_view::npos;
    size_t column = 0;  // of `first` in its line
    int32_t line = 0;
    int words = 0;
    int parens = 0;
    std::string_view last, callName, callScope, scope, wordName, beforeEquals, pointerName;
    const ScanWord* word = nullptr;
    int32_t symbol = -1;  // made already, when its word and name were read
    bool hasEquals = false, hasArrow = false, hasFunctionWord = false, isTypedef = false;
    bool isLastWord = false;  // the last token was a word
    bool hasStar = false;     // in the first parentheses: int (*name)(void)
};

struct BraceBlock {
    int32_t symbol = -1;
    bool isFunction = false;
    bool isTypedefBody = false;
    size_t column = 0;
    BraceStatement outer;
};

// What a byte may begin.
enum class ByteKind : uint8_t { other, word, blank, newline, commentOrOther, quote };

using ByteKinds = std::array<ByteKind, 256>;

ByteKinds byteKindsOf(const ScanRules& rules) {
    ByteKinds kinds = {};
    for (size_t i = 0; i < kinds.size(); i++)
        if (isScanWordByte(char(i))) kinds[i] = ByteKind::word;
    for (const char c : {' ', '\t', '\r'})
        kinds[uint8_t(c)] = ByteKind::blank;
    kinds[uint8_t('\n')] = ByteKind::newline;
    for (const std::string_view begin : {rules.blockOpen, rules.lineComment})
        if (!begin.empty() && kinds[uint8_t(begin[0])] == ByteKind::other)
            kinds[uint8_t(begin[0])] = ByteKind::commentOrOther;
    for (const char c : rules.quotes)
        if (kinds[uint8_t(c)] == ByteKind::other) kinds[uint8_t(c)] = ByteKind::quote;
    return kinds;
}

class BraceScan {
public:
    BraceScan(Family family, std::string_view text, Outline& out)
        : rules_(scanRules(family)),
          kinds_(byteKindsOf(rules_)),
          isC_(family == Family::c),
          text_(text),
          out_(out) {}

    void run(const std::stop_token& stop);

private:
    void step(char c);
    void stepByRole(char c);
    void skipBody();
    void takeWord();
    void placeWord(std::string_view word, size_t first);
    void newline();
    void openBlock();
    void closeBlock();
    void endStatement();
    void skipComment();
    void skipQuoted(char quote);
    void skipRaw();
    void skipTo(std::string_view end);
    void preprocessor();
    void skipAnnotation();
    void skipTemplate();
    void equals();
    int32_t add(std::string_view name, std::string_view scope, SymbolKind kind, size_t first);

    bool inFunction() const { return !blocks_.empty() && blocks_.back().isFunction; }

    // In a function words are passed over, so the text itself is looked at.
    bool isBehindTemplate() const {
        if (!inFunction()) return now_.last == "template";
        const size_t end = text_.find_last_not_of(" \t", at_ - 1);
        return at_ > 0 && end != text_.npos && text_.substr(0, end + 1).ends_with("template");
    }

    bool startsWith(std::string_view part) const {
        return !part.empty() && text_.compare(at_, part.size(), part) == 0;
    }

    // The first byte from `from` on that is no space; 0 at the end.
    char nextByte(size_t from) const {
        const size_t found = text_.find_first_not_of(" \t\r\n", from);
        return found == text_.npos ? '\0' : text_[found];
    }

    void advance(size_t end) {
        end = std::min(end, text_.size());
        const std::string_view passed = text_.substr(at_, end - at_);
        line_ += int32_t(std::count(passed.begin(), passed.end(), '\n'));
        if (const size_t last = passed.rfind('\n'); last != passed.npos)
            lineStart_ = at_ + last + 1;
        at_ = end;
    }

    const ScanRules& rules_;
    const ByteKinds kinds_;
    const bool isC_;
    std::string_view text_;
    Outline& out_;
    size_t at_ = 0, lineStart_ = 0;
    size_t nextCode_ = 0;  // behind blanks that newline() looked at
    int32_t line_ = 1;
    BraceStatement now_;
    std::vector<BraceBlock> blocks_;
};

int32_t BraceScan::add(std::string_view name, std::string_view scope, SymbolKind kind,
                       size_t first) {
    if (name.empty() || name.size() > 200 || out_.symbols.size() >= kScannedSymbolsMax) return -1;
    OutlineSymbol symbol;
    symbol.name = name;
    symbol.parent = scope;
    bool inType = !scope.empty();
    for (size_t i = blocks_.size(); i-- > 0 && symbol.parent.empty();)
        if (blocks_[i].symbol >= 0) {
            const OutlineSymbol& above = out_.symbols[size_t(blocks_[i].symbol)];
            symbol.parent = above.name;
            inType = isTypeWord(above.kind) && above.kind != SymbolKind::module;
        }
    symbol.kind = kind == SymbolKind::function && inType ? SymbolKind::method : kind;
    if (symbol.kind == SymbolKind::method && symbol.name == symbol.parent)
        symbol.kind = SymbolKind::constructor;
    symbol.lineFirst = symbol.lineLast = now_.line > 0 ? now_.line : line_;
    symbol.byteFirst = uint32_t(first);
    symbol.byteLast = uint32_t(at_);
    symbol.signature = scanSignature(text_, first);
    out_.symbols.push_back(std::move(symbol));
    return int32_t(out_.symbols.size()) - 1;
}

void BraceScan::skipTo(std::string_view end) {
    const size_t found = text_.find(end, at_);
    advance(found == text_.npos ? text_.size() : found + end.size());
}

void BraceScan::skipComment() {
    if (startsWith(rules_.blockOpen)) {
        at_ += rules_.blockOpen.size();
        skipTo(rules_.blockClose);
        return;
    }
    at_ = std::min(text_.find('\n', at_), text_.size());
}

void BraceScan::skipRaw() {
    const size_t open = text_.find('(', at_);
    if (open == text_.npos || open - at_ > 18) {
        at_++;
        return;
    }
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    at_ = open;
    skipTo(close);
}

void BraceScan::skipQuoted(char quote) {
    if (quote == '"' && startsWith("\"\"\"")) {
        at_ += 3;
        skipTo("\"\"\"");
        return;
    }
    const char before = at_ > 0 ? text_[at_ - 1] : ' ';
    if (quote == '"' && isC_ && before == 'R') return skipRaw();
    if (quote == '\'' && isScanWordByte(before)) {  // 1'000, a lifetime
        at_++;
        return;
    }
    for (size_t i = at_ + 1; i < text_.size(); i++) {
        if (text_[i] == '\\') {
            i++;
            continue;
        }
        if (text_[i] == quote) return advance(i + 1);
        if (text_[i] == '\n' && quote != '`') return advance(i);
    }
    advance(text_.size());
}

// #define NAME, and the rest of the line with its continuations.
void BraceScan::preprocessor() {
    const size_t first = at_;
    size_t end = at_;
    do {
        end = std::min(text_.find('\n', end + (end > at_ ? 1 : 0)), text_.size());
    } while (
        end < text_.size() && end > 0 &&
        (text_[end - 1] == '\\' || (text_[end - 1] == '\r' && end > 1 && text_[end - 2] == '\\')));
    std::string_view line = text_.substr(first + 1, end - first - 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with("define")) {
        line.remove_prefix(6);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        size_t length = 0;
        while (length < line.size() && isScanWordByte(line[length]))
            length++;
        const BraceStatement kept = now_;
        now_ = {};
        const int32_t made = add(line.substr(0, length), {}, SymbolKind::macro, first);
        advance(end);
        if (made >= 0) out_.symbols[size_t(made)].lineLast = line_;
        now_ = kept;
        return;
    }
    advance(end);
}

// @Name(...) before a declaration.
void BraceScan::skipAnnotation() {
    at_++;
    if (startsWith("interface ")) return;
    while (at_ < text_.size() && (isScanWordByte(text_[at_]) || text_[at_] == '.'))
        at_++;
    if (at_ >= text_.size() || text_[at_] != '(') return;
    int depth = 0;
    for (size_t i = at_; i < std::min(text_.size(), at_ + 4'000); i++) {
        depth += text_[i] == '(' ? 1 : text_[i] == ')' ? -1 : 0;
        if (depth == 0) return advance(i + 1);
    }
}

// The <...> of template <class T>.
void BraceScan::skipTemplate() {
    int depth = 0;
    for (size_t i = at_; i < std::min(text_.size(), at_ + 2'000); i++) {
        depth += text_[i] == '<' ? 1 : text_[i] == '>' ? -1 : 0;
        if (depth == 0) return advance(i + 1);
    }
    at_++;
}

void BraceScan::placeWord(std::string_view word, size_t first) {
    if (now_.first == std::string_view::npos) {
        now_.first = first;
        now_.column = first - lineStart_;
        now_.line = line_;
    }
    now_.words++;
    const bool isFresh = now_.parens == 0 && !now_.hasEquals;
    if (word == "function") now_.hasFunctionWord = true;
    if (word == "typedef") now_.isTypedef = true;
    if (!isFresh || (isC_ && inFunction())) return;
    const bool isMember = first > 0 && (text_[first - 1] == '.' || text_[first - 1] == ':');
    const ScanWord* known = isMember ? nullptr : findScanWord(rules_, word);
    if (known && (!now_.word || now_.wordName.empty()) && now_.callName.empty()) {
        const bool isModifierHere = now_.word && isModifier(rules_, now_.word->word);
        if (!now_.word || isModifierHere) now_.word = known;
        return;
    }
    if (!now_.word || !now_.callName.empty()) return;
    const bool isRenamed = rules_.needsBody && now_.isLastWord && word != "final";
    if (!now_.wordName.empty() && !isRenamed) return;
    now_.wordName = word;
    if (!rules_.needsBody && now_.symbol < 0)
        now_.symbol = add(word, {}, now_.word->kind, now_.first);
}

void BraceScan::takeWord() {
    const size_t first = at_;
    if (text_[at_] == '~') at_++;
    while (at_ < text_.size() && isScanWordByte(text_[at_]))
        at_++;
    const std::string_view word = text_.substr(first, at_ - first);
    placeWord(word, first);
    const bool isScoped = first >= 2 && text_.compare(first - 2, 2, "::") == 0;
    now_.scope = isScoped ? now_.last : std::string_view();
    now_.last = word;
    now_.isLastWord = true;
}

void BraceScan::newline() {
    at_++;
    line_++;
    lineStart_ = at_;
    if (isC_ || now_.parens > 0 || now_.first == std::string_view::npos) return;
    if (nextCode_ < at_) nextCode_ = text_.find_first_not_of(" \t\r\n", at_);
    const size_t next = nextCode_;
    const char peek = next == text_.npos ? ';' : text_[next];
    if (peek == '{' || peek == ':' || peek == '=' || peek == ',' || peek == '.' || peek == '<')
        return;
    const bool waits = now_.hasEquals && (now_.hasArrow || now_.hasFunctionWord);
    const std::string_view rest = next == text_.npos ? std::string_view() : text_.substr(next, 8);
    const bool goesOn = rest.starts_with("throws") || rest.starts_with("where") ||
                        rest.starts_with("extends") || rest.starts_with("with ") ||
                        rest.starts_with("implemen");
    const bool isModifierLine =
        now_.callName.empty() && !now_.word && now_.words < 5 && !now_.hasEquals;
    if (!waits && !goesOn && !isModifierLine) now_ = {};
}

void BraceScan::equals() {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    at_ += next == '=' || next == '>' ? 2 : 1;
    now_.isLastWord = false;
    if (next == '=') return;
    if (next == '>') {
        now_.hasArrow = true;
    } else if (now_.parens == 0 && !now_.hasEquals) {
        now_.hasEquals = true;
        now_.beforeEquals = now_.last;
    }
}

void BraceScan::openBlock() {
    BraceBlock block;
    block.isFunction = inFunction();
    block.column = now_.first == std::string_view::npos ? 1 : now_.column;
    const bool hasCall = rules_.hasCallShape && !now_.callName.empty() && !now_.hasEquals &&
                         !isControlWord(now_.callName) && now_.parens == 0;
    const bool hasType = now_.word && !now_.wordName.empty() &&
                         !(rules_.needsBody && hasCall && now_.callName != now_.wordName);
    if (now_.symbol >= 0 && !now_.hasEquals) {
        block.symbol = now_.symbol;
    } else if (hasType && !now_.hasEquals && !(isC_ && block.isFunction)) {
        block.symbol = add(now_.wordName, {}, now_.word->kind, now_.first);
    } else if (hasCall && !block.isFunction) {
        block.symbol = add(now_.callName, now_.callScope, SymbolKind::function, now_.first);
    } else if (!isC_ && now_.hasEquals && (now_.hasArrow || now_.hasFunctionWord)) {
        block.symbol = add(now_.beforeEquals, {}, SymbolKind::function, now_.first);
    }
    if (block.symbol >= 0) block.isFunction = isCallable(out_.symbols[size_t(block.symbol)].kind);
    block.isTypedefBody = isC_ && now_.isTypedef;
    block.outer = now_;
    if (blocks_.size() < kBlocksMax) blocks_.push_back(block);
    now_ = {};
    at_++;
}

void BraceScan::closeBlock() {
    at_++;
    if (blocks_.empty()) {
        now_ = {};
        return;
    }
    // A brace at the margin ends the function that began there, whatever #if did to the count.
    if (isC_ && at_ - 1 == lineStart_)
        for (size_t i = blocks_.size(); i-- > 0;)
            if (blocks_[i].isFunction && blocks_[i].symbol >= 0 && blocks_[i].column == 0) {
                blocks_.resize(i + 1);
                break;
            }
    const BraceBlock block = blocks_.back();
    blocks_.pop_back();
    if (block.symbol >= 0) {
        OutlineSymbol& symbol = out_.symbols[size_t(block.symbol)];
        symbol.lineLast = line_;
        symbol.byteLast = uint32_t(at_);
    }
    now_ = {};
    if (block.outer.parens > 0) now_ = block.outer;
    if (block.isTypedefBody) {
        now_.isTypedef = true;
        now_.first = block.outer.first;
        now_.column = block.outer.column;
        now_.line = block.outer.line;
    }
}

void BraceScan::endStatement() {
    at_++;
    if (now_.parens > 0) return;
    const bool isOutside = !inFunction();
    if (isC_ && isOutside && now_.isTypedef && now_.words > 0) {
        std::string_view name = now_.callName.empty() ? now_.last : now_.callName;
        if (!now_.pointerName.empty()) name = now_.pointerName;
        add(name, {}, SymbolKind::typeAlias, now_.first);
    } else if (isC_ && isOutside && !now_.pointerName.empty()) {
        const bool isField = !blocks_.empty() && blocks_.back().symbol >= 0 &&
                             isTypeWord(out_.symbols[size_t(blocks_.back().symbol)].kind);
        add(now_.pointerName, {}, isField ? SymbolKind::field : SymbolKind::variable, now_.first);
    } else if (isC_ && isOutside && !now_.callName.empty() && now_.words >= 2 && !now_.hasEquals &&
               !isControlWord(now_.callName)) {
        const int32_t made = add(now_.callName, now_.callScope, SymbolKind::function, now_.first);
        if (made >= 0) out_.symbols[size_t(made)].isDeclaration = true;
    }
    now_ = {};
}

void BraceScan::step(char c) {
    switch (kinds_[uint8_t(c)]) {
        case ByteKind::word:
            return takeWord();
        case ByteKind::blank:
            at_++;
            return;
        case ByteKind::newline:
            return newline();
        case ByteKind::quote:
            return skipQuoted(c);
        case ByteKind::commentOrOther:
            if (startsWith(rules_.blockOpen) || startsWith(rules_.lineComment))
                return skipComment();
            if (rules_.quotes.find(c) != std::string_view::npos) return skipQuoted(c);
            return stepByRole(c);
        case ByteKind::other:
            return stepByRole(c);
    }
}

void BraceScan::stepByRole(char c) {
    switch (c) {
        case '~':
            if (isC_) return takeWord();
            break;
        case '{':
            return openBlock();
        case '}':
            return closeBlock();
        case ';':
            return endStatement();
        case '=':
            return equals();
        case '@':
            return skipAnnotation();
        case '#':
            if (isC_) return preprocessor();
            break;
        case '<':
            if (isC_ && isBehindTemplate()) return skipTemplate();
            break;
        case '(':
        case '[':
            if (c == '(' && now_.parens == 0 && now_.callName.empty() && now_.isLastWord &&
                !now_.hasEquals) {
                now_.callName = now_.last;
                now_.callScope = now_.scope;
            }
            now_.parens++;
            break;
        case '*':
            if (now_.parens == 1 && now_.pointerName.empty()) now_.hasStar = true;
            break;
        case ')':
        case ']':
            if (now_.parens == 1 && now_.hasStar && now_.pointerName.empty() &&
                nextByte(at_ + 1) == '(')
                now_.pointerName = now_.last;
            now_.parens = std::max(0, now_.parens - 1);
            break;
        case ':':
            if (isC_ && now_.words == 1 && at_ + 1 < text_.size() && text_[at_ + 1] != ':' &&
                (at_ == 0 || text_[at_ - 1] != ':'))
                now_ = {};
            break;
        default:
            break;
    }
    at_++;
    now_.isLastWord = false;
}

// Inside a function of C nothing is told but by braces and by what hides or defines: the rest of a
// run of such bytes is passed over.
void BraceScan::skipBody() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        switch (kinds_[uint8_t(c)]) {
            case ByteKind::newline:
                line_++;
                lineStart_ = at_ + 1;
                break;
            case ByteKind::quote:
            case ByteKind::commentOrOther:
                return;
            default:
                if (c == '{' || c == '}' || c == '#' || c == '@' || c == '<') return;
                break;
        }
        at_++;
    }
}

void BraceScan::run(const std::stop_token& stop) {
    size_t asked = 0;
    while (at_ < text_.size()) {
        if (at_ - asked > 65'536) {
            asked = at_;
            out_.isCutShort = stop.stop_requested();
            if (out_.isCutShort) return;
        }
        step(text_[at_]);
        if (isC_ && inFunction()) skipBody();
    }
}

}  // namespace

void scanBraces(Family family, std::string_view text, const std::stop_token& stop, Outline& out) {
    BraceScan(family, text, out).run(stop);
}

}  // namespace moxie::indexer

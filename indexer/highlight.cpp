#include "indexer/highlight.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "indexer/highlight/token_rules.h"
#include "indexer/outline/rules.h"
#include "indexer/syntax_tree.h"

namespace moxie::indexer {
namespace {

using Node = CompiledTokenRules::Node;
using Is = CompiledTokenRules::Is;

constexpr size_t kDepthMax = 2'000;  // what is nested deeper has the colour of what is around it
constexpr int64_t kHiddenBytesMax = 64;
constexpr int64_t kShortTextBytesMax = 100'000, kShortTextMs = 30;

// What a node leaves to its children.
struct Ink {
    const Node* rules = nullptr;
    TokenKind kind = TokenKind::text;  // of what is not named inside
    TokenKind wish = TokenKind::text;  // for a name that stands here
};

// One walk over the part of a tree that touches a range.
class TokenWalk {
public:
    TokenWalk(const CompiledTokenRules& rules, std::string_view text, TokenSpan range)
        : rules_(rules),
          text_(text),
          range_(range),
          at_(range.begin) {}

    std::vector<TokenSpan> run(TSNode root);

    int64_t visits() const { return visits_; }

private:
    Ink enter(TSNode node, TSFieldId field, const Ink& above) const;
    TokenKind kindOfName(TSNode node, TokenKind kind) const;
    void paintUntil(int64_t byte, TokenKind kind);
    bool goIn(TSTreeCursor& cursor, const Ink& ink) const;

    const CompiledTokenRules& rules_;
    std::string_view text_;
    const TokenSpan range_;
    int64_t at_;  // everything before is painted
    int64_t visits_ = 0;
    std::vector<Ink> inks_;
    std::vector<TokenSpan> spans_;
};

TokenKind wishOf(const Ink& above, TSFieldId field) {
    for (const CompiledTokenRules::Wish& wish : above.rules->wishes) {
        if (wish.field != 0 && wish.field != field) continue;
        return wish.passes && above.wish != TokenKind::text ? above.wish : wish.kind;
    }
    return TokenKind::text;
}

TokenKind TokenWalk::kindOfName(TSNode node, TokenKind kind) const {
    if (rules_.spelling == Spelling::nothing) return kind;
    if (kind != TokenKind::variable && kind != TokenKind::property && kind != TokenKind::function)
        return kind;
    const size_t first = ts_node_start_byte(node), end = ts_node_end_byte(node);
    if (end - first < 2 || end > text_.size()) return kind;
    const std::string_view name = text_.substr(first, end - first);
    const auto isCapital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!isCapital(name.front())) return kind;
    const bool hasSmall =
        std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!hasSmall) return kind == TokenKind::function ? kind : TokenKind::constant;
    const bool isType = rules_.spelling == Spelling::capitalsAndType && kind != TokenKind::property;
    return isType ? TokenKind::type : kind;
}

Ink TokenWalk::enter(TSNode node, TSFieldId field, const Ink& above) const {
    static const Node kPlain;
    const size_t symbol = ts_node_symbol(node);
    Ink ink;
    ink.rules = symbol < rules_.nodes.size() ? &rules_.nodes[symbol] : &kPlain;
    ink.wish = wishOf(above, field);
    ink.kind = above.kind;
    const bool isOnGround = above.rules->is == Is::painted && above.rules->paint == Paint::ground;
    switch (ink.rules->is) {
        case Is::plain:
            break;
        case Is::sign:
            if (!isOnGround && ink.rules->kind != TokenKind::text) ink.kind = ink.rules->kind;
            break;
        case Is::name:
            ink.kind = kindOfName(node, ink.wish == TokenKind::text ? ink.rules->kind : ink.wish);
            break;
        case Is::painted:
            ink.kind = ink.rules->kind;
            break;
    }
    return ink;
}

void TokenWalk::paintUntil(int64_t byte, TokenKind kind) {
    byte = std::min(byte, range_.end);
    if (byte <= at_) return;
    if (kind != TokenKind::text) {
        if (!spans_.empty() && spans_.back().end == at_ && spans_.back().kind == kind)
            spans_.back().end = byte;
        else
            spans_.push_back({at_, byte, kind});
    }
    at_ = byte;
}

bool TokenWalk::goIn(TSTreeCursor& cursor, const Ink& ink) const {
    if (inks_.size() >= kDepthMax) return false;
    if (ink.rules->is == Is::painted && ink.rules->paint == Paint::solid) return false;
    if (ts_node_child_count(ts_tree_cursor_current_node(&cursor)) == 0) return false;
    // The search gives up in a hidden node that ends with tokens of no kind (a line end in Go),
    // though its neighbour would do: ask for the bytes behind them.
    for (int64_t byte = at_; byte < std::min(range_.end, at_ + kHiddenBytesMax); byte++)
        if (ts_tree_cursor_goto_first_child_for_byte(&cursor, uint32_t(byte)) >= 0) return true;
    return ts_tree_cursor_goto_first_child(&cursor);
}

std::vector<TokenSpan> TokenWalk::run(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    const std::unique_ptr<TSTreeCursor, void (*)(TSTreeCursor*)> owner(&cursor,
                                                                       ts_tree_cursor_delete);
    static const Node kPlain;
    inks_.push_back({.rules = &kPlain});
    while (true) {
        ++visits_;
        const TSNode node = ts_tree_cursor_current_node(&cursor);
        const int64_t first = ts_node_start_byte(node);
        if (first >= range_.end) break;
        paintUntil(first, inks_.back().kind);
        const Ink ink = enter(node, ts_tree_cursor_current_field_id(&cursor), inks_.back());
        if (goIn(cursor, ink)) {
            inks_.push_back(ink);
            continue;
        }
        paintUntil(ts_node_end_byte(node), ink.kind);
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            if (!ts_tree_cursor_goto_parent(&cursor)) return std::move(spans_);
            paintUntil(ts_node_end_byte(ts_tree_cursor_current_node(&cursor)), inks_.back().kind);
            inks_.pop_back();
        }
    }
    paintUntil(range_.end, inks_.back().kind);
    return std::move(spans_);
}

TSPoint pointAt(std::string_view text, size_t byte) {
    const std::string_view before = text.substr(0, byte);
    const size_t lineStart = before.rfind('\n') + 1;  // npos + 1 is 0
    return {uint32_t(std::count(before.begin(), before.end(), '\n')), uint32_t(byte - lineStart)};
}

SyntaxTree parseWith(Grammar grammar, std::string_view text, const ParseLimits& limits,
                     const TSTree* known) {
    const TSLanguage* language = treeSitterLanguage(grammar);
    if (!language || text.empty() || int64_t(text.size()) > HighlightedText::kBytesMax) return {};
    compiledTokenRules(grammar);  // 4 ms once, here rather than while painting
    const SyntaxParser parser = newSyntaxParser();
    if (!ts_parser_set_language(parser.get(), language)) return {};
    return parseText(*parser, text, limits, known);
}

struct FenceName {
    std::string_view name;
    Grammar grammar;
};

// What is no extension of the language table.
constexpr FenceName kFenceNames[] = {
    {"c++", Grammar::cpp},
    {"cuda", Grammar::cpp},
    {"objective-c++", Grammar::cpp},
    {"python", Grammar::python},
    {"python3", Grammar::python},
    {"pycon", Grammar::none},
    {"javascript", Grammar::javascript},
    {"node", Grammar::javascript},
    {"typescript", Grammar::typescript},
    {"golang", Grammar::go},
    {"rust", Grammar::rust},
};

}  // namespace

std::string_view toString(TokenKind kind) {
    static constexpr std::array<std::string_view, kTokenKindCount> kNames = {
        "text",     "keyword",     "type",   "function",  "variable", "property",
        "constant", "number",      "string", "escape",    "comment",  "preprocessor",
        "op",       "punctuation", "tag",    "attribute", "label"};
    const auto at = static_cast<size_t>(kind);
    return at < kNames.size() ? kNames[at] : "unknown";
}

Grammar grammarOfFile(std::string_view path, std::string_view text) {
    return language(languageOfText(languageOfPath(path), path, text)).grammar;
}

Grammar grammarOfFence(std::string_view info) {
    info = info.substr(0, std::min(info.find_first_of(" \t,{:"), info.size()));
    std::string word(info.substr(0, 40));
    for (char& c : word)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    if (word.empty()) return Grammar::none;
    for (const FenceName& known : kFenceNames)
        if (known.name == word) return known.grammar;
    const int32_t named = languageOfName(word);
    return language(named != kLanguageUnknown ? named : languageOfPath("fence." + word)).grammar;
}

void HighlightedText::Free::operator()(TSTree* tree) const {
    ts_tree_delete(tree);
}

HighlightedText::HighlightedText() = default;
HighlightedText::~HighlightedText() = default;
HighlightedText::HighlightedText(HighlightedText&&) noexcept = default;
HighlightedText& HighlightedText::operator=(HighlightedText&&) noexcept = default;

base::Result<HighlightedText> HighlightedText::parse(std::string text, Grammar grammar,
                                                     const std::stop_token& stop) {
    HighlightedText made;
    made.text_ = std::move(text);
    made.grammar_ = grammar;
    made.tree_.reset(parseWith(grammar, made.text_, {.stop = stop}, nullptr).release());
    if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "highlighting was stopped");
    return made;
}

HighlightedText::Walked HighlightedText::walk(int64_t byteBegin, int64_t byteEnd) const {
    const auto size = int64_t(text_.size());
    const int64_t begin = std::clamp<int64_t>(byteBegin, 0, size);
    const int64_t end = std::clamp<int64_t>(byteEnd, begin, size);
    if (!tree_ || begin == end) return {};
    TokenWalk walk(compiledTokenRules(grammar_), text_, {begin, end});
    Walked walked;
    walked.spans = walk.run(ts_tree_root_node(tree_.get()));
    walked.visits = walk.visits();
    return walked;
}

std::vector<TokenSpan> HighlightedText::spans(int64_t byteBegin, int64_t byteEnd) const {
    return walk(byteBegin, byteEnd).spans;
}

int64_t HighlightedText::countVisits(int64_t byteBegin, int64_t byteEnd) const {
    return walk(byteBegin, byteEnd).visits;
}

base::Status HighlightedText::edit(const TextEdit& edit, const std::stop_token& stop) {
    const auto size = int64_t(text_.size());
    if (edit.begin < 0 || edit.begin > edit.end || edit.end > size)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("bytes {} to {} are not in a text of {} bytes", edit.begin,
                                      edit.end, size));
    const auto begin = size_t(edit.begin), end = size_t(edit.end);
    TSInputEdit change = {};
    change.start_byte = uint32_t(begin);
    change.old_end_byte = uint32_t(end);
    change.new_end_byte = uint32_t(begin + edit.text.size());
    change.start_point = pointAt(text_, begin);
    change.old_end_point = pointAt(text_, end);
    text_.replace(begin, end - begin, edit.text);
    change.new_end_point = pointAt(text_, begin + edit.text.size());
    if (tree_) ts_tree_edit(tree_.get(), &change);
    tree_.reset(parseWith(grammar_, text_, {.stop = stop}, tree_.get()).release());
    if (stop.stop_requested()) {
        tree_.reset();
        return base::fail(base::Errc::cancelled, "highlighting was stopped");
    }
    return {};
}

std::vector<TokenSpan> highlight(std::string_view text, std::string_view fence) {
    const Grammar grammar = grammarOfFence(fence);
    if (grammar == Grammar::none || int64_t(text.size()) > kShortTextBytesMax) return {};
    const SyntaxTree tree = parseWith(grammar, text, {.cpuMs = kShortTextMs}, nullptr);
    if (!tree) return {};
    return TokenWalk(compiledTokenRules(grammar), text, {0, int64_t(text.size())})
        .run(ts_tree_root_node(tree.get()));
}

}  // namespace moxie::indexer

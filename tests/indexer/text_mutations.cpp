#include "tests/indexer/text_mutations.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_set>

#include "base/file.h"
#include "indexer/highlight.h"
#include "indexer/outline/rules.h"
#include "indexer/syntax_tree.h"
#include "tests/catch.h"

namespace moxie::testing {
namespace {

using namespace moxie::indexer;

constexpr std::string_view kMarks[] = {
    "{",   "}",   "(",     ")",      "[",      "]",       "<",      ">",      "\"",     "'",
    "`",   "\\",  ":",     ";",      ",",      ".",       "::",     "->",     "=>",     "=",
    "@",   "#",   "$",     "&",      "|",      "?",       "*",      "/*",     "*/",     "//",
    "--",  "<<<", "<<~X",  "\"\"\"", "${",     "#{",      "\n",     "\r\n",   "\t",     " ",
    "end", "def", "class", "if",     "import", "require", "return", "struct", "static", "function"};

bool isWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

SyntaxTree treeOf(const TextSample& sample) {
    const TSLanguage* language = treeSitterLanguage(grammarOfFile(sample.path, sample.text));
    if (!language) return nullptr;
    const SyntaxParser parser = newSyntaxParser();
    if (!ts_parser_set_language(parser.get(), language)) return nullptr;
    return parseText(*parser, sample.text, {});
}

struct Node {
    TSSymbol kind = 0;
    uint32_t begin = 0, end = 0;
};

// With all nodes above each, outermost first.
template <typename Visit>
void eachNamedNode(TSNode node, std::vector<Node>& above, const Visit& visit) {
    const Node here = {ts_node_symbol(node), ts_node_start_byte(node), ts_node_end_byte(node)};
    visit(here, above);
    above.push_back(here);
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++)
        eachNamedNode(ts_node_named_child(node, i), above, visit);
    above.pop_back();
}

}  // namespace

std::vector<TextSample> constructSamples() {
    std::vector<TextSample> samples;
    const std::filesystem::path folder =
        std::filesystem::path(MOXIE_SOURCE_DIR) / "tests/data/constructs";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto text = base::readFile(entry.path().string());
        REQUIRE(text);
        samples.push_back({entry.path().filename().string(), *text});
    }
    std::sort(samples.begin(), samples.end(),
              [](const TextSample& a, const TextSample& b) { return a.path < b.path; });
    return samples;
}

// A word, or one other byte.
TextMutations::Stretch TextMutations::token(std::string_view text) {
    size_t begin = below(text.size()), end = begin;
    while (begin > 0 && isWord(text[begin - 1]) && begin < text.size() && isWord(text[begin]))
        begin--;
    while (end < text.size() && isWord(text[end]))
        end++;
    return {begin, std::max<size_t>(end - begin, begin < text.size() ? 1 : 0)};
}

TextMutations::Stretch TextMutations::lines(std::string_view text) {
    const size_t at = below(text.size());
    size_t begin = text.rfind('\n', at), end = at;
    begin = begin == text.npos ? 0 : begin + 1;
    if (begin > at) begin = at;
    for (size_t i = 0; i <= below(6) && end < text.size(); i++)
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    return {begin, end - begin};
}

TextMutations::Stretch TextMutations::stretch(std::string_view text) {
    switch (below(4)) {
        case 0:
            return lines(text);
        case 1: {
            const size_t at = below(text.size());
            return {at, std::min(below(200), text.size() - at)};
        }
        default:
            return token(text);
    }
}

std::string TextMutations::strangeName() {
    switch (below(6)) {
        case 0:
            return std::string(1 + below(5000), 'n');
        case 1:
            return "\xff\xfe\xc3";
        case 2:
            return std::string(1, '\0');
        case 3:
            return "\xe2\x82";
        case 4:
            return "n\xcc\x81\xf0\x9f\x9a\x80";
        default:
            return "";
    }
}

void TextMutations::change(std::string& text, std::string_view other) {
    const Stretch here = stretch(text), there = stretch(text);
    switch (below(12)) {
        case 0:
        case 1:
            text.erase(here.at, here.size);
            break;
        case 2:
            text.insert(there.at, text.substr(here.at, here.size));
            break;
        case 3: {  // swap
            const Stretch& first = here.at <= there.at ? here : there;
            const Stretch& second = here.at <= there.at ? there : here;
            if (first.at + first.size > second.at) break;
            const std::string moved = text.substr(first.at, first.size);
            text.insert(second.at + second.size, moved);
            text.erase(first.at, first.size);
            break;
        }
        case 4:
            if (below(4) == 0)
                text.resize(here.at);
            else
                text.erase(0, here.at / 2);
            break;
        case 5: {
            std::string marks;
            for (size_t i = 0; i <= below(4); i++)
                marks += kMarks[below(std::size(kMarks))];
            text.insert(here.at, marks);
            break;
        }
        case 6: {
            const Stretch name = token(text);
            text.replace(name.at, name.size, strangeName());
            break;
        }
        case 7: {
            std::string nest;
            const std::string_view mark = kMarks[below(std::size(kMarks))];
            for (size_t i = below(2000); i > 0; i--)
                nest += mark;
            text.insert(here.at, nest);
            break;
        }
        case 8: {  // line ends of another system
            const std::string ends = below(2) ? "\r\n" : "\r";
            std::string out;
            for (const char c : text)
                c == '\n' ? out += ends : out += c;
            text = out;
            break;
        }
        case 9:
            text.insert(here.at, 1 + below(3), char(below(256)));
            break;
        case 10: {
            const Stretch taken = stretch(other);
            text.replace(here.at, here.size, other.substr(taken.at, taken.size));
            break;
        }
        default: {  // splice
            const size_t from = below(other.size());
            text.resize(here.at);
            text += other.substr(from);
            break;
        }
    }
    if (text.size() > kBytesMax) text.resize(kBytesMax);
}

std::string TextMutations::mutated(std::string_view text, std::string_view other) {
    std::string out(text);
    for (size_t i = 0; i <= below(4); i++)
        change(out, other);
    return out;
}

std::vector<std::string> withoutEachNode(const TextSample& sample, size_t first, size_t stride) {
    std::vector<std::string> out;
    const SyntaxTree tree = treeOf(sample);
    if (!tree) return out;
    std::unordered_set<uint64_t> seen;
    size_t at = 0;
    std::vector<Node> above;
    eachNamedNode(ts_tree_root_node(tree.get()), above, [&](const Node& node, const auto&) {
        if (node.end <= node.begin || !seen.insert(uint64_t(node.begin) << 32 | node.end).second)
            return;
        if (at++ % stride != first % stride) return;
        std::string text = sample.text;
        out.push_back(text.erase(node.begin, node.end - node.begin));
        text = sample.text;
        if (node.end - node.begin > 1)
            out.push_back(text.erase(node.begin + 1, node.end - node.begin - 1));
    });
    return out;
}

std::vector<std::string> deeplyNested(const TextSample& sample, size_t depth, size_t bytesMax) {
    struct Pair {
        Node outer, inner;
    };

    std::map<TSSymbol, Pair> pairs;
    const SyntaxTree tree = treeOf(sample);
    if (!tree) return {};
    std::vector<Node> nodes;
    eachNamedNode(ts_tree_root_node(tree.get()), nodes, [&](const Node& node, const auto& above) {
        for (const Node& outer : above)
            if (outer.kind == node.kind && outer.end - outer.begin > node.end - node.begin)
                pairs[node.kind] = {outer, node};  // the last: innermost
    });
    std::vector<std::string> out;
    for (const auto& [kind, pair] : pairs) {
        const auto cut = [&](uint32_t begin, uint32_t end) {
            return std::string_view(sample.text).substr(begin, end - begin);
        };
        const std::string_view before = cut(pair.outer.begin, pair.inner.begin);
        const std::string_view after = cut(pair.inner.end, pair.outer.end);
        const size_t times = std::min(depth, bytesMax / (before.size() + after.size() + 1));
        std::string text(cut(0, pair.outer.begin));
        for (size_t i = 0; i < times; i++)
            text += before;
        text += cut(pair.inner.begin, pair.inner.end);
        for (size_t i = 0; i < times; i++)
            text += after;
        out.push_back(text += cut(pair.outer.end, uint32_t(sample.text.size())));
    }
    return out;
}

std::vector<std::string> repeatedNodes(const TextSample& sample, size_t bytes) {
    const SyntaxTree tree = treeOf(sample);
    if (!tree) return {};
    std::map<TSSymbol, Node> nodes;
    std::vector<Node> above;
    eachNamedNode(ts_tree_root_node(tree.get()), above, [&](const Node& node, const auto&) {
        if (node.end > node.begin) nodes.emplace(node.kind, node);
    });
    std::vector<std::string> out;
    for (const auto& [kind, node] : nodes) {
        // With what stands between it and the next: a comma, a line end.
        size_t end = node.end;
        while (end < sample.text.size() && end < node.end + 3 && !isWord(sample.text[end]))
            end++;
        const std::string part = sample.text.substr(node.begin, end - node.begin);
        std::string text = sample.text.substr(0, node.begin);
        while (text.size() < bytes)
            text += part;
        out.push_back(text += sample.text.substr(node.begin));
    }
    return out;
}

}  // namespace moxie::testing

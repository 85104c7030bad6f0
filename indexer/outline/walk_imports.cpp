#include <cstring>

#include "base/text.h"
#include "indexer/outline/definitions.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/ruby_methods.h"
#include "indexer/outline/walk.h"

namespace moxie::indexer {
namespace {

// C#: what "using" binds, "*" for all of a namespace, "static" for the members of a type; `target`
// becomes what is named.
std::string takeUsing(std::string_view& target) {
    target = base::trim(target.substr(6, target.find(';') - 6));
    if (target.starts_with("static ")) return "static";
    const size_t equal = target.find('=');
    if (equal == target.npos) return "*";
    const std::string_view here = base::trim(target.substr(0, equal));
    target = base::trim(target.substr(equal + 1));
    return std::string(here) + "=" + std::string(target.substr(target.rfind('.') + 1));
}

}  // namespace

// One statement may import several: "import a, b".
void OutlineWalk::addImports(TSNode node, const ImportRule& rule, const Frame& above) {
    if (std::string_view(rule.field).empty()) return addImport(node, {});
    if (std::string_view(rule.field) == "arguments") {
        const TSNode method = ts_node_child_by_field_id(node, fields_.method);
        if (rules_.hasMixins && !isRubyDirective(textOf(method, text_))) return;
        if (rules_.hasMixins) {
            addMixins(node, above);
            const CallPlace place = above.inFunction ? CallPlace::inFunction : CallPlace::inType;
            if (above.symbol >= 0 && makesUnnamedMethods(node, text_, place))
                addUnnamed(node, typeAround(above));
        }
        return addRequired(node);
    }
    if (ts_node_is_null(childByField(node, rule.field))) return;  // export of one's own
    std::string names = boundNames(textOf(node, text_));
    // Go: import name "path".
    if (const TSNode name = childByField(node, "name");
        names.empty() && std::string_view(rule.field) == "path" && !ts_node_is_null(name))
        names = std::string(textOf(name, text_)) + "=*";
    const uint32_t count = ts_node_child_count(node);
    for (uint32_t i = 0; i < count; ++i) {
        const char* field = ts_node_field_name_for_child(node, i);
        if (field != nullptr && std::strcmp(field, rule.field) == 0)
            addImport(ts_node_child(node, i), names);
    }
}

// Ruby: require "a/b" and require_relative "b" are calls; the latter is written "./b".
void OutlineWalk::addRequired(TSNode call) {
    const std::string_view method = textOf(childByField(call, "method"), text_);
    if (method != "require" && method != "require_relative") return;
    const TSNode argument = namedChild(childByField(call, "arguments"), 0);
    if (ts_node_is_null(argument) || std::string_view(ts_node_type(argument)) != "string") return;
    std::string_view target = textOf(argument, text_);
    if (target.size() < 3 || target.size() > 300 || target.find('#') != target.npos) return;
    target = target.substr(1, target.size() - 2);
    out_.imports.push_back((method == "require" ? "" : "./") + base::toValidUtf8(target));
    out_.importNames.emplace_back("*");
}

void OutlineWalk::addImport(TSNode node, std::string names) {
    // "a as b" is called b here, but a is what is imported.
    if (const TSNode alias = childByField(node, "alias"); !ts_node_is_null(alias)) {
        if (names.empty()) names = std::string(textOf(alias, text_)) + "=*";
        for (const std::string_view field : {"name", "path"})
            if (const TSNode named = childByField(node, field); !ts_node_is_null(named))
                node = named;
    }
    std::string_view target = textOf(node, text_);
    if (target.starts_with("global ")) target.remove_prefix(7);
    if (target.starts_with("using ")) names = takeUsing(target);
    for (const std::string_view word : {"import ", "static "})
        if (target.starts_with(word)) target.remove_prefix(word.size());
    const size_t first = target.find_first_not_of("\"'<`; \t\n");
    const size_t last = target.find_last_not_of("\"'>`; \t\r\n");
    if (first == target.npos || last == target.npos || last < first) return;
    target = target.substr(first, last - first + 1);
    if (target.size() > 300) return;
    out_.imports.push_back(base::toValidUtf8(target));
    out_.importNames.push_back(base::toValidUtf8(names));
}

}  // namespace moxie::indexer

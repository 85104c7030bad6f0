#include "indexer/outline/ruby_methods.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "indexer/outline/definitions.h"

namespace moxie::indexer {
namespace {

constexpr uint32_t kArgumentsMax = 64;  // as definitions.cpp reads

bool isAmong(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view kindOf(TSNode node) {
    return ts_node_is_null(node) ? std::string_view() : std::string_view(ts_node_type(node));
}

TSNode firstArgument(TSNode call) {
    return namedChild(childByField(call, "arguments"), 0);
}

bool isConstant(std::string_view object) {
    return !object.empty() && object[0] >= 'A' && object[0] <= 'Z';
}

// A name that definitions.cpp reads, or no name at all.
bool isPlainArgument(TSNode argument) {
    const std::string_view kind = kindOf(argument);
    if (kind == "string")
        return ts_node_named_child_count(argument) == 1 &&
               kindOf(namedChild(argument, 0)) == "string_content";
    return isAmong(kind, {"simple_symbol", "pair", "comment", "nil", "true", "false"});
}

bool isMixedIn(TSNode argument) {
    return isAmong(kindOf(argument), {"constant", "scope_resolution", "self", "comment"});
}

template <class Check>
bool allArguments(TSNode call, uint32_t first, uint32_t last, Check check) {
    const TSNode list = childByField(call, "arguments");
    if (ts_node_is_null(list)) return true;
    const uint32_t count = ts_node_named_child_count(list);
    if (count > kArgumentsMax) return false;
    for (uint32_t i = first; i < std::min(count, last); i++)
        if (!check(namedChild(list, i))) return false;
    return true;
}

bool namesMethods(std::string_view method) {
    return isAmong(
        method, {"attr_reader", "attr_writer", "attr_accessor", "attr", "delegate", "alias_method",
                 "def_delegator", "def_delegators", "define_method", "define_singleton_method"});
}

bool mixesIn(std::string_view method) {
    return isAmong(method, {"include", "prepend", "extend"});
}

bool evaluates(std::string_view method) {
    return isAmong(method, {"class_eval", "class_exec", "module_eval", "module_exec"});
}

// The arguments that name methods are names.
bool hasPlainNames(TSNode call, std::string_view method) {
    const bool isFirst =
        isAmong(method, {"alias_method", "define_method", "define_singleton_method"});
    const uint32_t skipped = method.starts_with("def_delegator") ? 1 : 0;
    return allArguments(call, skipped, isFirst ? 1 : kArgumentsMax, isPlainArgument);
}

// x.send(:define_method, name)
bool sendsMaker(TSNode call, std::string_view text, std::string_view method) {
    if (!isAmong(method, {"send", "__send__", "public_send"})) return false;
    const TSNode first = firstArgument(call);
    std::string_view sent = textOf(first, text);
    if (kindOf(first) != "simple_symbol" || sent.empty()) return false;
    sent.remove_prefix(1);
    return namesMethods(sent) || mixesIn(sent) || evaluates(sent);
}

}  // namespace

bool isRubyDirective(std::string_view method) {
    static const std::unordered_set<std::string_view> kNames = {"require",
                                                                "require_relative",
                                                                "module_function",
                                                                "include",
                                                                "prepend",
                                                                "extend",
                                                                "new",
                                                                "define",
                                                                "attr",
                                                                "attr_reader",
                                                                "attr_writer",
                                                                "attr_accessor",
                                                                "alias_method",
                                                                "delegate",
                                                                "def_delegator",
                                                                "def_delegators",
                                                                "define_method",
                                                                "class_eval",
                                                                "class_exec",
                                                                "define_singleton_method",
                                                                "module_eval",
                                                                "module_exec",
                                                                "instance_eval",
                                                                "send",
                                                                "__send__",
                                                                "public_send"};
    return kNames.contains(method);
}

bool makesUnnamedMethods(TSNode call, std::string_view text, CallPlace place) {
    const std::string_view method = textOf(childByField(call, "method"), text);
    const std::string_view object = textOf(childByField(call, "receiver"), text);
    if (isAmong(object, {"Struct", "Data"}) && isAmong(method, {"new", "define"}))
        return !allArguments(call, 0, kArgumentsMax, isPlainArgument);
    if (isConstant(object)) return false;  // not the type around
    if (evaluates(method) || sendsMaker(call, text, method)) return true;
    // Only a text defines something; a block just runs.
    if (method == "instance_eval") {
        const TSNode first = firstArgument(call);
        return !ts_node_is_null(first) && kindOf(first) != "block_argument";
    }
    if (method == "define_method" || method == "define_singleton_method")
        return place == CallPlace::inFunction || !hasPlainNames(call, method);
    if (!object.empty() && object != "self") return false;
    if (namesMethods(method)) return place == CallPlace::inFunction || !hasPlainNames(call, method);
    if (mixesIn(method))
        return place == CallPlace::inFunction || !allArguments(call, 0, kArgumentsMax, isMixedIn);
    return false;
}

bool hasComputedBase(TSNode type, std::string_view text) {
    const TSNode base = namedChild(childByField(type, "superclass"), 0);
    if (ts_node_is_null(base) || isMixedIn(base)) return false;
    const std::string_view object = textOf(childByField(base, "receiver"), text);
    const std::string_view method = textOf(childByField(base, "method"), text);
    // What these make is read from the call.
    if (object == "Class" && method == "new") return !allArguments(base, 0, 1, isMixedIn);
    return !(object == "Struct" && method == "new") && !(object == "Data" && method == "define");
}

}  // namespace moxie::indexer

#include "indexer/outline/local_types.h"

#include <algorithm>

#include "indexer/outline/definitions.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/rules.h"

namespace moxie::indexer {
namespace {

constexpr int kDepthMax = 32, kReplacementsMax = 4;
constexpr size_t kValueBytesMax = 200;

bool hasWord(std::string_view kind, std::string_view word) {
    return kind.find(word) != kind.npos;
}

TSNode child(TSNode node, TSFieldId field) {
    if (field == 0 || ts_node_is_null(node)) return {};
    return ts_node_child_by_field_id(node, field);
}

// What the right side gives: "Foo(a)" as "Foo()", 3 as "''".
std::string valueText(TSNode value, std::string_view text) {
    return receiverText(textOf(value, text).substr(0, kValueBytesMax));
}

}  // namespace

EvidenceFields::EvidenceFields(const TSLanguage* language) {
    const bool hasMethods = language != treeSitterLanguage(Grammar::c);
    const auto number = [&](std::string_view name) {
        return ts_language_field_id_for_name(language, name.data(), uint32_t(name.size()));
    };
    if (hasMethods) {
        type = number("type");
        value = number("value");
        right = number("right");
    }
    arguments = number("arguments");
    object = number("object");
    receiver = number("receiver");
    method = number("method");
}

int32_t argumentCount(const EvidenceFields& fields, TSNode call) {
    const TSNode list = child(call, fields.arguments);
    if (ts_node_is_null(list)) return -1;
    int32_t arguments = 0;
    bool hasPairs = false;  // Ruby: all of them are one argument
    const uint32_t count = ts_node_named_child_count(list);
    for (uint32_t i = 0; i < count; i++) {
        const std::string_view kind = ts_node_type(namedChild(list, i));
        if (kind == "comment") continue;
        if (hasWord(kind, "splat") || hasWord(kind, "spread") || hasWord(kind, "expansion"))
            return -1;
        if (kind == "block_argument" || (kind == "pair" && hasPairs)) continue;
        hasPairs |= kind == "pair";
        arguments++;
    }
    return arguments;
}

TSNode objectOf(const EvidenceFields& fields, TSNode call) {
    const TSNode object = child(call, fields.object);
    return ts_node_is_null(object) ? child(call, fields.receiver) : object;
}

std::string LocalTypes::typeOf(TSNode name, std::span<const TSNode> around,
                               std::string_view text) const {
    size_t count = 0;  // of the nodes that belong to the declaration
    for (; count < around.size(); count++) {
        const std::string_view kind = ts_node_type(around[count]);
        if (hasWord(kind, "block") || hasWord(kind, "body") || hasWord(kind, "statement_list"))
            break;
        if (hasWord(kind, "pattern") && kind != "tuple_pattern") return {};
        if (kind == "left_assignment_list") return {};
        const TSNode type = child(around[count], fields_.type);
        if (ts_node_is_null(type)) continue;
        const std::string found = typeReceiver(textOf(type, text).substr(0, kValueBytesMax));
        if (!found.empty()) return found;
    }
    for (const TSNode& node : around.first(count)) {
        TSNode value = child(node, fields_.value);
        if (ts_node_is_null(value)) value = child(node, fields_.right);
        if (ts_node_is_null(value) || ts_node_start_byte(value) <= ts_node_start_byte(name))
            continue;
        if (hasWord(ts_node_type(node), "for_")) return {};  // an element of it
        return valueText(value, text);
    }
    return {};
}

bool LocalTypes::isField(TSNode parameter, std::string_view text) {
    const std::string_view head = textOf(parameter, text);
    return head.starts_with("private ") || head.starts_with("public ") ||
           head.starts_with("protected ") || head.starts_with("readonly ");
}

void LocalTypes::add(std::string_view name, int32_t symbol, std::string type) {
    const auto [at, isNew] = types_.try_emplace({name, symbol}, type);
    if (isNew || type.empty() || at->second == type) return;
    at->second = at->second.empty() ? std::move(type) : std::string("?");
}

const std::string* LocalTypes::find(std::string_view name, int32_t symbol,
                                    const SymbolsAbove& above) const {
    for (int depth = 0; symbol >= 0 && depth < kDepthMax; depth++) {
        const auto at = types_.find({name, symbol});
        if (at != types_.end()) return &at->second;
        symbol = above[size_t(symbol)];
    }
    return nullptr;
}

bool LocalTypes::has(std::string_view name, int32_t symbol, const SymbolsAbove& above) const {
    return find(name, symbol, above) != nullptr;
}

std::string LocalTypes::replaced(std::string_view receiver, int32_t symbol,
                                 const SymbolsAbove& above) const {
    std::string out(receiver);
    for (int i = 0; i < kReplacementsMax; i++) {
        const std::string head(headOf(out));
        if (head.empty() || head == "self" || head == "this" || head == "cls") return out;
        const std::string* type = find(head, symbol, above);
        if (!type) return out;
        if (type->empty() || type->starts_with('?') || headOf(*type) == head) return "?" + out;
        out = *type + out.substr(head.size());
    }
    return out;
}

}  // namespace moxie::indexer

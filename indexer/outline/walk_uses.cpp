#include <algorithm>
#include <array>

#include "indexer/outline/definitions.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/walk.h"

namespace moxie::indexer {
namespace {

constexpr size_t kRawReceiverBytesMax = 64;

bool isNameTooLong(std::string_view name) {
    return name.empty() || name.size() > 128;
}

bool isWorthless(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kWords = {
        "self", "cls", "this", "NULL", "nullptr", "None", "True", "False", "undefined", "std"};
    return name.size() < 2 || isNameTooLong(name) ||
           std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

}  // namespace

// Whether the node is what stands behind the dot.
bool OutlineWalk::isMember(TSNode node, const Frame& above) const {
    if (!above.rules->passesToAField) return false;
    if (ts_node_start_byte(above.node) == ts_node_start_byte(node)) return false;
    // *name and {key: name} are declarations.
    return !above.rules->isPattern &&
           ts_node_start_byte(namedChild(above.node, 0)) != ts_node_start_byte(node);
}

std::pair<TSNode, TSNode> OutlineWalk::called(TSNode leaf) const {
    TSNode top = leaf;
    for (size_t i = frames_.size(); i-- > 1;) {
        const Frame& frame = frames_[i];
        if (frame.role != Role::call || !frame.rules->passesRoleOn) return {top, frame.node};
        top = frame.node;
    }
    return {top, top};
}

int32_t OutlineWalk::receiverNumber(std::string_view raw) {
    if (raw.size() > kRawReceiverBytesMax) {
        receiverBytesLeft_ -= int64_t(raw.size());
        return newReceiver(receiverBytesLeft_ < 0 ? "?" : raw);
    }
    const auto [number, isNew] = rawReceivers_.add(raw);
    if (isNew) ofRawReceiver_.push_back(newReceiver(raw));
    return ofRawReceiver_[size_t(number)];
}

int32_t OutlineWalk::newReceiver(std::string_view raw) {
    const auto [at, isNew] =
        receiverNumbers_.try_emplace(receiverText(raw), int32_t(receivers_.size()));
    if (isNew) receivers_.push_back(at->first);
    return at->second;
}

// The type that the method around the node belongs to, or -1.
int32_t OutlineWalk::typeAround(const Frame& above) const {
    int32_t symbol = above.symbol;
    for (int depth = 0; symbol >= 0 && depth < 8; depth++) {
        const SymbolKind kind = out_.symbols[size_t(symbol)].kind;
        if (isTypeLike(kind) || (rules_.hasMixins && kind == SymbolKind::module)) return symbol;
        symbol = functionAbove_[size_t(symbol)];
    }
    return -1;
}

void OutlineWalk::useLocal(TSNode node, std::string_view name, const Frame& above) {
    if (!above.inFunction) return;
    const size_t count = std::min<size_t>(frames_.size() - 1, 5);
    std::array<TSNode, 5> around;
    for (size_t i = 0; i < count; i++)
        around[i] = frames_[frames_.size() - 1 - i].node;
    std::string type = locals_.typeOf(node, {around.data(), count}, text_);
    // TypeScript: a parameter with "private" is a field too.
    const int32_t owner = typeAround(above);
    if (owner >= 0 && !type.empty() && LocalTypes::isField(around[0], text_))
        out_.references.push_back({.name = name,
                                   .symbol = owner,
                                   .role = Role::typed,
                                   .line = int32_t(ts_node_start_point(node).row) + 1,
                                   .count = 0,
                                   .receiver = type});
    locals_.add(name, above.symbol, std::move(type));
}

// self.x = value: what type x has.
void OutlineWalk::useMember(TSNode node, std::string_view name, const Frame& above) {
    const size_t first = ts_node_start_byte(above.node);
    const std::string_view object = text_.substr(first, ts_node_start_byte(node) - first);
    if (object != "self." && object != "this.") return;
    if (frames_.size() < 2) return;
    const std::array<TSNode, 1> around = {frames_[frames_.size() - 2].node};
    addTyped(above.node, name, around, above);
}

void OutlineWalk::addTyped(TSNode declared, std::string_view name, std::span<const TSNode> around,
                           const Frame& above) {
    const int32_t owner = typeAround(above);
    if (owner < 0) return;
    const std::string type = locals_.typeOf(declared, around, text_);
    if (type.empty() || type.starts_with('?')) return;
    out_.references.push_back({.name = name,
                               .symbol = owner,
                               .role = Role::typed,
                               .line = int32_t(ts_node_start_point(declared).row) + 1,
                               .count = 0,
                               .receiver = locals_.replaced(type, above.symbol, functionAbove_)});
}

void OutlineWalk::use(TSNode node, const Frame& above, const Frame& here) {
    const uint32_t start = ts_node_start_byte(node);
    if (nameStarts_.has(start)) return;
    const std::string_view name = textOf(node, text_);
    if (isNameTooLong(name)) return;
    Role role = here.role;
    if (rules_.hasMixins && useOfType(node, name, above, here)) return;
    const bool isBehindDot = isMember(node, above);
    if (role == Role::local && !isBehindDot) return useLocal(node, name, above);
    if (isWorthless(name)) return;
    if (role == Role::local) role = Role::write;
    if (role == Role::write && isBehindDot) useMember(node, name, above);
    if (role == Role::none || role == Role::same)
        role = here.rules->leaf == CompiledRules::Leaf::typeName ? Role::type : Role::read;
    // What of them is a local is known at the end.
    if (role == Role::read && !isBehindDot && isBareCall(name, above, here)) role = Role::same;
    Use made = {name, above.symbol, role};
    TSNode call = {};
    if (role == Role::call) {
        const auto [top, around] = called(node);
        call = around;
        const TSNode object = objectOf(fields_, around);
        const uint32_t first = ts_node_start_byte(ts_node_is_null(object) ? top : object);
        if (first < start) made.receiver = receiverNumber(text_.substr(first, start - first));
    } else if (isBehindDot && (role == Role::read || role == Role::write) && !rules_.hasMixins) {
        made.receiver = receiverNumber("?");
    } else if (isBehindDot) {
        const uint32_t first = ts_node_start_byte(above.node);
        made.receiver = receiverNumber(text_.substr(first, start - first));
    }
    const size_t at = uses_.add(made, out_.references.size());
    if (at != out_.references.size()) {
        out_.references[at].count++;
        return;
    }
    out_.references.push_back({.name = name,
                               .symbol = above.symbol,
                               .role = role,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 1,
                               .receiver = receivers_[size_t(made.receiver)],
                               .arity = role == Role::call ? arityOf(call) : -1});
}

// Ruby: a call without a list has no arguments, unless it is assigned to.
int32_t OutlineWalk::arityOf(TSNode call) const {
    if (!rules_.hasMixins || !ts_node_is_null(childByField(call, "arguments")))
        return argumentCount(fields_, call);
    const bool isAssigned = !frames_.empty() && frames_.back().role == Role::local;
    return isAssigned ? 1 : 0;
}

}  // namespace moxie::indexer

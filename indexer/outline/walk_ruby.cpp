// What only Ruby has: mixins, methods of a module's own, calls that look like locals.
#include <algorithm>
#include <array>

#include "indexer/outline/definitions.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/walk.h"

namespace moxie::indexer {

// Ruby: @x = value, and module_function alone. True: it is no use of a name.
bool OutlineWalk::useOfType(TSNode node, std::string_view name, const Frame& above,
                            const Frame& here) {
    if (here.rules->leaf == CompiledRules::Leaf::member) {
        const std::array<TSNode, 1> around = {above.node};
        if (here.role == Role::local) addTyped(node, name, around, above);
        return true;
    }
    const bool isInType = above.symbol >= 0 && !above.inFunction;
    if (isInType && name == "module_function" && here.role != Role::call)
        addOwnFunctions(node, above);
    return false;
}

bool OutlineWalk::isBareCall(std::string_view name, const Frame& above, const Frame& here) const {
    if (!here.rules->isBareCall || !above.inFunction) return false;
    return name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z');
}

// Ruby's module_function: the methods of a module are its own too.
void OutlineWalk::addOwnFunctions(TSNode node, const Frame& above) {
    out_.references.push_back({.name = "self",
                               .symbol = above.symbol,
                               .role = Role::extend,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 0});
}

// Ruby: said once of a type.
void OutlineWalk::addUnnamed(TSNode node, int32_t type) {
    if (type < 0 || !unnamed_.insert(type).second) return;
    out_.references.push_back({.name = kUnnamedMethods,
                               .symbol = type,
                               .role = Role::inherit,
                               .line = int32_t(ts_node_start_point(node).row) + 1,
                               .count = 0});
}

// Ruby: include, prepend and extend, module_function, and the base that Class.new names.
void OutlineWalk::addMixins(TSNode call, const Frame& above) {
    if (above.symbol < 0 || above.inFunction) return;
    const std::string_view method = textOf(childByField(call, "method"), text_);
    const std::string_view object = textOf(childByField(call, "receiver"), text_);
    const bool isBase = object == "Class" && method == "new";
    if (!object.empty() && object != "self" && !isBase) return;
    if (object.empty() && method == "module_function") return addOwnFunctions(call, above);
    if (!isBase && method != "include" && method != "prepend" && method != "extend") return;
    const TSNode list = childByField(call, "arguments");
    const uint32_t count = ts_node_is_null(list) ? 0 : ts_node_named_child_count(list);
    for (uint32_t i = 0; i < (isBase ? std::min(count, 1U) : count); i++) {
        const TSNode named = namedChild(list, i);
        const std::string_view kind = ts_node_type(named), whole = textOf(named, text_);
        if (kind != "constant" && kind != "scope_resolution" && kind != "self") continue;
        const size_t last = whole.rfind(':') == whole.npos ? 0 : whole.rfind(':') + 1;
        const bool isOwn = above.inSingleton || method == "extend";
        out_.references.push_back({.name = whole.substr(last),
                                   .symbol = above.symbol,
                                   .role = isOwn ? Role::extend : Role::inherit,
                                   .line = int32_t(ts_node_start_point(named).row) + 1,
                                   .count = 0,
                                   .receiver = receiverText(whole.substr(0, last))});
    }
}

void OutlineWalk::settleBareCalls() {
    for (OutlineReference& reference : out_.references) {
        if (reference.role != Role::same) continue;
        const bool isLocal = locals_.has(reference.name, reference.symbol, functionAbove_);
        reference.role = isLocal ? Role::read : Role::call;
        reference.arity = isLocal ? -1 : 0;
    }
}

}  // namespace moxie::indexer

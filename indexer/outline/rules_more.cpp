#include "indexer/outline/rules.h"

namespace moxie::indexer {

const Rules* moduleRules(Grammar /*grammar*/) {
    return nullptr;
}

}  // namespace moxie::indexer

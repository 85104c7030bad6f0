// The uses of names in one text, packed into bytes: a row of table `uses`. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/outline/outline.h"

namespace moxie::indexer {

// All uses of one name in one role and of one receiver inside one symbol.
struct StoredUse {
    int64_t name = 0;      // name.id
    int64_t symbol = 0;    // sym.id; 0: file level
    int64_t receiver = 0;  // name.id, see outline/evidence.h; 0: none
    Role role = Role::none;
    int32_t line = 0, count = 0, arity = -1;
};

// Sorts them and makes equal ones one. `firstSymbol`: the id of the text's first symbol; the others
// follow it.
std::string packUses(std::vector<StoredUse>& uses, int64_t firstSymbol);
// By name, symbol, role, receiver. Fails: corrupt.
base::Result<std::vector<StoredUse>> unpackUses(std::string_view packed);

// Reads the uses of blobs. Threads: one thread at a time per connection.
class UseReader {
public:
    static base::Result<UseReader> make(const Database& database);

    // Empty for a blob without any. Fails: corrupt, io. Cost: 10 ns a use.
    base::Result<std::vector<StoredUse>> of(int64_t blob);
    // The same for the uses of one name: what is of others is skipped.
    base::Result<std::vector<StoredUse>> of(int64_t blob, int64_t name);

private:
    explicit UseReader(KeptStatement find) : find_(std::move(find)) {}

    KeptStatement find_;
};

}  // namespace moxie::indexer

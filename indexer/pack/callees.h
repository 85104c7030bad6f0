// What a chunk calls, as symbols of the repository, by the rules of links/. Threads: one thread at
// a time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "indexer/links/link_table.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct Callee {
    int32_t file = 0;    // in LiveView::files
    int64_t symbol = 0;  // sym.id
};

// The table of the state that is packed; read when it is asked for first.
using LinkSource = std::function<base::Result<std::shared_ptr<const LinkTable>>()>;

class CalleeFinder {
public:
    CalleeFinder(const Reading& reading, LinkSource links)
        : reading_(reading),
          links_(std::move(links)) {}

    // In the order of the calls, at most 16. Calls that may mean several are left out, and what
    // tests define unless a test calls it. Fails: corrupt, io. Cost: about 10 µs a call; the first
    // asks for the table.
    base::Result<std::vector<Callee>> of(int32_t chunk);

private:
    const Reading& reading_;
    const LinkSource links_;
    std::shared_ptr<const LinkTable> table_;
};

}  // namespace moxie::indexer

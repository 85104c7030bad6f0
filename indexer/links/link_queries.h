// The questions of index.h about links. Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/links/link_table.h"

namespace moxie::indexer {

// Fails: notFound, corrupt, io.
base::Result<Link> linkAt(const Reading& reading, const LinkTable& table, std::string_view path,
                          int32_t line, std::string_view name);
base::Result<std::vector<CallEdge>> callersOf(const LinkTable& table, const DefinitionPlace& place,
                                              int64_t limit);
base::Result<std::vector<CallEdge>> calleesOf(const LinkTable& table, const DefinitionPlace& place,
                                              int64_t limit);

Link linkOf(const LinkTable& table, const LinkUse& use);

}  // namespace moxie::indexer

// Whether the names that a turn's edit begins to use exist, asked of the index. Threads: owner
// thread of the session only.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "agent/changes.h"
#include "indexer/index.h"
#include "tools/workspace.h"

namespace moxie::agent {

// Names that nobody defines, imports or uses yet. Looks at the first 200 changed files, of at most
// 1 MB each; links, binary files and files outside of the workspace are passed over.
// Fails: cancelled, io, corrupt.
base::Result<std::vector<indexer::UnknownName>> unknownNames(const Changes& changes,
                                                             const std::vector<std::string>& paths,
                                                             const tools::Workspace& workspace,
                                                             const indexer::Index& index,
                                                             const std::stop_token& stop);

// "function parse_lsit (src/a.c:12)" a line, at most 20 of them.
std::string listed(const std::vector<indexer::UnknownName>& names);

// True if a build that passed proves that the names of such a file exist: "src/a.cpp". False for
// languages that find out when they run.
bool isProvedByBuild(std::string_view path);

}  // namespace moxie::agent

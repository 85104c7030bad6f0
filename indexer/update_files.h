// Bringing single files of the store up to date, of which somebody knows that they may have
// changed. Hash first: what is stored already is not parsed again. Threads: one thread at a time.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/outline/outline.h"
#include "indexer/parsing.h"
#include "indexer/store.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

struct FilesUpdate {
    Store& store;
    const WorkTree& tree;
    Outliner& outliner;
    const ParseOptions& options;
};

// Files that are gone or ignored leave the index; a folder that is gone stands for what was in it.
// Returns the paths that changed; all in one transaction, or none. Fails: io, busy.
base::Result<std::vector<std::string>> updateListedFiles(const FilesUpdate& update,
                                                         const std::vector<std::string>& paths);
// One file that was just written with `text`.
base::Status updateFileText(const FilesUpdate& update, const std::string& path,
                            std::string_view text);

}  // namespace moxie::indexer

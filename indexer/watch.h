// Keeps an index fresh while others change files: an editor, a build, git itself. Listens to the
// folders that hold files of the repository and to git's own, never to ignored ones; where the
// system has no more watches it looks at the whole tree every two seconds instead. One thread,
// which sleeps while nothing changes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/index.h"

namespace moxie::indexer {

struct WatchEvent {
    // Whose text or presence changed; empty after a look at the whole tree, when any may have.
    std::vector<std::string> paths = {};
    int64_t generation = 0;  // of the index, which has the change now
};

struct WatchOptions {
    std::filesystem::path root;  // as given to openIndex()
    // Called from the watching thread after the index has the change. May be empty.
    std::function<void(const WatchEvent&)> onChanged = {};
    int64_t quietMs = 35;        // after the last event: editors write in several steps
    int64_t waitMsMax = 300;     // after the first event, while others keep coming
    int64_t sweepMs = 2000;      // between looks at the whole tree without watches
    int64_t foldersMax = 65536;  // more than that are swept
};

struct WatchStats {
    int64_t folders = 0;      // watched now
    int64_t sweeps = 0;       // looks at the whole tree
    int64_t batches = 0;      // groups of paths looked at
    bool isSweeping = false;  // the system has no more watches
};

// Destroying it stops and joins the thread. Threads: any.
class Watch {
public:
    virtual ~Watch() = default;
    virtual WatchStats stats() const = 0;
};

// `index` must outlive the watch. Changes after this call are noticed; call index.update() once
// after it for those before. Fails: notFound (root), io.
base::Result<std::unique_ptr<Watch>> watch(Index& index, const WatchOptions& options);

}  // namespace moxie::indexer

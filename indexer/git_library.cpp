#include "indexer/git_library.h"

#include <git2.h>

namespace moxie::indexer {

namespace {

// What stays mapped of packs, and what of their objects is kept: 256 MB and more without a limit,
// which count as our memory.
constexpr size_t kWindowBytes = 1 << 20, kMappedBytes = 8 << 20;
constexpr ssize_t kObjectBytes = 1 << 20;
// Trees of folders with many files are larger than the 4 kB that libgit2 keeps at most; a commit
// and its parent share most of them.
constexpr size_t kTreeBytes = 64 << 10;

}  // namespace

GitLibrary::GitLibrary() {
    if (git_libgit2_init() != 1) return;
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kWindowBytes);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, kMappedBytes);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kObjectBytes);
    git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, kTreeBytes);
    // As git itself, which does not hash again what it reads from a pack; zlib's sum is checked.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
}

GitLibrary::~GitLibrary() {
    git_libgit2_shutdown();
}

}  // namespace moxie::indexer

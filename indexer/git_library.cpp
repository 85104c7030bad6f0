#include "indexer/git_library.h"

#include <git2.h>

namespace moxie::indexer {

GitLibrary::GitLibrary() {
    git_libgit2_init();
}

GitLibrary::~GitLibrary() {
    git_libgit2_shutdown();
}

}  // namespace moxie::indexer

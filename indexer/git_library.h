// libgit2 as long as this lives. Threads: any; counted by the library.
#pragma once

namespace moxie::indexer {

class GitLibrary {
public:
    GitLibrary();
    ~GitLibrary();
    GitLibrary(const GitLibrary&) = delete;
    GitLibrary& operator=(const GitLibrary&) = delete;
};

}  // namespace moxie::indexer

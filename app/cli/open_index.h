// Opens the index of a repository for a command and brings it up to date with a progress line.
// Threads: owner thread only.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/context.h"
#include "indexer/index.h"

namespace moxie::app {

enum class IndexState { updated, asItIs };

// Fails: invalidInput (no such folder), cancelled, io.
base::Result<std::unique_ptr<indexer::Index>> openIndexFor(const std::string& repository,
                                                           IndexState state, Context& context);

// The folder as an absolute path. Fails: invalidInput.
base::Result<std::filesystem::path> repositoryFolder(const std::string& repository,
                                                     const Messages& say);

}  // namespace moxie::app

// The paths that a local model's calls are held to: a token mask lets it write no path that is not
// there (ToolSchema::facts). Threads: one thread at a time.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/chat_model.h"
#include "tools/workspace.h"

namespace moxie::agent {

class PathFacts {
public:
    // Says of each tool that takes the path of something that exists (read, edit, grep, glob,
    // symbols) which ones there are: files and folders of the workspace, ignored ones too, and
    // the files in `spillFolder`. Nothing is said where there are more than 50,000, or where a
    // folder cannot be read. The words stay the same object while the paths are the same, so that
    // masks made from them stay good. Cost: a walk over the folders.
    void addTo(std::vector<engine::ToolSchema>& schemas, const tools::Workspace& workspace,
               const std::filesystem::path& spillFolder);

private:
    std::shared_ptr<const std::vector<std::string>> paths_;
};

}  // namespace moxie::agent

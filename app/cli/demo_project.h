// The made-up repository of `moxie demo` and the answers that were recorded for it. Python where
// python3 runs, else a POSIX shell version. Threads: owner thread only.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::app {

struct DemoFile {
    std::string_view path, content;
};

struct DemoProject {
    std::vector<DemoFile> files;
    std::string_view task, verifyCommand, commitMessage;
    std::string_view recordingJson;  // for makeRecordedModel()
};

const DemoProject& pythonDemo();
const DemoProject& shellDemo();

// Writes the files into `folder` (new or empty) and commits them as a first commit. Fails: io.
base::Status writeDemo(const DemoProject& project, const std::filesystem::path& folder);

}  // namespace moxie::app

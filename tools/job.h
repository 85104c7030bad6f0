// The `job` tool: output, wait, input and kill of commands that go on in the background.
// Threads: as tools/tool.h.
#pragma once
#include <memory>

#include "tools/tool.h"

namespace moxie::tools {

std::unique_ptr<Tool> makeJobTool();

}  // namespace moxie::tools

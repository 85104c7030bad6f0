// The `bash` tool: one shell command in the jail, as a job. It waits for the end; what runs over
// its time goes on as a background job that `job` looks after. Threads: as tools/tool.h.
#pragma once
#include <memory>

#include "tools/tool.h"

namespace moxie::tools {

std::unique_ptr<Tool> makeBashTool();

}  // namespace moxie::tools

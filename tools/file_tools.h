// The tools that look at and change files, and `plan`. Each has its own .cpp. Threads: as
// tools/tool.h.
#pragma once
#include <memory>

#include "tools/tool.h"

namespace moxie::tools {

std::unique_ptr<Tool> makeReadTool();
std::unique_ptr<Tool> makeEditTool();
std::unique_ptr<Tool> makeWriteTool();
std::unique_ptr<Tool> makeApplyPatchTool();
std::unique_ptr<Tool> makeGlobTool();
std::unique_ptr<Tool> makeGrepTool();
std::unique_ptr<Tool> makeSymbolsTool();
std::unique_ptr<Tool> makePlanTool();

}  // namespace moxie::tools

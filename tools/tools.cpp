#include "tools/bash.h"
#include "tools/file_tools.h"
#include "tools/job.h"
#include "tools/tool.h"

namespace moxie::tools {

std::vector<std::unique_ptr<Tool>> makeTools() {
    std::vector<std::unique_ptr<Tool>> tools;
    tools.push_back(makeReadTool());
    tools.push_back(makeEditTool());
    tools.push_back(makeWriteTool());
    tools.push_back(makeApplyPatchTool());
    tools.push_back(makeGlobTool());
    tools.push_back(makeGrepTool());
    tools.push_back(makeSymbolsTool());
    tools.push_back(makeBashTool());
    tools.push_back(makeJobTool());
    tools.push_back(makePlanTool());
    return tools;
}

}  // namespace moxie::tools

// What a session says to the model first, from stable to volatile: system text, project
// instructions, repository pack, task, environment. Threads: any thread; pure but for reading
// files.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat_model.h"
#include "tools/tool.h"

namespace moxie::agent {

// At most 3.5 kB, the same bytes in every session of this version.
std::string_view systemText();

// AGENTS.md (else CLAUDE.md) of the repository root and of each folder down to `directory`, root
// first, marked as project instructions; at most 32 kB. Empty if there is none. A file that is a
// symlink is not followed.
std::string projectInstructions(const std::filesystem::path& gitRoot,
                                const std::filesystem::path& directory);

struct FirstMessage {
    std::string instructions = {};  // of projectInstructions()
    std::string pack = {};          // text of the context pack
    std::string task;
    std::string environment = {};
};

std::string firstUserText(const FirstMessage& parts);

// The tools' schemas and back, as canonical JSON; what SessionStarted stores.
std::vector<engine::ToolSchema> schemasOf(const std::vector<std::unique_ptr<tools::Tool>>& tools);
std::string schemasToJson(const std::vector<engine::ToolSchema>& schemas);
std::vector<engine::ToolSchema> schemasFromJson(std::string_view text);  // empty if malformed

// The canonical form of a request, for models that send nothing over a wire: tools and options
// first, messages last.
std::string canonicalRequest(const engine::ChatRequest& request);

}  // namespace moxie::agent

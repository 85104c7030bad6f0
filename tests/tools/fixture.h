// A workspace in a temporary folder, the context that a tool runs in, and short calls for tests.
#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "tests/catch.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_index.h"
#include "tools/jobs.h"
#include "tools/observations.h"
#include "tools/sandbox.h"
#include "tools/tool.h"
#include "tools/workspace.h"

namespace moxie::tests {

// A folder that goes away with the object.
class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "moxie-tools-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = std::filesystem::canonical(name);
    }

    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    // Writes plainly, folders made.
    void put(const std::string& name, std::string_view content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        REQUIRE(base::writeFileAtomically(path_ / name, content, base::Durability::renameOnly));
    }

    std::string get(const std::string& name) const {
        return base::readFile(path_ / name).value_or("(no such file)");
    }

    bool has(const std::string& name) const {
        std::error_code ignored;
        return std::filesystem::exists(std::filesystem::symlink_status(path_ / name, ignored));
    }

private:
    std::filesystem::path path_;
};

// Everything a file tool needs, around a workspace in a temporary folder.
class ToolBench {
public:
    TempFolder folder;
    TempFolder session;
    tools::Workspace workspace = tools::Workspace::open(folder.path()).value();
    tools::Observations observations;
    tools::Jobs jobs{session.path() / "spill"};
    tools::Sandbox sandbox = tools::Sandbox::open(folder.path(), tools::SandboxMode::off);
    FakeClock clock;
    FakeIndex index;
    tools::ToolContext context{.workspace = workspace,
                               .observations = observations,
                               .jobs = jobs,
                               .sandbox = sandbox,
                               .clock = clock,
                               .index = &index,
                               .onOutput = {},
                               .callId = "call1"};

    tools::ToolResult run(tools::Tool& tool, const nlohmann::json& arguments) {
        auto result = tool.run(arguments, context, {});
        REQUIRE(result);
        CHECK(base::isValidUtf8(result->text));
        CHECK_FALSE(result->text.empty());
        return std::move(*result);
    }
};

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace moxie::tests

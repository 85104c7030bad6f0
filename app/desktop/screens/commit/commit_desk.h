// The part of a live commit that works: git, and the hooks around a commit.
// Threads: one thread at a time, never the GUI's.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "app/desktop/screens/commit/commit_model.h"
#include "tools/git.h"

namespace moxie::desktop {

class CommitDesk {
public:
    explicit CommitDesk(std::filesystem::path repository) : repository_(std::move(repository)) {}

    // What the hooks of a commit do, told while they run.
    struct Hooks {
        std::function<void(const std::string& name)> started;
        std::function<void(std::string_view output)> output;
        std::stop_token stop;
        std::string failed;  // name of the one that refused
    };

    struct Made {
        std::string id, before, message;  // before: what the branch ended in; "": nothing
    };

    // Fails: notFound (no repository) and as git does.
    base::Result<CommitSnapshot> look();
    CommitHunks lookInto(const std::string& path);
    // Fails also: busy (a file that is committed in part has other hunks now).
    base::Result<Made> commit(const CommitWish& wish, Hooks& hooks);
    base::Status takeBack(const Made& made);
    base::Status createBranch(const std::string& name);
    // From the task and last words of the session, if it has any, and the difference.
    base::Result<std::string> suggest(const std::vector<std::string>& paths,
                                      const std::string& task, const std::string& finalText);

private:
    base::Status ensureGit();
    base::Result<CommitPart> partNow(const std::string& path) const;
    base::Result<std::string> headText(const std::string& path) const;
    base::Result<tools::CommitText> textOf(const CommitPart& part) const;
    base::Result<tools::CommitRequest> requestOf(const CommitWish& wish) const;
    base::Status runHook(const std::string& name, const std::vector<std::string>& arguments,
                         const std::filesystem::path& indexFile, Hooks& hooks) const;

    std::filesystem::path repository_;
    std::optional<tools::Git> git_;
};

}  // namespace moxie::desktop

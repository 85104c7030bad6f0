// What a jail shows and hides, as arguments of bubblewrap, and the folders it needs on disk. Inside
// tools only. Threads: any thread, except that each object has one owner.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/sandbox.h"
#include "tools/spawn.h"

namespace moxie::tools {

// A fresh folder of ours with `temp`, `home` and the empty folder `nothing`; removed at the end.
class PrivateFolders {
public:
    static base::Result<std::unique_ptr<PrivateFolders>> make();
    // Removes some folders of processes that were killed. Cost: a listing of the temp folder.
    static void sweep();
    ~PrivateFolders();
    PrivateFolders(const PrivateFolders&) = delete;
    PrivateFolders& operator=(const PrivateFolders&) = delete;

    std::filesystem::path temp() const { return top_ / "temp"; }

    std::filesystem::path home() const { return top_ / "home"; }

    std::filesystem::path nothing() const { return top_ / "nothing"; }

private:
    PrivateFolders(std::filesystem::path top, Fd lock)
        : top_(std::move(top)),
          lock_(std::move(lock)) {}

    std::filesystem::path top_;
    Fd lock_;  // held as long as this process lives
};

// Folders that bubblewrap makes in the workspace to mount over a name that must not come to be.
// The last jail that uses them takes them away again; rmdir() does, so nothing can be lost.
class MountPoints : public std::enable_shared_from_this<MountPoints> {
public:
    explicit MountPoints(std::filesystem::path root) : root_(std::move(root)) {}

    // Picks those of `candidates` that are not there, or there only because a jail of ours uses
    // them, into `masked`. They are in use until the returned object dies.
    std::shared_ptr<const void> use(const std::vector<std::filesystem::path>& candidates,
                                    std::vector<std::filesystem::path>& masked);

private:
    class Use;
    void release(const std::vector<std::filesystem::path>& paths, int lockFd);

    std::filesystem::path root_;
    std::mutex mutex_;  // guards users_
    std::map<std::filesystem::path, int> users_;
};

struct JailPlan {
    std::filesystem::path root;  // the workspace
    std::filesystem::path home;  // of the user; empty if there is none to hide
    // Outside the workspace, needed to read: the work tree around it, git's folders.
    std::vector<std::filesystem::path> readable;
    std::vector<std::filesystem::path> nestedGit;  // every .git below the workspace's own
};

// Looks at the disk. Fails: unsupported (the workspace is the home folder or holds it), io.
base::Result<JailPlan> planJail(const std::filesystem::path& root);

// The names directly in the workspace that a command may not create or change: git's own folder,
// configuration of agents, editors and CI.
const std::vector<std::string_view>& protectedNames();

// Arguments up to and without "--" and the command. `masked`: protected names that are not there
// and must not come to be.
std::vector<std::string> jailArguments(const JailPlan& plan, const PrivateFolders& folders,
                                       NetworkAccess network,
                                       const std::vector<std::filesystem::path>& masked);

// `environment` without secrets and without what points at hidden places.
std::map<std::string, std::string> jailEnvironment(std::map<std::string, std::string> environment,
                                                   const JailPlan& plan);
// True for names like OPENAI_API_KEY, GITHUB_TOKEN, SSH_AUTH_SOCK; for values with a password.
bool isSecret(std::string_view name, std::string_view value);

}  // namespace moxie::tools

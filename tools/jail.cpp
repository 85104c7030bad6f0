#include "tools/jail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <git2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/paths.h"
#include "tools/git_handles.h"
#include "tools/spawn.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

// A walk for nested repositories must not hold up a session on a huge tree.
constexpr int kWalkEntriesMax = 200'000;
constexpr int kWalkDepthMax = 8;
constexpr size_t kNestedMax = 200;  // mounts; bubblewrap slows down with thousands

constexpr std::array kHiddenFolders = {"/home",
                                       "/root",
                                       "/run",
                                       "/media",
                                       "/etc/ssh",
                                       "/etc/ssl/private",
                                       "/etc/sudoers.d",
                                       "/etc/letsencrypt",
                                       "/etc/wireguard",
                                       "/etc/kubernetes",
                                       "/etc/NetworkManager/system-connections",
                                       "/var/backups",
                                       "/var/lib/containers",
                                       "/var/lib/docker",
                                       "/var/lib/kubelet",
                                       "/var/mail",
                                       "/var/spool"};
constexpr std::array kHiddenFiles = {"/etc/shadow",   "/etc/shadow-", "/etc/gshadow",
                                     "/etc/gshadow-", "/etc/sudoers", "/etc/krb5.keytab"};
// Below the home folder: compilers, interpreters and package caches that builds read. Nothing here
// holds a password, or the file that does is masked below.
constexpr std::array kToolchains = {".asdf",
                                    ".bun",
                                    ".cabal/bin",
                                    ".cargo",
                                    ".deno",
                                    ".dotnet",
                                    ".fnm",
                                    ".ghcup",
                                    ".jenv",
                                    ".juliaup",
                                    ".local/bin",
                                    ".local/lib",
                                    ".local/share/fnm",
                                    ".local/share/mise",
                                    ".local/share/pipx",
                                    ".local/share/uv",
                                    ".m2/repository",
                                    ".nvm",
                                    ".opam",
                                    ".pyenv",
                                    ".rbenv",
                                    ".rustup",
                                    ".rvm",
                                    ".sdkman",
                                    ".volta",
                                    "anaconda3",
                                    "go",
                                    "miniconda3",
                                    "miniforge3"};
constexpr std::array kToolchainSecrets = {".cargo/credentials", ".cargo/credentials.toml"};

bool isFolder(const fs::path& path) {
    std::error_code ec;
    return fs::is_directory(fs::symlink_status(path, ec));
}

bool isAnything(const fs::path& path) {
    std::error_code ec;
    return fs::exists(fs::symlink_status(path, ec));
}

fs::path homeFolder() {
    const char* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') return {};
    std::error_code ec;
    fs::path path = fs::canonical(home, ec);
    if (ec || path == path.root_path() || !isFolder(path)) return {};
    return path;
}

std::vector<fs::path> findNestedGit(const fs::path& root) {
    std::vector<fs::path> found;
    std::error_code ec;
    fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, ec);
    for (int n = 0; !ec && it != fs::recursive_directory_iterator() && n < kWalkEntriesMax; ++n) {
        const fs::path& path = it->path();
        const std::string name = path.filename().string();
        if (name == ".git") {
            if (path.parent_path() != root && found.size() < kNestedMax) found.push_back(path);
            it.disable_recursion_pending();
        } else if (name == "node_modules" || it.depth() >= kWalkDepthMax) {
            it.disable_recursion_pending();
        }
        it.increment(ec);
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<fs::path> gitFoldersOf(const fs::path& root) {
    std::vector<fs::path> folders;
    initGitLibrary();
    GitRepository repository;
    if (git_repository_open_ext(repository.out(), root.c_str(), 0, nullptr) != 0) return folders;
    for (const char* folder :
         {git_repository_workdir(repository.get()), git_repository_commondir(repository.get()),
          git_repository_path(repository.get())}) {
        if (folder == nullptr) continue;
        std::error_code ec;
        fs::path path = fs::canonical(folder, ec);
        if (!ec && !isBeneath(path, root)) folders.push_back(std::move(path));
    }
    return folders;
}

class Arguments {
public:
    template <class... Parts>
    void add(const Parts&... parts) {
        (list_.emplace_back(text(parts)), ...);
    }

    void hideFolder(const fs::path& path) {
        if (isFolder(path)) add("--tmpfs", path);
    }

    void hideFile(const fs::path& path) {
        if (isAnything(path)) add("--ro-bind", "/dev/null", path);
    }

    std::vector<std::string> take() { return std::move(list_); }

private:
    static std::string text(const fs::path& path) { return path.native(); }

    std::vector<std::string> list_;
};

void hideTheMachine(Arguments& args, const JailPlan& plan, const PrivateFolders& folders,
                    NetworkAccess network) {
    args.add("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/sys");
    // The kernel's settings belong to uid 0 itself, not to a capability: a root user inside could
    // set core_pattern, which the kernel runs outside. bubblewrap 0.8 leaves them writable.
    args.add("--ro-bind", "/proc/sys", "/proc/sys");
    for (const char* file : {"/proc/sysrq-trigger", "/proc/mtrr"})
        args.hideFile(file);
    args.add("--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu");
    args.add("--bind", folders.temp(), "/tmp", "--bind", folders.temp(), "/var/tmp");
    for (const char* folder : kHiddenFolders)
        args.hideFolder(folder);
    for (const char* file : kHiddenFiles)
        args.hideFile(file);
    args.add("--ro-bind-try", "/run/current-system", "/run/current-system");
    if (network == NetworkAccess::allowed)
        args.add("--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve");
    for (const fs::path& folder : {base::configDir(), base::dataDir(), base::cacheDir()})
        args.hideFolder(folder);
    if (plan.home.empty()) return;
    args.add("--bind", folders.home(), plan.home);
    for (const char* name : kToolchains)
        args.add("--ro-bind-try", plan.home / name, plan.home / name);
    for (const char* name : kToolchainSecrets)
        args.hideFile(plan.home / name);
}

// A nested mount alone can be moved away with the folder it lies in. With every folder on the way a
// mount point of its own, rename() fails with EBUSY.
void protectNested(Arguments& args, const JailPlan& plan) {
    std::vector<fs::path> pinned;
    for (const fs::path& git : plan.nestedGit) {
        if (!isAnything(git)) continue;
        fs::path folder = plan.root;
        for (const fs::path& part : git.parent_path().lexically_relative(plan.root)) {
            folder /= part;
            if (std::find(pinned.begin(), pinned.end(), folder) != pinned.end()) continue;
            pinned.push_back(folder);
            args.add("--bind", folder, folder);
        }
        args.add("--ro-bind", git, git);
    }
}

}  // namespace

const std::vector<std::string_view>& protectedNames() {
    static const std::vector<std::string_view> names = {
        ".git",           ".gitmodules",
        ".moxie",         ".mcp.json",
        ".claude",        ".codex",
        ".cursor",        ".gemini",
        ".agents",        ".vscode",
        ".idea",          ".devcontainer",
        ".husky",         ".envrc",
        ".github",        ".gitlab",
        ".gitlab-ci.yml", ".circleci",
        ".buildkite",     ".travis.yml",
        "Jenkinsfile",    "azure-pipelines.yml",
        "AGENTS.md",      "CLAUDE.md",
        "GEMINI.md",      ".pre-commit-config.yaml"};
    return names;
}

base::Result<JailPlan> planJail(const fs::path& root) {
    std::error_code ec;
    JailPlan plan;
    plan.root = fs::canonical(root, ec);
    if (ec) return base::fail(base::Errc::io, fmt::format("{}: {}", root.string(), ec.message()));
    plan.home = homeFolder();
    if (plan.root == plan.root.root_path() ||
        (!plan.home.empty() && isBeneath(plan.home, plan.root)))
        return base::fail(base::Errc::unsupported,
                          "the workspace holds the home folder; open a project folder instead");
    plan.readable = gitFoldersOf(plan.root);
    plan.nestedGit = findNestedGit(plan.root);
    return plan;
}

std::vector<std::string> jailArguments(const JailPlan& plan, const PrivateFolders& folders,
                                       NetworkAccess network, const std::vector<fs::path>& masked) {
    Arguments args;
    // Without --cap-drop a root user would keep every capability inside.
    args.add("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL");
    if (network == NetworkAccess::allowed) args.add("--share-net");
    args.add("--die-with-parent", "--new-session", "--hostname", "moxie");
    hideTheMachine(args, plan, folders, network);
    for (const fs::path& path : plan.readable)
        if (isAnything(path)) args.add("--ro-bind", path, path);
    args.add("--bind", plan.root, plan.root);
    protectNested(args, plan);
    const auto isMasked = [&](const fs::path& path) {
        return std::find(masked.begin(), masked.end(), path) != masked.end();
    };
    for (const std::string_view name : protectedNames()) {
        const fs::path path = plan.root / name;
        std::error_code ec;
        if (fs::is_symlink(fs::symlink_status(path, ec))) continue;  // see README, limits
        if (isMasked(path)) {
            args.add("--ro-bind", folders.nothing(), path);
        } else if (isAnything(path)) {
            args.add("--ro-bind", path, path);
        }
    }
    for (const fs::path& folder : {base::configDir(), base::dataDir()})
        if (isBeneath(folder, plan.root)) args.hideFolder(folder);
    return args.take();
}

bool isSecret(std::string_view name, std::string_view value) {
    std::string upper(name);
    for (char& c : upper)
        c = c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    for (const std::string_view word : {"API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "_KEY_ID",
                                        "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE",
                                        "CREDENTIAL", "AUTH", "COOKIE", "AGENT_INFO", "AGENT_PID"})
        if (upper.find(word) != std::string::npos) return true;
    for (const std::string_view start : {"AWS_", "AZURE_", "VAULT_"})
        if (upper.starts_with(start)) return true;
    // scheme://user:password@host
    const size_t scheme = value.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string_view rest = value.substr(scheme + 3);
    const std::string_view host = rest.substr(0, rest.find('/'));
    const size_t at = host.find('@');
    return at != std::string_view::npos && host.substr(0, at).find(':') != std::string_view::npos;
}

std::map<std::string, std::string> jailEnvironment(std::map<std::string, std::string> environment,
                                                   const JailPlan& plan) {
    std::erase_if(environment,
                  [](const auto& entry) { return isSecret(entry.first, entry.second); });
    for (const char* name :
         {"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
          "XDG_DATA_HOME", "XDG_STATE_HOME", "DISPLAY", "WAYLAND_DISPLAY", "KUBECONFIG",
          "DOCKER_HOST", "MOXIE_HOME", "LD_PRELOAD", "BASH_ENV", "ENV", "TMP", "TEMP"})
        environment.erase(name);
    const std::array<std::pair<const char*, std::string>, 7> ours = {
        {{"HOME", plan.home.empty() ? std::string("/tmp") : plan.home.string()},
         {"TMPDIR", "/tmp"},
         {"TERM", "dumb"},
         {"PAGER", "cat"},
         {"GIT_PAGER", "cat"},
         {"GIT_TERMINAL_PROMPT", "0"},
         {"DEBIAN_FRONTEND", "noninteractive"}}};
    for (const auto& [name, value] : ours)
        environment.insert_or_assign(name, value);
    return environment;
}

namespace {

constexpr std::string_view kPrivateStart = "moxie-jail.";
constexpr int kSweptMax = 8;  // of one start: what a killed build left may be large

fs::path tempFolder() {
    std::error_code ec;
    fs::path folder = fs::temp_directory_path(ec);
    return ec ? fs::path("/tmp") : folder;
}

// Some package caches make their folders read-only.
void removeTree(const fs::path& top) {
    std::error_code ec;
    fs::remove_all(top, ec);
    if (!ec) return;
    fs::recursive_directory_iterator it(top, ec);
    while (!ec && it != fs::recursive_directory_iterator()) {
        std::error_code ignored;
        if (fs::is_directory(it->symlink_status(ignored)))
            fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
        it.increment(ec);
    }
    fs::remove_all(top, ec);
}

// True if `path` is a private folder of ours whose process is gone: nobody holds its lock.
bool isAbandoned(const fs::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info = {};
    return fd.isOpen() && ::fstat(fd.get(), &info) == 0 && info.st_uid == ::geteuid() &&
           (info.st_mode & 0777) == 0700 && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

void PrivateFolders::sweep() {
    std::error_code ec;
    int nSwept = 0;
    fs::directory_iterator it(tempFolder(), ec);
    for (; !ec && it != fs::directory_iterator() && nSwept < kSweptMax; it.increment(ec)) {
        const std::string name = it->path().filename().string();
        if (!name.starts_with(kPrivateStart) || !isAbandoned(it->path())) continue;
        removeTree(it->path());
        ++nSwept;
    }
}

base::Result<std::unique_ptr<PrivateFolders>> PrivateFolders::make() {
    std::error_code ec;
    std::string made = (tempFolder() / "moxie-new-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr)
        return base::fail(base::errnoError(errno, "make " + made));
    // The lock says that its process lives; the kernel takes it away with the process. It is there
    // before the name that sweep() looks for.
    Fd lock(::open(made.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (lock.isOpen()) ::flock(lock.get(), LOCK_SH | LOCK_NB);
    const std::string top =
        (tempFolder() / fmt::format("{}{}", kPrivateStart, made.substr(made.size() - 6))).string();
    if (::rename(made.c_str(), top.c_str()) != 0) {
        const base::Error error = base::errnoError(errno, "make " + top);
        ::rmdir(made.c_str());
        return base::fail(error);
    }
    std::unique_ptr<PrivateFolders> folders(new PrivateFolders(top, std::move(lock)));
    for (const fs::path& path : {folders->temp(), folders->home(), folders->nothing()})
        if (!fs::create_directory(path, ec))
            return base::fail(base::Errc::io,
                              fmt::format("make {}: {}", path.string(), ec.message()));
    return folders;
}

PrivateFolders::~PrivateFolders() {
    removeTree(top_);
}

class MountPoints::Use {
public:
    Use(std::shared_ptr<MountPoints> owner, std::vector<fs::path> paths, Fd lock)
        : owner_(std::move(owner)),
          paths_(std::move(paths)),
          lock_(std::move(lock)) {}

    ~Use() { owner_->release(paths_, lock_.get()); }

    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

private:
    std::shared_ptr<MountPoints> owner_;
    std::vector<fs::path> paths_;
    Fd lock_;
};

std::shared_ptr<const void> MountPoints::use(const std::vector<fs::path>& candidates,
                                             std::vector<fs::path>& masked) {
    // The shared lock tells other Moxie processes that a jail is up: removing the folder under a
    // mount takes the mount away from every jail.
    Fd lock(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.isOpen()) ::flock(lock.get(), LOCK_SH | LOCK_NB);
    const std::lock_guard guard(mutex_);
    for (const fs::path& path : candidates) {
        if (!users_.contains(path) && isAnything(path)) continue;
        ++users_[path];
        masked.push_back(path);
    }
    return std::make_shared<Use>(shared_from_this(), masked, std::move(lock));
}

void MountPoints::release(const std::vector<fs::path>& paths, int lockFd) {
    const std::lock_guard guard(mutex_);
    std::vector<fs::path> unused;
    for (const fs::path& path : paths) {
        auto it = users_.find(path);
        if (it == users_.end() || --it->second > 0) continue;
        unused.push_back(path);
        users_.erase(it);
    }
    if (unused.empty() || lockFd < 0 || ::flock(lockFd, LOCK_EX | LOCK_NB) != 0) return;
    for (const fs::path& path : unused)
        ::rmdir(path.c_str());  // fails if it is not ours any more: then it must stay
}

}  // namespace moxie::tools

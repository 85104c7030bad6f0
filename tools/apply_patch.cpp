// The `apply_patch` tool: a patch over several files, applied whole or not at all.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/file_transaction.h"
#include "tools/patch_grammar.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// One file's change, checked and computed; nothing is on disk yet.
struct PlannedChange {
    PatchFile::Kind kind = PatchFile::Kind::add;
    fs::path path, movedTo;  // movedTo: empty unless moved
    std::string before, after;
    std::string fallback;
};

using Refused = std::optional<ToolResult>;

class PatchPlan {
public:
    explicit PatchPlan(ToolContext& context) : context_(context) {}

    Refused add(const PatchFile& file) {
        if (fs::path(file.path).is_absolute() || fs::path(file.moveTo).is_absolute())
            return refusal("bad path", fmt::format("{} is absolute", file.path),
                           "Paths of a patch are relative to the workspace.");
        return file.kind == PatchFile::Kind::add ? addNew(file) : addExisting(file);
    }

    const std::vector<PlannedChange>& changes() const { return changes_; }

private:
    Refused claim(const fs::path& path) {
        if (touched_.insert(path).second) return std::nullopt;
        return refusal("bad patch",
                       fmt::format("{} is named twice", context_.workspace.relative(path)),
                       "Put all hunks of a file into one section.");
    }

    // A path that must not exist yet.
    Refused claimFree(const std::string& name, fs::path& resolved) {
        auto inside = context_.workspace.insideWritable(name);
        if (!inside) return refusalOf(inside.error());
        std::error_code ec;
        if (fs::exists(fs::symlink_status(*inside, ec)))
            return refusal("exists", fmt::format("{} exists already", name),
                           "Use *** Update File:, or another name.");
        resolved = std::move(*inside);
        return claim(resolved);
    }

    Refused addNew(const PatchFile& file) {
        PlannedChange change;
        if (auto refused = claimFree(file.path, change.path)) return refused;
        change.after = file.added;
        changes_.push_back(std::move(change));
        return std::nullopt;
    }

    Refused addExisting(const PatchFile& file) {
        const bool isRemoval = file.kind == PatchFile::Kind::remove;
        // The context lines of a hunk prove what was seen; a removal has none.
        auto opened =
            openForEdit(context_, file.path, isRemoval ? UnseenFiles::refuse : UnseenFiles::allow);
        if (!opened) return opened.error();
        if (auto refused = claim(opened->path)) return refused;
        PlannedChange change;
        change.kind = file.kind;
        change.path = opened->path;
        change.before = change.after = opened->text.bytes();
        if (!file.moveTo.empty())
            if (auto refused = claimFree(file.moveTo, change.movedTo)) return refused;
        if (!isRemoval && !file.hunks.empty()) {
            if (!opened->text.isUtf8())
                return refusal("not UTF-8",
                               fmt::format("{} is in another encoding than UTF-8", file.path),
                               "Use edit with plain ASCII.");
            const EditOutcome placed = placeHunks(opened->text.text(), file.hunks);
            if (!placed)
                return refusal(placed.error().code, file.path + ": " + placed.error().fact,
                               placed.error().advice);
            change.after = opened->text.spliced(placed->splices);
            change.fallback = placed->fallback;
        }
        changes_.push_back(std::move(change));
        return std::nullopt;
    }

    ToolContext& context_;
    std::vector<PlannedChange> changes_;
    std::set<fs::path> touched_;
};

base::Status stage(FileTransaction& transaction, const PlannedChange& change) {
    switch (change.kind) {
        case PatchFile::Kind::add:
            return transaction.create(change.path, change.after);
        case PatchFile::Kind::remove:
            return transaction.remove(change.path, change.before);
        case PatchFile::Kind::update:
            break;
    }
    if (change.movedTo.empty())
        return change.before == change.after
                   ? base::Status{}
                   : transaction.replace(change.path, change.after, change.before);

    struct stat info {};

    const mode_t mode = ::lstat(change.path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0666;
    TRY(transaction.create(change.movedTo, change.after, mode));
    return transaction.remove(change.path, change.before);
}

class ApplyPatchTool final : public Tool {
public:
    ApplyPatchTool()
        : schema_(
              "apply_patch",
              R"({"type":"object","required":["patch"],"properties":{
                  "patch":{"type":"string"}}})",
              R"({"patch":"*** Begin Patch\n*** Update File: a.py\n@@ def f():\n-    return 1\n)"
              R"(+    return 2\n*** End Patch"})"),
          spec_{"apply_patch",
                "Changes several files, all or none. *** Begin Patch, then sections *** Add File: "
                "PATH (lines with +), *** Delete File: PATH, *** Update File: PATH (optionally *** "
                "Move to: PATH; hunks: @@ HEADER, then lines with ' ', - or +), then *** End "
                "Patch.",
                schema_.text(), Effects{.reads = true, .writes = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        const auto files = parsePatch(stringArgument(arguments, "patch"));
        std::string names;
        if (files)
            for (const PatchFile& file : *files) {
                names += " " + file.path;
                if (!file.moveTo.empty()) names += " -> " + file.moveTo;
            }
        return "apply_patch" + names;
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        const auto files = parsePatch(withLf(stringArgument(arguments, "patch")));
        if (!files) return refusal("bad patch", files.error().message(), "Nothing was changed.");
        PatchPlan plan(context);
        for (const PatchFile& file : *files) {
            if (stop.stop_requested())
                return base::fail(base::Errc::cancelled, "apply_patch: stopped");
            if (auto refused = plan.add(file)) return std::move(*refused);
        }
        FileTransaction transaction(context.workspace.root());
        base::Status done;
        for (const PlannedChange& change : plan.changes())
            if (done) done = stage(transaction, change);
        if (done) done = transaction.commit();
        if (!done) return refusalOf(done.error());
        return report(plan.changes(), context);
    }

private:
    static ToolResult report(const std::vector<PlannedChange>& changes, ToolContext& context) {
        ToolResult result;
        result.text = "Applied:";
        for (const PlannedChange& change : changes) {
            const std::string path = context.workspace.relative(change.path);
            const std::string target = context.workspace.relative(change.movedTo);
            const char mark = change.kind == PatchFile::Kind::add      ? 'A'
                              : change.kind == PatchFile::Kind::remove ? 'D'
                                                                       : 'M';
            result.text += fmt::format("\n{} {}", mark, path);
            if (!change.movedTo.empty()) result.text += " -> " + target;
            if (!change.fallback.empty()) result.text += fmt::format(" [{}]", change.fallback);
        }
        for (const PlannedChange& change : changes) {
            const bool isGone = change.kind == PatchFile::Kind::remove || !change.movedTo.empty();
            const std::string path = context.workspace.relative(change.path);
            if (isGone) noteRemoved(context, path, result);
            if (change.kind == PatchFile::Kind::remove) continue;
            noteWritten(context, isGone ? context.workspace.relative(change.movedTo) : path,
                        change.after, result);
        }
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeApplyPatchTool() {
    return std::make_unique<ApplyPatchTool>();
}

}  // namespace moxie::tools

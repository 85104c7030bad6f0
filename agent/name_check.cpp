#include "agent/name_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/file.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr size_t kFilesMax = 200;
constexpr int64_t kFileBytesMax = 1'000'000;
constexpr size_t kListedMax = 20;

struct Text {
    std::string path, before, after;  // path as the index has it
};

// What the work tree holds; false for what is no small regular text file.
bool readNow(const fs::path& file, std::string& text) {
    std::error_code ec;
    if (!fs::is_regular_file(fs::symlink_status(file, ec)) || ec) return false;
    auto bytes = base::readFile(file, kFileBytesMax);
    if (!bytes || bytes->find('\0') != std::string::npos) return false;
    text = *std::move(bytes);
    return true;
}

}  // namespace

base::Result<std::vector<indexer::UnknownName>> unknownNames(const Changes& changes,
                                                             const std::vector<std::string>& paths,
                                                             const tools::Workspace& workspace,
                                                             const indexer::Index& index,
                                                             const std::stop_token& stop) {
    std::vector<Text> texts;
    for (const std::string& path : paths) {
        if (texts.size() == kFilesMax) break;
        const fs::path file = changes.workTree() / path;
        if (!tools::isBeneath(file, workspace.root())) continue;
        Text text{workspace.relative(file), changes.textBefore(path, kFileBytesMax), {}};
        if (readNow(file, text.after)) texts.push_back(std::move(text));
    }
    std::vector<indexer::EditedText> edit;
    for (const Text& text : texts)
        edit.push_back({text.path, text.before, text.after});
    if (edit.empty()) return std::vector<indexer::UnknownName>();
    return index.unknownNames(edit, stop);
}

std::string listed(const std::vector<indexer::UnknownName>& names) {
    std::string out;
    for (size_t i = 0; i < std::min(names.size(), kListedMax); ++i)
        out += fmt::format("{} {} ({}:{})\n", toString(names[i].kind), names[i].name, names[i].path,
                           names[i].line);
    if (names.size() > kListedMax) out += fmt::format("and {} more\n", names.size() - kListedMax);
    return out;
}

bool isProvedByBuild(std::string_view path) {
    constexpr std::array<std::string_view, 16> kEnds = {
        ".c",  ".h",  ".cc",   ".cpp", ".cxx", ".hh",    ".hpp",   ".cs",
        ".go", ".kt", ".java", ".m",   ".rs",  ".scala", ".swift", ".ts"};
    return std::any_of(kEnds.begin(), kEnds.end(),
                       [&](std::string_view end) { return path.ends_with(end); });
}

}  // namespace moxie::agent

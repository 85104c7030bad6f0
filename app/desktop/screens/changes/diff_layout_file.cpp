#include "app/desktop/screens/changes/diff_layout_file.h"

#include <system_error>

#include "base/file.h"
#include "base/paths.h"

namespace moxie::desktop {

namespace {

constexpr std::string_view kSideBySide = "side-by-side\n", kUnified = "unified\n";

}  // namespace

std::filesystem::path diffLayoutFile() {
    return base::dataDir() / "diff-layout";
}

DiffLayout loadDiffLayout(const std::filesystem::path& file) {
    const auto word = base::readFile(file, int64_t(kSideBySide.size()));
    return word && *word == kSideBySide ? DiffLayout::sideBySide : DiffLayout::unified;
}

base::Status saveDiffLayout(const std::filesystem::path& file, DiffLayout layout) {
    std::error_code ignored;  // the write says what is wrong
    std::filesystem::create_directories(file.parent_path(), ignored);
    return base::writeFileAtomically(file,
                                     layout == DiffLayout::sideBySide ? kSideBySide : kUnified,
                                     base::Durability::renameOnly);
}

}  // namespace moxie::desktop

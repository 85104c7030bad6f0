#include "indexer/index.h"

#include <array>

namespace moxie::indexer {

std::string_view toString(Tier tier) {
    static constexpr std::array<std::string_view, 3> kNames = {"lexical", "outline", "syntax"};
    const auto at = static_cast<size_t>(tier);
    return at < kNames.size() ? kNames[at] : "unknown";
}

base::Status Index::updateText(std::string_view path, std::string_view) {
    return updateFile(path);
}

base::Result<std::vector<std::string>> Index::updateFiles(const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        TRY(updateFile(path));
    return paths;
}

base::Result<std::vector<NameVerdict>> Index::nameVerdicts(const std::vector<EditedText>& edit,
                                                           const std::stop_token& stop) const {
    TRY_ASSIGN(const std::vector<UnknownName> unknown, unknownNames(edit, stop));
    std::vector<NameVerdict> verdicts;
    for (const UnknownName& name : unknown)
        verdicts.push_back({name.name, name.kind, name.path, name.line});
    return verdicts;
}

base::Result<int64_t> Index::generation() const {
    TRY_ASSIGN(const IndexStats now, stats());
    return now.generation;
}

}  // namespace moxie::indexer

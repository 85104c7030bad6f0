#include "indexer/pack/callees.h"

#include <algorithm>
#include <string>

#include "indexer/index.h"
#include "indexer/language.h"

namespace moxie::indexer {
namespace {

constexpr size_t kCalleesMax = 16;

bool isNameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Distinct names before an opening parenthesis.
std::vector<std::string_view> calledNames(std::string_view text) {
    std::vector<std::string_view> names;
    for (size_t at = text.find('('); at != text.npos; at = text.find('(', at + 1)) {
        size_t begin = at;
        while (begin > 0 && isNameByte(text[begin - 1]))
            begin--;
        const std::string_view name = text.substr(begin, at - begin);
        if (name.size() < 3 || (name[0] >= '0' && name[0] <= '9')) continue;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

bool isCallable(int64_t kind) {
    const auto known = static_cast<SymbolKind>(kind);
    return known == SymbolKind::function || known == SymbolKind::method ||
           known == SymbolKind::constructor;
}

}  // namespace

base::Result<std::vector<Callee>> calleesOf(const Reading& reading, std::string_view text,
                                            int32_t file) {
    const LiveView& view = reading.view();
    TRY_ASSIGN(Statement query,
               reading.database().prepare(
                   "SELECT sym.id, blob, kind FROM sym JOIN name ON name.id = sym.name "
                   "WHERE name.text = ? AND is_declaration = 0"));
    std::vector<Callee> callees;
    for (const std::string_view name : calledNames(text)) {
        if (callees.size() >= kCalleesMax) break;
        std::vector<Callee> places;
        Callee own{.file = -1};
        query.bind(1, name);
        while (true) {
            TRY_ASSIGN(const bool hasRow, query.step());
            if (!hasRow) break;
            const auto blob = view.blobById.find(query.integer(1));
            if (blob == view.blobById.end() || !isCallable(query.integer(2))) continue;
            const Callee place{view.blobs[size_t(blob->second)].file, query.integer(0)};
            if (place.file == file) own = place;
            if (!isTestPath(view.files[size_t(place.file)].path)) places.push_back(place);
        }
        query.reset();
        if (own.file >= 0)
            callees.push_back(own);
        else if (places.size() == 1)
            callees.push_back(places.front());
    }
    return callees;
}

}  // namespace moxie::indexer

#include "indexer/name_list.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace moxie::indexer {
namespace {

char foldedByte(char c) {
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

}  // namespace

// An index that was made again has other numbers.
base::Status NameList::follow(const Database& database) {
    TRY_ASSIGN(const int64_t epoch, database.integer("SELECT value FROM meta WHERE key='epoch'"));
    if (epoch != epoch_) {
        names_.clear();
        texts_.clear();
        folded_.clear();
        epoch_ = epoch;
    }
    TRY_ASSIGN(Statement query,
               database.prepare("SELECT id, text FROM name WHERE id > ? ORDER BY id"));
    query.bind(1, names_.empty() ? int64_t(0) : names_.back().id);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        names_.push_back({query.integer(0), texts_.size()});
        for (const char c : query.text(1)) {
            texts_.push_back(c);
            folded_.push_back(foldedByte(c));
        }
        texts_.push_back('\0');
        folded_.push_back('\0');
    }
}

base::Result<std::vector<int64_t>> NameList::find(const Database& database, std::string_view part,
                                                  size_t limit) {
    struct Match {
        int order = 0;
        std::string_view text;
        int64_t id = 0;
    };

    const std::lock_guard lock(mutex_);
    TRY(follow(database));
    std::string wanted(part);
    std::transform(wanted.begin(), wanted.end(), wanted.begin(), foldedByte);
    std::vector<Match> matches;
    const char* const end = folded_.data() + folded_.size();
    for (const char* at = folded_.data(); at < end;) {
        const void* found = memmem(at, size_t(end - at), wanted.data(), wanted.size());
        if (!found) break;
        const auto place = size_t(static_cast<const char*>(found) - folded_.data());
        const auto next =
            std::upper_bound(names_.begin(), names_.end(), place,
                             [](size_t here, const Name& name) { return here < name.first; });
        const auto name = size_t(next - names_.begin()) - 1;
        const std::string_view whole = text(name);
        int order = place == names_[name].first ? 2 : 3;
        if (order == 2 && whole.size() == part.size()) order = whole == part ? 0 : 1;
        matches.push_back({order, whole, names_[name].id});
        at = folded_.data() + names_[name].first + whole.size() + 1;
    }
    const auto last = matches.begin() + std::ptrdiff_t(std::min(limit, matches.size()));
    std::partial_sort(matches.begin(), last, matches.end(), [](const Match& a, const Match& b) {
        return std::tuple(a.order, a.text.size(), a.text) <
               std::tuple(b.order, b.text.size(), b.text);
    });
    std::vector<int64_t> ids;
    for (auto match = matches.begin(); match != last; ++match)
        ids.push_back(match->id);
    return ids;
}

}  // namespace moxie::indexer

#include "indexer/name_list.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

namespace moxie::indexer {
namespace {

constexpr size_t kBlock = 64;

char foldedByte(char c) {
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

// Where `a` stands at `first` and `b` at `second`: a bit for each of 64 bytes. Without branches, so
// that the compiler does many at once.
uint64_t bothMask(const char* first, char a, const char* second, char b) {
    static_assert(std::endian::native == std::endian::little);
    std::array<uint8_t, kBlock> is;
    for (size_t i = 0; i < kBlock; i++)
        is[i] = uint8_t(uint8_t(first[i] == a) & uint8_t(second[i] == b));
    std::array<uint64_t, kBlock / 8> eights;
    std::memcpy(eights.data(), is.data(), kBlock);
    uint64_t any = 0;
    for (const uint64_t eight : eights)
        any |= eight;
    if (any == 0) return 0;
    uint64_t mask = 0;
    for (size_t i = 0; i < eights.size(); i++)
        mask |= (eights[i] * 0x0102040810204080ULL) >> 56 << (i * 8);
    return mask;
}

}  // namespace

void NameList::add(int64_t id, std::string_view text) {
    if (id < 0 || id > kRowMax) return;  // damage, which other questions find
    if (size_t(id) >= isListed_.size()) isListed_.resize(size_t(id) + 1 + size_t(id) / 2);
    if (isListed_[size_t(id)]) return;
    isListed_[size_t(id)] = true;
    names_.push_back({id, texts_.size()});
    texts_.append(text).push_back('\0');
}

void NameList::finish() {
    folded_.resize(size_);
    for (size_t i = size_; i < texts_.size(); i++) {
        folded_.push_back(foldedByte(texts_[i]));
        counts_[uint8_t(folded_.back())]++;
    }
    size_ = texts_.size();
    for (size_t at = filter_.size(); at < names_.size(); at++)
        filter_.add(std::string_view(folded_).substr(firstOf(at), text(at).size()));
    folded_.append(2 * kBlock, '\0');
    size_t name = nameOfBlock_.empty() ? 0 : nameOfBlock_.back();
    for (size_t block = nameOfBlock_.size(); block * kBlock < size_; block++) {
        while (name + 1 < names_.size() && names_[name + 1].first <= block * kBlock)
            name++;
        nameOfBlock_.push_back(uint32_t(name));
    }
}

size_t NameList::nameAt(size_t place) const {
    size_t name = nameOfBlock_[place / kBlock];
    while (name + 1 < names_.size() && names_[name + 1].first <= place)
        name++;
    return name;
}

base::Status NameList::readAll(const Database& database) {
    TRY_ASSIGN(Statement named, database.prepare("SELECT DISTINCT name FROM sym"));
    TRY_ASSIGN(const int64_t last, database.lastRowOf("name"));
    std::vector<bool> isSymbol(size_t(last) + 1);
    while (true) {
        TRY_ASSIGN(const bool hasRow, named.step());
        if (!hasRow) break;
        const auto id = size_t(named.integer(0));
        if (id >= isSymbol.size())
            return base::fail(base::Errc::corrupt, "index: a symbol has no name");
        isSymbol[id] = true;
    }
    TRY_ASSIGN(Statement query, database.prepare("SELECT id, text FROM name ORDER BY id"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const int64_t id = query.integer(0);
        if (id >= 0 && size_t(id) < isSymbol.size() && isSymbol[size_t(id)]) add(id, query.text(1));
    }
}

base::Status NameList::readChanged(const Database& database) {
    TRY_ASSIGN(Statement query,
               database.prepare("SELECT n.id, n.text FROM blob b CROSS JOIN sym s ON s.blob = b.id "
                                "CROSS JOIN name n ON n.id = s.name WHERE b.changed > ?"));
    query.bind(1, generation_);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        add(query.integer(0), query.text(1));
    }
}

// An index that was made again has other numbers. What an older reader does not see does no harm.
base::Status NameList::follow(const Reading& reading) {
    const int64_t now = reading.view().generation;
    if (now == generation_) return {};
    const Database& database = reading.database();
    TRY_ASSIGN(const int64_t epoch, database.integer("SELECT value FROM meta WHERE key='epoch'"));
    if (epoch == epoch_ && now < generation_) return {};
    if (epoch != epoch_ || generation_ < 0) {
        names_.clear();
        isListed_.clear();
        texts_.clear();
        folded_.clear();
        size_ = 0;
        filter_.clear();
        nameOfBlock_.clear();
        counts_ = {};
        epoch_ = epoch;
        generation_ = -1;
        TRY(readAll(database));
    } else {
        TRY(readChanged(database));
    }
    finish();
    generation_ = now;
    return {};
}

// Looks for the two rarest of its first bytes, and at the rest where they stand.
template <class Visit>
void NameList::eachPlace(std::string_view wanted, Visit visit) const {
    if (wanted.empty()) {
        for (const Name& name : names_)
            visit(name.first);
        return;
    }
    const auto count = [&](size_t at) { return counts_[uint8_t(wanted[at])]; };
    size_t rare = 0, other = std::min<size_t>(1, wanted.size() - 1);
    if (count(other) < count(rare)) std::swap(rare, other);
    for (size_t i = 2; i < std::min(wanted.size(), kBlock); i++) {
        if (count(i) < count(rare))
            other = std::exchange(rare, i);
        else if (count(i) < count(other))
            other = i;
    }
    const char* const bytes = folded_.data();
    for (const uint32_t run : filter_.runsWith(wanted)) {
        const size_t end = firstOf((size_t(run) + 1) * NameFilter::kNames);
        for (size_t block = firstOf(size_t(run) * NameFilter::kNames); block + wanted.size() <= end;
             block += kBlock)
            for (uint64_t mask = bothMask(bytes + block + rare, wanted[rare], bytes + block + other,
                                          wanted[other]);
                 mask != 0; mask &= mask - 1) {
                const size_t place = block + size_t(std::countr_zero(mask));
                if (place + wanted.size() <= end &&
                    std::memcmp(bytes + place, wanted.data(), wanted.size()) == 0)
                    visit(place);
            }
    }
}

base::Result<std::vector<int64_t>> NameList::find(const Reading& reading, std::string_view part,
                                                  size_t limit) {
    struct Match {
        int order = 0;
        std::string_view text;
        int64_t id = 0;
    };

    const std::lock_guard lock(mutex_);
    TRY(follow(reading));
    std::string wanted(part);
    std::transform(wanted.begin(), wanted.end(), wanted.begin(), foldedByte);
    std::vector<Match> matches;
    size_t last = names_.size();  // the name that matched last
    const auto addMatch = [&](size_t place) {
        const size_t name = nameAt(place);
        if (name == last) return;
        last = name;
        const std::string_view whole = text(name);
        int order = place == names_[name].first ? 2 : 3;
        if (order == 2 && whole.size() == part.size()) order = whole == part ? 0 : 1;
        matches.push_back({order, whole, names_[name].id});
    };
    eachPlace(wanted, addMatch);
    const auto end = matches.begin() + std::ptrdiff_t(std::min(limit, matches.size()));
    std::partial_sort(matches.begin(), end, matches.end(), [](const Match& a, const Match& b) {
        return std::tuple(a.order, a.text.size(), a.text) <
               std::tuple(b.order, b.text.size(), b.text);
    });
    std::vector<int64_t> ids;
    for (auto match = matches.begin(); match != end; ++match)
        ids.push_back(match->id);
    return ids;
}

}  // namespace moxie::indexer

#include "indexer/uses.h"

#include <algorithm>
#include <tuple>

#include "indexer/posting_block.h"

namespace moxie::indexer {
namespace {

// The first byte of a use: its role, and which numbers follow.
constexpr unsigned kHasReceiver = 16, kHasCount = 32, kHasArity = 64;

tl::unexpected<base::Error> damagedUses() {
    return base::fail(base::Errc::corrupt, "index: the uses of a text are damaged");
}

auto keyOf(const StoredUse& use) {
    return std::tie(use.name, use.symbol, use.role, use.receiver);
}

// Uses that came to say the same become one, of the first line.
void sortAndMergeUses(std::vector<StoredUse>& uses) {
    std::sort(uses.begin(), uses.end(), [](const StoredUse& a, const StoredUse& b) {
        return keyOf(a) != keyOf(b) ? keyOf(a) < keyOf(b)
                                    : std::tie(a.line, a.arity) < std::tie(b.line, b.arity);
    });
    size_t kept = 0;
    for (size_t i = 0; i < uses.size(); i++) {
        if (kept > 0 && keyOf(uses[kept - 1]) == keyOf(uses[i]))
            uses[kept - 1].count += uses[i].count;
        else
            uses[kept++] = uses[i];
    }
    uses.resize(kept);
}

void packOne(std::string& out, const StoredUse& use, int64_t firstSymbol) {
    unsigned head = static_cast<unsigned>(use.role);
    if (use.receiver != 0) head |= kHasReceiver;
    if (use.count != 1) head |= kHasCount;
    if (use.arity >= 0) head |= kHasArity;
    out.push_back(char(head));
    appendVarint(out, use.symbol == 0 ? 0 : uint64_t(use.symbol - firstSymbol) + 1);
    appendVarint(out, uint32_t(use.line));
    if (use.receiver != 0) appendVarint(out, uint64_t(use.receiver));
    if (use.count != 1) appendVarint(out, uint32_t(use.count));
    if (use.arity >= 0) appendVarint(out, uint32_t(use.arity));
}

// Reads packed uses from the front.
class UseUnpacker {
public:
    explicit UseUnpacker(std::string_view packed) : rest_(packed) { firstSymbol_ = number(); }

    bool isAtEnd() const { return rest_.empty() || isDamaged_; }

    bool isDamaged() const { return isDamaged_ || left_ > 0; }

    StoredUse next();
    // Requires: at the beginning or behind the last use of a name. False: it has no uses.
    bool skipTo(int64_t name);

    // Whether the next use is of the same name as the last one.
    bool hasMore() const { return left_ > 0 && !isAtEnd(); }

private:
    void beginName();

    int64_t number() {
        uint64_t value = 0;
        if (!takeVarint(rest_, value)) isDamaged_ = true;
        return int64_t(value);
    }

    std::string_view rest_;
    int64_t firstSymbol_ = 0, name_ = 0, left_ = 0, bytesLeft_ = 0;
    bool isDamaged_ = false;
};

void UseUnpacker::beginName() {
    name_ += number();
    left_ = number();
    bytesLeft_ = number();
    if (left_ <= 0 || bytesLeft_ < left_ || bytesLeft_ > int64_t(rest_.size())) isDamaged_ = true;
}

bool UseUnpacker::skipTo(int64_t name) {
    while (!isAtEnd()) {
        beginName();
        if (isDamaged_ || name_ > name) break;
        if (name_ == name) return true;
        rest_.remove_prefix(size_t(bytesLeft_));
    }
    left_ = 0;
    return false;
}

StoredUse UseUnpacker::next() {
    if (left_ == 0) beginName();
    left_--;
    StoredUse use = {.name = name_};
    const auto head = unsigned(number());
    use.role = static_cast<Role>(head & 15);
    if (const int64_t symbol = number(); symbol > 0) use.symbol = firstSymbol_ + symbol - 1;
    use.line = int32_t(number());
    if (head & kHasReceiver) use.receiver = number();
    use.count = head & kHasCount ? int32_t(number()) : 1;
    if (head & kHasArity) use.arity = int32_t(number());
    return use;
}

}  // namespace

std::string packUses(std::vector<StoredUse>& uses, int64_t firstSymbol) {
    std::string out;
    if (uses.empty()) return out;
    sortAndMergeUses(uses);
    appendVarint(out, uint64_t(firstSymbol));
    int64_t name = 0;
    std::string ofName;
    for (size_t i = 0, end = 0; i < uses.size(); i = end) {
        while (end < uses.size() && uses[end].name == uses[i].name)
            end++;
        appendVarint(out, uint64_t(uses[i].name - name));
        appendVarint(out, end - i);
        name = uses[i].name;
        ofName.clear();
        for (size_t at = i; at < end; at++)
            packOne(ofName, uses[at], firstSymbol);
        appendVarint(out, ofName.size());
        out += ofName;
    }
    appendSeal(out);
    return out;
}

base::Result<std::vector<StoredUse>> unpackUses(std::string_view packed) {
    std::vector<StoredUse> uses;
    if (packed.empty()) return uses;
    if (!takeSeal(packed)) return damagedUses();
    UseUnpacker unpacker(packed);
    while (!unpacker.isAtEnd())
        uses.push_back(unpacker.next());
    if (unpacker.isDamaged()) return damagedUses();
    return uses;
}

base::Result<UseReader> UseReader::make(const Database& database) {
    TRY_ASSIGN(KeptStatement find, database.kept("SELECT data FROM uses WHERE blob=?"));
    return UseReader(std::move(find));
}

base::Result<std::vector<StoredUse>> UseReader::of(int64_t blob) {
    TRY_ASSIGN(const bool hasRow, find_->bind(1, blob).step());
    auto uses = unpackUses(hasRow ? find_->text(0) : std::string_view());
    find_->reset();
    return uses;
}

base::Result<std::vector<StoredUse>> UseReader::of(int64_t blob, int64_t name) {
    TRY_ASSIGN(const bool hasRow, find_->bind(1, blob).step());
    std::vector<StoredUse> uses;
    if (std::string_view packed = hasRow ? find_->text(0) : std::string_view(); !packed.empty()) {
        if (!takeSeal(packed)) return damagedUses();
        UseUnpacker unpacker(packed);
        if (unpacker.skipTo(name)) do
                uses.push_back(unpacker.next());
            while (unpacker.hasMore());
        if (unpacker.isDamaged()) return damagedUses();
    }
    find_->reset();
    return uses;
}

}  // namespace moxie::indexer

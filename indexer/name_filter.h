// Which of many names cannot contain a text: for each three bytes, a bit for every run of 64 names
// in one of which they stand. Threads: const methods any, others one at a time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace moxie::indexer {

class NameFilter {
public:
    static constexpr size_t kNames = 64;  // of a run

    // The next name, as it is looked for.
    void add(std::string_view name);

    size_t size() const { return nNames_; }

    void clear() { *this = NameFilter(); }

    // The runs that may hold `part`, in order; the names of a run begin at run * kNames. All runs
    // if it is shorter than three bytes.
    std::vector<uint32_t> runsWith(std::string_view part) const;

private:
    static constexpr size_t kRuns = 64;  // of a group: the bits of a word

    // By the hash of three bytes.
    using Group = std::array<uint64_t, 4096>;

    size_t nNames_ = 0;
    std::vector<Group> groups_;
};

}  // namespace moxie::indexer

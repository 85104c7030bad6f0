#include "tools/observations.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::tools {

namespace {

std::vector<uint64_t> lineHashes(std::string_view content) {
    std::vector<uint64_t> hashes;
    for (const std::string_view line : base::splitLines(content))
        hashes.push_back(base::hash128(line).low);
    return hashes;
}

std::optional<base::Hash128> hashFromHex(std::string_view hex) {
    if (hex.size() != 32) return std::nullopt;
    base::Hash128 hash;
    const auto parse = [&](std::string_view digits, uint64_t& out) {
        const auto [end, ec] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
        return ec == std::errc() && end == digits.data() + digits.size();
    };
    if (!parse(hex.substr(0, 16), hash.high) || !parse(hex.substr(16), hash.low))
        return std::nullopt;
    return hash;
}

}  // namespace

void Observations::record(const std::string& relativePath, std::string_view content) {
    Seen seen{base::hash128(content), lineHashes(content)};
    std::lock_guard lock(mutex_);
    changed_.insert(relativePath);
    seen_[relativePath] = std::move(seen);
}

Observations::State Observations::check(const std::string& relativePath,
                                        std::string_view contentNow) const {
    const base::Hash128 now = base::hash128(contentNow);
    std::lock_guard lock(mutex_);
    const auto found = seen_.find(relativePath);
    if (found == seen_.end()) return State::unseen;
    return found->second.content == now ? State::current : State::stale;
}

std::optional<LineRange> Observations::changedLines(const std::string& relativePath,
                                                    std::string_view contentNow) const {
    const std::vector<uint64_t> now = lineHashes(contentNow);
    std::lock_guard lock(mutex_);
    const auto found = seen_.find(relativePath);
    if (found == seen_.end() || found->second.lines.empty()) return std::nullopt;
    const std::vector<uint64_t>& old = found->second.lines;
    const size_t shorter = std::min(old.size(), now.size());
    size_t head = 0;
    while (head < shorter && old[head] == now[head])
        ++head;
    if (head == old.size() && head == now.size()) return std::nullopt;
    size_t tail = 0;
    while (tail < shorter - head && old[old.size() - 1 - tail] == now[now.size() - 1 - tail])
        ++tail;
    // Lines that only vanished leave an empty range: name the place where they were.
    const auto first = int64_t(head) + 1;
    return LineRange{first, std::max(first, int64_t(now.size() - tail))};
}

void Observations::forget(const std::string& relativePath) {
    std::lock_guard lock(mutex_);
    changed_.insert(relativePath);
    seen_.erase(relativePath);
}

std::vector<std::string> Observations::takeChanges() {
    std::vector<std::string> lines;
    std::lock_guard lock(mutex_);
    for (const std::string& path : changed_) {
        const auto seen = seen_.find(path);
        lines.push_back((seen == seen_.end() ? "-" : seen->second.content.hex()) + " " +
                        base::toValidUtf8(path));
    }
    changed_.clear();
    return lines;
}

bool Observations::apply(std::string_view line) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return false;
    const std::string path(line.substr(space + 1));
    std::lock_guard lock(mutex_);
    if (line.substr(0, space) == "-") {
        seen_.erase(path);
        return true;
    }
    const auto hash = hashFromHex(line.substr(0, space));
    if (!hash) return false;
    seen_[path] = Seen{*hash, {}};
    return true;
}

std::string Observations::toJson() const {
    nlohmann::json object = nlohmann::json::object();
    std::lock_guard lock(mutex_);
    for (const auto& [path, seen] : seen_)
        object[base::toValidUtf8(path)] = seen.content.hex();
    return object.dump();
}

bool Observations::restore(std::string_view json) {
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return false;
    std::map<std::string, Seen> restored;
    for (const auto& [path, value] : object.items()) {
        if (!value.is_string()) return false;
        const auto hash = hashFromHex(value.get_ref<const std::string&>());
        if (!hash) return false;
        restored[path] = Seen{*hash, {}};
    }
    std::lock_guard lock(mutex_);
    seen_ = std::move(restored);
    return true;
}

}  // namespace moxie::tools

#include "engine/kv/prefix_tree.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

constexpr int64_t kUsesOfBranchPoint = 2;  // from here on a point is not thinned

int64_t agreeing(std::span<const int32_t> a, std::span<const int32_t> b) {
    return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
}

bool isPrefixOf(std::span<const int32_t> prefix, std::span<const int32_t> tokens) {
    return agreeing(prefix, tokens) == std::ssize(prefix);
}

std::span<const int32_t> from(std::span<const int32_t> tokens, int64_t page) {
    return tokens.subspan(static_cast<size_t>(page * kPageTokens));
}

int64_t pageDepth(size_t pathNodes) {
    return static_cast<int64_t>(pathNodes) - 1;
}

int64_t pointBytes(const ResumeSnapshot& resume) {
    return resume ? resume->bytes() : 0;
}

}  // namespace

PrefixTree::PrefixTree(const KvLayout& layout, int64_t bytesMax)
    : layout_(&layout),
      bytesMax_(bytesMax),
      root_(&nodes_[base::Hash128{}]) {}

// ---- finding

// The ids that name page `page`; empty if the tokens end before.
std::span<const int32_t> PrefixTree::stepIds(std::span<const int32_t> tokens, int64_t page) const {
    const int64_t begin = page * kPageTokens;
    const int64_t count = kPageTokens + layout_->lookaheadTokens();
    if (begin + count > std::ssize(tokens)) return {};
    return tokens.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
}

PrefixTree::Path PrefixTree::descend(std::span<const int32_t> tokens) {
    Path path = {root_};
    while (true) {
        const auto ids = stepIds(tokens, pageDepth(path.size()));
        if (ids.empty()) return path;
        const auto child = nodes_.find(pageKey(path.back()->key, ids));
        if (child == nodes_.end() || !std::ranges::equal(child->second.ids, ids)) return path;
        path.push_back(&child->second);
    }
}

PrefixTree::Agreement PrefixTree::agreement(const Node& node, std::span<const int32_t> rest) {
    Agreement best;
    const auto consider = [&](const std::vector<int32_t>& ids,
                              const std::shared_ptr<KvPage>& page) {
        const int64_t tokens = std::min(agreeing(ids, rest), kPageTokens);
        if (tokens > best.tokens) best = {.tokens = tokens, .page = page};
    };
    for (const Node* child : node.children)
        consider(child->ids, child->page);
    for (const Tail& tail : node.tails)
        consider(tail.ids, tail.page);
    return best;
}

PrefixTree::Tail* PrefixTree::longestTail(Node& node, std::span<const int32_t> rest) {
    Tail* longest = nullptr;
    for (Tail& tail : node.tails)
        if (isPrefixOf(tail.ids, rest) &&
            (longest == nullptr || tail.ids.size() > longest->ids.size()))
            longest = &tail;
    return longest;
}

std::vector<std::shared_ptr<KvPage>> PrefixTree::pagesOf(const Path& path) {
    std::vector<std::shared_ptr<KvPage>> pages;
    for (const Node* node : path)
        if (node->page) pages.push_back(node->page);
    return pages;
}

void PrefixTree::touch(const Path& path) {
    ++clock_;
    for (Node* node : path)
        node->lastUse = clock_;
}

// The deepest point of the path, or nothing.
TimelineSnapshot PrefixTree::takePoint(Path path, std::span<const int32_t> tokens) {
    for (; !path.empty(); path.pop_back()) {
        const int64_t depth = pageDepth(path.size());
        Tail* tail = longestTail(*path.back(), from(tokens, depth));
        if (tail == nullptr) continue;
        tail->lastUse = clock_;
        ++tail->uses;
        const int64_t count = depth * kPageTokens + std::ssize(tail->ids);
        TimelineSnapshot snapshot = {.tokens = {tokens.begin(), tokens.begin() + count},
                                     .pages = pagesOf(path),
                                     .resume = tail->resume};
        if (tail->page) snapshot.pages.push_back(tail->page);
        return snapshot;
    }
    return {};
}

PrefixTree::Match PrefixTree::find(std::span<const int32_t> tokens) {
    ++stats_.finds;
    Path path = descend(tokens);
    touch(path);
    const int64_t depth = pageDepth(path.size());
    const Agreement inside = agreement(*path.back(), from(tokens, depth));
    Match match = {.knownTokens = depth * kPageTokens + inside.tokens};
    if (layout_->needsResumePoint()) {
        match.snapshot = takePoint(std::move(path), tokens);
    } else {
        match.snapshot = {.tokens = {tokens.begin(), tokens.begin() + match.knownTokens},
                          .pages = pagesOf(path)};
        if (inside.page) match.snapshot.pages.push_back(inside.page);
    }
    const int64_t found = std::ssize(match.snapshot.tokens);
    stats_.hits += found > 0 ? 1 : 0;
    stats_.hitTokens += found;
    return match;
}

// ---- adding

void PrefixTree::hold(const std::shared_ptr<KvPage>& page) {
    if (!page || ++holders_[page.get()] > 1) return;
    ++stats_.pages;
    stats_.bytes += page->bytes();
}

void PrefixTree::letGo(const std::shared_ptr<KvPage>& page) {
    if (!page || --holders_.at(page.get()) > 0) return;
    holders_.erase(page.get());
    --stats_.pages;
    stats_.bytes -= page->bytes();
}

// nullptr: other tokens of the same hash are there.
PrefixTree::Node* PrefixTree::ensureChild(Node& parent, std::span<const int32_t> ids,
                                          const std::shared_ptr<KvPage>& page) {
    const base::Hash128 key = pageKey(parent.key, ids);
    const auto [at, isNew] = nodes_.try_emplace(key);
    Node& node = at->second;
    if (!isNew) return std::ranges::equal(node.ids, ids) ? &node : nullptr;
    node.key = key;
    node.parent = &parent;
    node.ids.assign(ids.begin(), ids.end());
    node.page = page;
    hold(page);
    parent.children.push_back(&node);
    // The rows of tails that end inside of this page are the same.
    for (Tail& tail : parent.tails) {
        if (!tail.page || !isPrefixOf(tail.ids, ids)) continue;
        hold(page);
        letGo(tail.page);
        tail.page = page;
    }
    return &node;
}

void PrefixTree::addTail(Node& node, Tail tail) {
    tail.lastUse = clock_;
    hold(tail.page);
    stats_.points += tail.resume ? 1 : 0;
    stats_.bytes += pointBytes(tail.resume);
    node.tails.push_back(std::move(tail));
}

void PrefixTree::addRowTail(Node& node, std::span<const int32_t> ids,
                            const std::shared_ptr<KvPage>& page) {
    if (ids.empty()) return;
    for (const Node* child : node.children)
        if (isPrefixOf(ids, child->ids)) return;
    for (Tail& tail : node.tails) {
        if (!isPrefixOf(ids, tail.ids)) continue;
        tail.lastUse = clock_;
        return;
    }
    for (size_t i = node.tails.size(); i-- > 0;)
        if (isPrefixOf(node.tails[i].ids, ids)) removeTail(node, i);
    addTail(node, {.ids = {ids.begin(), ids.end()}, .page = page});
}

void PrefixTree::addPoints(const Path& path, const TimelineView& timeline) {
    for (const auto& [count, resume] : *timeline.points) {
        const int64_t depth = layout_->finishedPages(count);
        if (count == 0 || depth > pageDepth(path.size())) continue;
        Node& node = *path[static_cast<size_t>(depth)];
        const auto ids = from(timeline.tokens.first(static_cast<size_t>(count)), depth);
        const auto same = std::ranges::find_if(
            node.tails, [&](const Tail& tail) { return std::ranges::equal(tail.ids, ids); });
        if (same != node.tails.end()) {
            same->lastUse = clock_;
            continue;
        }
        Tail tail = {.ids = {ids.begin(), ids.end()}, .resume = resume};
        if (!ids.empty()) {
            tail.page = timeline.pages[static_cast<size_t>(depth)];
            const Agreement known = agreement(node, ids);
            if (known.tokens == std::ssize(ids)) tail.page = known.page;
        }
        addTail(node, std::move(tail));
    }
}

void PrefixTree::thinPoints(const Path& path, std::span<const int32_t> tokens) {
    std::vector<int64_t> counts;
    for (size_t i = 0; i < path.size(); ++i) {
        const int64_t begin = pageDepth(i + 1) * kPageTokens;
        for (const Tail& tail : path[i]->tails)
            if (tail.uses < kUsesOfBranchPoint && tail.pins == 0 &&
                isPrefixOf(tail.ids, from(tokens, pageDepth(i + 1))))
                counts.push_back(begin + std::ssize(tail.ids));
    }
    std::ranges::sort(counts);
    while (counts.size() > kPointsPerPathMax) {
        const int64_t count = mostCrowdedPoint(counts, std::ssize(tokens));
        std::erase(counts, count);
        const int64_t depth = layout_->finishedPages(count);
        Node& node = *path[static_cast<size_t>(depth)];
        const auto ids = from(tokens.first(static_cast<size_t>(count)), depth);
        for (size_t i = node.tails.size(); i-- > 0;)
            if (std::ranges::equal(node.tails[i].ids, ids)) removeTail(node, i);
    }
}

void PrefixTree::insert(const TimelineView& timeline) {
    const int64_t whole = layout_->finishedPages(std::ssize(timeline.tokens));
    Path path = {root_};
    for (int64_t i = 0; i < whole; ++i) {
        Node* child = ensureChild(*path.back(), stepIds(timeline.tokens, i),
                                  timeline.pages[static_cast<size_t>(i)]);
        if (child == nullptr) break;
        path.push_back(child);
    }
    touch(path);
    if (layout_->needsResumePoint()) {
        addPoints(path, timeline);
        thinPoints(path, timeline.tokens);
    } else if (pageDepth(path.size()) == whole && whole < std::ssize(timeline.pages)) {
        addRowTail(*path.back(), from(timeline.tokens, whole), timeline.pages.back());
    }
    keepBudget();
}

// ---- giving up

void PrefixTree::removeTail(Node& node, size_t index) {
    const auto at = node.tails.begin() + static_cast<std::ptrdiff_t>(index);
    letGo(at->page);
    stats_.points -= at->resume ? 1 : 0;
    stats_.bytes -= pointBytes(at->resume);
    node.tails.erase(at);
}

void PrefixTree::removeLeaf(Node& node) {
    std::erase(node.parent->children, &node);
    letGo(node.page);
    const base::Hash128 key = node.key;
    nodes_.erase(key);
}

// What nothing hangs on and was not used for longest; no node: all of it is pinned.
PrefixTree::Place PrefixTree::leastUsed() {
    Place least;
    int64_t leastUse = 0;
    const auto consider = [&](Node& node, size_t tail, int64_t lastUse) {
        if (least.node != nullptr && lastUse >= leastUse) return;
        least = {.node = &node, .tail = tail};
        leastUse = lastUse;
    };
    for (auto& [key, node] : nodes_) {
        for (size_t i = 0; i < node.tails.size(); ++i)
            if (node.tails[i].pins == 0) consider(node, i, node.tails[i].lastUse);
        const bool isLeaf = &node != root_ && node.children.empty() && node.tails.empty();
        if (isLeaf && node.pins == 0) consider(node, 0, node.lastUse);
    }
    return least;
}

void PrefixTree::keepBudget() {
    while (stats_.bytes > bytesMax_) {
        const Place least = leastUsed();
        if (least.node == nullptr) return;
        if (least.tail < least.node->tails.size())
            removeTail(*least.node, least.tail);
        else
            removeLeaf(*least.node);
        ++stats_.evictions;
    }
}

void PrefixTree::pin(int64_t owner, std::span<const int32_t> tokens) {
    unpin(owner);
    Pin pin = {.path = descend(tokens)};
    for (; !pin.path.empty(); pin.path.pop_back()) {
        Node& node = *pin.path.back();
        Tail* tail = longestTail(node, from(tokens, pageDepth(pin.path.size())));
        if (tail == nullptr && layout_->needsResumePoint()) continue;
        if (tail != nullptr) {
            ++tail->pins;
            pin.tailIds = tail->ids;
        }
        break;
    }
    for (Node* node : pin.path)
        ++node->pins;
    pins_[owner] = std::move(pin);
}

void PrefixTree::unpin(int64_t owner) {
    const auto found = pins_.find(owner);
    if (found == pins_.end()) return;
    const Pin& pin = found->second;
    for (Node* node : pin.path)
        --node->pins;
    if (!pin.path.empty())
        for (Tail& tail : pin.path.back()->tails)
            if (tail.pins > 0 && tail.ids == pin.tailIds) --tail.pins;
    pins_.erase(found);
}

}  // namespace moxie::engine

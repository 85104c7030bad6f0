// A list whose copies share what none of them has changed: a copy costs n / 64 pointers and those
// of the last elements, at most 64; a change after a copy clones one element and the 64 pointers
// beside it. So a model can hand out a snapshot
// at every flush and go on changing its own. Copying is always right; nobody needs to freeze
// anything. Threads: different copies on different threads; one copy on one thread at a time, but
// a list that nobody changes may be read and copied from any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace moxie::desktop {

// Who may change a node in place: the one list that holds this number.
inline uint64_t nextOwner() {
    static std::atomic<uint64_t> counter = 0;
    return ++counter;
}

template <class T>
class SharedList {
public:
    SharedList() : owner_(nextOwner()) {}

    // From now on both lists see every present node as somebody else's.
    SharedList(const SharedList& other)
        : chunks_(other.chunks_),
          last_(other.last_),
          owner_(nextOwner()) {
        other.owner_ = nextOwner();
    }

    SharedList(SharedList&& other) noexcept
        : chunks_(std::move(other.chunks_)),
          last_(std::move(other.last_)),
          owner_(other.owner_.exchange(nextOwner())) {
        other.chunks_.clear();
        other.last_.clear();
    }

    SharedList& operator=(SharedList other) noexcept {
        chunks_ = std::move(other.chunks_);
        last_ = std::move(other.last_);
        owner_ = other.owner_.load();
        return *this;
    }

    ~SharedList() = default;

    int64_t size() const { return firstOfLast() + int64_t(last_.size()); }

    bool isEmpty() const { return last_.empty(); }

    // Requires: 0 <= index < size().
    const T& operator[](int64_t index) const {
        const Nodes& nodes = index < firstOfLast() ? chunks_[size_t(index / kChunk)]->nodes : last_;
        return nodes[size_t(index % kChunk)]->value;
    }

    // Requires: it is not empty.
    const T& back() const { return last_.back()->value; }

    void append(T value) {
        if (int64_t(last_.size()) == kChunk)
            chunks_.push_back(std::make_shared<Chunk>(Chunk{owner_, std::exchange(last_, {})}));
        last_.push_back(std::make_shared<Node>(Node{owner_, std::move(value)}));
    }

    // The element, free to be changed; good until the list is copied. Requires: as operator[].
    T& edit(int64_t index) {
        Nodes& nodes = index < firstOfLast() ? ownChunk(index).nodes : last_;
        std::shared_ptr<Node>& node = nodes[size_t(index % kChunk)];
        if (node->owner != owner_) node = std::make_shared<Node>(Node{owner_, node->value});
        return node->value;
    }

    // Cuts the end off. Requires: 0 <= size <= size().
    void truncate(int64_t size) {
        const int64_t nChunks = size == 0 ? 0 : (size - 1) / kChunk;
        if (nChunks < int64_t(chunks_.size())) {
            last_ = chunks_[size_t(nChunks)]->nodes;
            chunks_.resize(size_t(nChunks));
        }
        last_.resize(size_t(size - firstOfLast()));
    }

    bool operator==(const SharedList& other) const {
        if (size() != other.size()) return false;
        for (int64_t i = 0; i < size(); ++i)
            if (&(*this)[i] != &other[i] && !((*this)[i] == other[i])) return false;
        return true;
    }

private:
    static constexpr int64_t kChunk = 64;

    struct Node {
        uint64_t owner = 0;
        T value;
    };

    using Nodes = std::vector<std::shared_ptr<Node>>;

    struct Chunk {
        uint64_t owner = 0;
        Nodes nodes;
    };

    int64_t firstOfLast() const { return int64_t(chunks_.size()) * kChunk; }

    Chunk& ownChunk(int64_t index) {
        std::shared_ptr<Chunk>& chunk = chunks_[size_t(index / kChunk)];
        if (chunk->owner != owner_) chunk = std::make_shared<Chunk>(Chunk{owner_, chunk->nodes});
        return *chunk;
    }

    std::vector<std::shared_ptr<Chunk>> chunks_;  // full ones
    Nodes last_;                                  // behind them; empty only if the list is
    mutable std::atomic<uint64_t> owner_;  // renewed by copying, also on the side copied from
};

}  // namespace moxie::desktop

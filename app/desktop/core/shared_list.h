// A list whose copies share what none of them has changed: a copy costs n / 64 pointers, a change
// after a copy clones one element and the 64 pointers beside it. So a model can hand out a snapshot
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
          size_(other.size_),
          owner_(nextOwner()) {
        other.owner_ = nextOwner();
    }

    SharedList(SharedList&& other) noexcept
        : chunks_(std::move(other.chunks_)),
          size_(std::exchange(other.size_, 0)),
          owner_(other.owner_.exchange(nextOwner())) {
        other.chunks_.clear();
    }

    SharedList& operator=(SharedList other) noexcept {
        chunks_ = std::move(other.chunks_);
        size_ = other.size_;
        owner_ = other.owner_.load();
        return *this;
    }

    ~SharedList() = default;

    int64_t size() const { return size_; }

    bool isEmpty() const { return size_ == 0; }

    // Requires: 0 <= index < size().
    const T& operator[](int64_t index) const {
        return chunks_[size_t(index / kChunk)]->nodes[size_t(index % kChunk)]->value;
    }

    const T& back() const { return (*this)[size_ - 1]; }

    void append(T value) {
        if (size_ % kChunk == 0) chunks_.push_back(std::make_shared<Chunk>(Chunk{owner_, {}}));
        ownChunk(size_).nodes.push_back(std::make_shared<Node>(Node{owner_, std::move(value)}));
        ++size_;
    }

    // The element, free to be changed; good until the list is copied. Requires: as operator[].
    T& edit(int64_t index) {
        std::shared_ptr<Node>& node = ownChunk(index).nodes[size_t(index % kChunk)];
        if (node->owner != owner_) node = std::make_shared<Node>(Node{owner_, node->value});
        return node->value;
    }

    // Cuts the end off. Requires: 0 <= size <= size().
    void truncate(int64_t size) {
        chunks_.resize(size_t((size + kChunk - 1) / kChunk));
        if (size % kChunk != 0) ownChunk(size).nodes.resize(size_t(size % kChunk));
        size_ = size;
    }

    bool operator==(const SharedList& other) const {
        if (size_ != other.size_) return false;
        for (int64_t i = 0; i < size_; ++i)
            if (&(*this)[i] != &other[i] && !((*this)[i] == other[i])) return false;
        return true;
    }

private:
    static constexpr int64_t kChunk = 64;

    struct Node {
        uint64_t owner = 0;
        T value;
    };

    struct Chunk {
        uint64_t owner = 0;
        std::vector<std::shared_ptr<Node>> nodes;
    };

    Chunk& ownChunk(int64_t index) {
        std::shared_ptr<Chunk>& chunk = chunks_[size_t(index / kChunk)];
        if (chunk->owner != owner_) chunk = std::make_shared<Chunk>(Chunk{owner_, chunk->nodes});
        return *chunk;
    }

    std::vector<std::shared_ptr<Chunk>> chunks_;
    int64_t size_ = 0;
    mutable std::atomic<uint64_t> owner_;  // renewed by copying, also on the side copied from
};

}  // namespace moxie::desktop

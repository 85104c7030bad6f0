#include "indexer/posting_block.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace moxie::indexer {

void appendVarint(std::string& out, uint64_t value) {
    if (value < 0x80) return out.push_back(char(value));
    std::array<char, kVarintBytesMax> bytes;
    out.append(bytes.data(), size_t(putVarint(bytes.data(), value) - bytes.data()));
}

bool takeLongVarint(std::string_view& bytes, uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= uint64_t(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

// The lowest bit of the first count says whether a second one follows.
std::string_view encodePostings(std::span<const Posting> postings, std::string& buffer) {
    buffer.resize(std::max(buffer.size(), postings.size() * 3 * kVarintBytesMax));
    char* end = buffer.data();
    int64_t before = 0;
    for (const Posting& posting : postings) {
        end = putVarint(end, uint64_t(posting.row - before));
        before = posting.row;
        end = putVarint(end, uint64_t(uint32_t(posting.body)) << 1 | uint64_t(posting.names != 0));
        if (posting.names != 0) end = putVarint(end, uint32_t(posting.names));
    }
    return {buffer.data(), size_t(end - buffer.data())};
}

bool decodePostings(std::string_view bytes, std::vector<Posting>& postings) {
    uint64_t row = 0, value = 0, names = 0;
    while (!bytes.empty()) {
        if (!takeVarint(bytes, value)) return false;
        row += value;
        if (!takeVarint(bytes, value)) return false;
        names = 0;
        if ((value & 1) && !takeVarint(bytes, names)) return false;
        postings.push_back({int64_t(row), int32_t(value >> 1), int32_t(names)});
    }
    return true;
}

namespace {

uint32_t sealOf(std::string_view bytes) {
    return uint32_t(base::hash128(bytes).low);
}

}  // namespace

void appendSeal(std::string& bytes) {
    const uint32_t seal = sealOf(bytes);
    std::array<char, sizeof(seal)> end;
    std::memcpy(end.data(), &seal, end.size());
    bytes.append(end.data(), end.size());
}

bool takeSeal(std::string_view& bytes) {
    uint32_t seal = 0;
    if (bytes.size() < sizeof(seal)) return false;
    std::memcpy(&seal, bytes.data() + bytes.size() - sizeof(seal), sizeof(seal));
    bytes.remove_suffix(sizeof(seal));
    return seal == sealOf(bytes);
}

void appendEntry(std::string& block, const BlockEntry& entry) {
    appendVarint(block, entry.word.size());
    block.append(entry.word);
    appendVarint(block, entry.postings.size());
    block.append(entry.postings);
}

bool takeEntry(std::string_view& block, BlockEntry& entry) {
    for (std::string_view* part : {&entry.word, &entry.postings}) {
        uint64_t size = 0;
        if (!takeVarint(block, size) || size > block.size()) return false;
        *part = block.substr(0, size);
        block.remove_prefix(size);
    }
    return true;
}

}  // namespace moxie::indexer

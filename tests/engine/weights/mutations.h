// Damages files in the ways that find most errors in their readers. Seeded, so that a failure can
// be repeated.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace moxie::tests {

class Mutations {
public:
    // `words`: texts that mean something to the reader.
    Mutations(std::span<const std::byte> whole, std::vector<std::string_view> words, uint32_t seed)
        : whole_(whole.begin(), whole.end()),
          words_(std::move(words)),
          random_(seed) {}

    std::vector<uint8_t> next() {
        std::vector<uint8_t> bytes;
        for (const std::byte byte : whole_)
            bytes.push_back(static_cast<uint8_t>(byte));
        for (auto changes = 1 + random_() % 6; changes > 0 && !bytes.empty(); --changes)
            change(bytes);
        return bytes;
    }

private:
    void change(std::vector<uint8_t>& bytes) {
        const size_t at = random_() % bytes.size();
        const auto place = bytes.begin() + static_cast<int64_t>(at);
        switch (random_() % 7) {
            case 0:
                bytes[at] = static_cast<uint8_t>(random_());
                break;
            case 1:
                bytes[at] = static_cast<uint8_t>(bytes[at] ^ (1U << random_() % 8));
                break;
            case 2:
                bytes.insert(place, static_cast<uint8_t>(random_()));
                break;
            case 3:
                bytes.erase(place);
                break;
            case 4:
                if (!words_.empty()) {
                    const std::string_view word = words_[random_() % words_.size()];
                    bytes.insert(place, word.begin(), word.end());
                }
                break;
            case 5: {
                const size_t count = std::min<size_t>(bytes.size() - at, random_() % 64);
                const std::vector<uint8_t> part(place, place + static_cast<int64_t>(count));
                bytes.insert(bytes.begin() + static_cast<int64_t>(random_() % bytes.size()),
                             part.begin(), part.end());
                break;
            }
            default:
                bytes.resize(at);
        }
    }

    std::vector<std::byte> whole_;
    std::vector<std::string_view> words_;
    std::mt19937 random_;
};

}  // namespace moxie::tests

#include "engine/tokenizer/byte_alphabet.h"

#include <array>
#include <cstdint>

namespace moxie::engine {

namespace {

constexpr int kCharacters = 256 + 68;  // code points used: printable Latin-1, then U+0100..U+0143

constexpr bool isPrintable(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

constexpr std::array<int16_t, 256> makeCharacterOfByte() {
    std::array<int16_t, 256> table{};
    int16_t next = 256;
    for (int byte = 0; byte < 256; ++byte)
        table[size_t(byte)] = isPrintable(byte) ? int16_t(byte) : next++;
    return table;
}

constexpr std::array<int16_t, 256> kCharacterOfByte = makeCharacterOfByte();

constexpr std::array<int16_t, kCharacters> makeByteOfCharacter() {
    std::array<int16_t, kCharacters> table{};
    for (auto& entry : table)
        entry = -1;
    for (size_t byte = 0; byte < 256; ++byte)
        table[size_t(kCharacterOfByte[byte])] = int16_t(byte);
    return table;
}

constexpr std::array<int16_t, kCharacters> kByteOfCharacter = makeByteOfCharacter();

}  // namespace

std::optional<std::string> bytesOfAlphabet(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (size_t pos = 0; pos < text.size(); ++pos) {
        auto character = int(uint8_t(text[pos]));
        if (character >= 0x80) {
            // The alphabet ends at U+0143, so two-byte sequences are all there is.
            const bool isLead = character >= 0xC2 && character <= 0xC5;
            if (!isLead || pos + 1 == text.size()) return std::nullopt;
            const auto tail = int(uint8_t(text[++pos]));
            if ((tail & 0xC0) != 0x80) return std::nullopt;
            character = (character & 0x1F) << 6 | (tail & 0x3F);
        }
        if (character >= kCharacters || kByteOfCharacter[size_t(character)] < 0)
            return std::nullopt;
        bytes.push_back(char(kByteOfCharacter[size_t(character)]));
    }
    return bytes;
}

std::string alphabetOfBytes(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (const char byte : bytes) {
        const int character = kCharacterOfByte[uint8_t(byte)];
        if (character < 0x80) {
            text.push_back(char(character));
        } else {
            text.push_back(char(0xC0 | character >> 6));
            text.push_back(char(0x80 | (character & 0x3F)));
        }
    }
    return text;
}

}  // namespace moxie::engine

// Builds GGUF files in memory for tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gguf/gguf_file.h"

namespace moxie::tests {

class GgufBytes {
public:
    explicit GgufBytes(uint32_t version = 3) : version_(version) {}

    template <class T>
    void number(std::string_view key, engine::GgufType type, T value) {
        beginEntry(key, type);
        append(entries_, value);
    }

    void string(std::string_view key, std::string_view value) {
        beginEntry(key, engine::GgufType::string);
        text(entries_, value);
    }

    void strings(std::string_view key, const std::vector<std::string>& values) {
        beginArray(key, engine::GgufType::string, values.size());
        for (const std::string& value : values)
            text(entries_, value);
    }

    template <class T>
    void numbers(std::string_view key, engine::GgufType type, const std::vector<T>& values) {
        beginArray(key, type, values.size());
        for (const T value : values)
            append(entries_, value);
    }

    void tensor(std::string_view name, uint32_t type, const std::vector<uint64_t>& dims,
                const std::vector<uint8_t>& data) {
        text(tensors_, name);
        append(tensors_, static_cast<uint32_t>(dims.size()));
        for (const uint64_t dim : dims)
            append(tensors_, dim);
        append(tensors_, type);
        append(tensors_, static_cast<uint64_t>(data_.size()));
        data_.insert(data_.end(), data.begin(), data.end());
        data_.resize((data_.size() + 31) / 32 * 32);
        ++nTensors_;
    }

    void floats(std::string_view name, const std::vector<uint64_t>& dims,
                const std::vector<float>& values) {
        std::vector<uint8_t> data(values.size() * sizeof(float));
        std::memcpy(data.data(), values.data(), data.size());
        tensor(name, 0, dims, data);
    }

    std::vector<std::byte> bytes() const {
        std::vector<uint8_t> file = {'G', 'G', 'U', 'F'};
        append(file, version_);
        append(file, nTensors_);
        append(file, nEntries_);
        file.insert(file.end(), entries_.begin(), entries_.end());
        file.insert(file.end(), tensors_.begin(), tensors_.end());
        file.resize((file.size() + 31) / 32 * 32);
        file.insert(file.end(), data_.begin(), data_.end());
        const auto view = std::as_bytes(std::span(file));
        return {view.begin(), view.end()};
    }

private:
    template <class T>
    static void append(std::vector<uint8_t>& out, T value) {
        uint8_t raw[sizeof(T)];
        std::memcpy(raw, &value, sizeof value);
        out.insert(out.end(), raw, raw + sizeof raw);
    }

    static void text(std::vector<uint8_t>& out, std::string_view value) {
        append(out, static_cast<uint64_t>(value.size()));
        out.insert(out.end(), value.begin(), value.end());
    }

    void beginEntry(std::string_view key, engine::GgufType type) {
        text(entries_, key);
        append(entries_, static_cast<uint32_t>(type));
        ++nEntries_;
    }

    void beginArray(std::string_view key, engine::GgufType type, size_t count) {
        beginEntry(key, engine::GgufType::array);
        append(entries_, static_cast<uint32_t>(type));
        append(entries_, static_cast<uint64_t>(count));
    }

    uint32_t version_;
    uint64_t nTensors_ = 0;
    uint64_t nEntries_ = 0;
    std::vector<uint8_t> entries_, tensors_, data_;
};

// One of each kind of entry and a few tensors.
inline GgufBytes smallGguf() {
    using engine::GgufType;
    GgufBytes file;
    file.string("general.architecture", "llama");
    file.number<uint32_t>("a.u32", GgufType::u32, 7);
    file.number<int64_t>("a.i64", GgufType::i64, -5);
    file.number<float>("a.f32", GgufType::f32, 0.5F);
    file.number<uint8_t>("a.bool", GgufType::boolean, 1);
    file.strings("a.strings", {"one", "", "three"});
    file.numbers<float>("a.floats", GgufType::f32, {1, 2, 3});
    file.numbers<int32_t>("a.ints", GgufType::i32, {-1, 2});
    file.tensor("matrix", 3, {64, 3}, std::vector<uint8_t>(3 * 40, 0x21));
    file.floats("vector", {5}, {1, 2, 3, 4, 5});
    return file;
}

}  // namespace moxie::tests

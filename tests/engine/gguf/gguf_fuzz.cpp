// One fuzz input: parses it and touches all that a reader of the result may touch. Built as a
// libFuzzer target where clang is (moxie_gguf_fuzz), and driven by gguf_file_test.cpp everywhere.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/gguf/gguf_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto file =
        moxie::engine::GgufFile::parse({reinterpret_cast<const std::byte*>(data), size});
    if (!file) return 0;
    uint64_t sum = 0;
    for (const auto& entry : file->entries()) {
        for (const char c : entry.key)
            sum += static_cast<uint8_t>(c);
        for (const char c : entry.text)
            sum += static_cast<uint8_t>(c);
        for (const std::string_view text : entry.strings)
            for (const char c : text)
                sum += static_cast<uint8_t>(c);
        sum += file->numbers(entry.key).size() + file->integers(entry.key).size();
        sum += file->integer(entry.key).has_value() ? 1 : 0;
        sum += file->number(entry.key).has_value() ? 1 : 0;
    }
    for (const auto& tensor : file->tensors()) {
        const uint8_t* begin = tensor.weights.data;
        if (begin < data || tensor.bytes < 0 ||
            static_cast<size_t>(begin - data) + static_cast<size_t>(tensor.bytes) > size ||
            tensor.weights.rows * tensor.weights.rowBytes != tensor.bytes)
            std::abort();
        for (int64_t i = 0; i < tensor.bytes; ++i)
            sum += begin[i];
    }
    volatile uint64_t sink = sum;
    static_cast<void>(sink);
    return 0;
}

// Builds safetensors files in memory for tests, bad ones too.
#pragma once
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::tests {

class SafetensorsBytes {
public:
    // Data of the right size, byte i of tensor k being 7 i + k.
    void tensor(std::string_view name, std::string_view type, const std::vector<int64_t>& shape,
                int64_t bytes) {
        std::vector<uint8_t> data(static_cast<size_t>(bytes));
        for (size_t i = 0; i < data.size(); ++i)
            data[i] = static_cast<uint8_t>(7 * i + nTensors_);
        tensor(name, type, shape, data);
    }

    void tensor(std::string_view name, std::string_view type, const std::vector<int64_t>& shape,
                const std::vector<uint8_t>& data) {
        entry(fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", name,
                          type, fmt::join(shape, ","), data_.size(), data_.size() + data.size()));
        data_.insert(data_.end(), data.begin(), data.end());
        ++nTensors_;
    }

    // Any member of the header.
    void entry(std::string_view json) {
        if (header_.size() > 1) header_ += ',';
        header_ += json;
    }

    std::vector<std::byte> bytes() const {
        const std::string header = header_ + "}";
        std::vector<std::byte> file(8 + header.size() + data_.size());
        const uint64_t length = header.size();
        std::memcpy(file.data(), &length, sizeof length);
        std::memcpy(file.data() + 8, header.data(), header.size());
        if (!data_.empty())
            std::memcpy(file.data() + 8 + header.size(), data_.data(), data_.size());
        return file;
    }

private:
    std::string header_ = "{";
    std::vector<uint8_t> data_;
    size_t nTensors_ = 0;
};

// One of each way to store weights.
inline SafetensorsBytes smallSafetensors() {
    SafetensorsBytes file;
    file.entry(R"("__metadata__":{"format":"pt"})");
    file.tensor("norm.weight", "BF16", {6}, 12);
    file.tensor("bias", "F32", {2, 3}, 24);
    file.tensor("half", "F16", {2, 3}, 12);
    file.tensor("ids", "I64", {2, 2}, 32);
    file.tensor("scalar", "F32", {}, 4);
    file.tensor("a.weight", "F8_E4M3", {130, 129}, 130 * 129);
    file.tensor("a.weight_scale_inv", "F32", {2, 2}, 16);
    file.tensor("b.weight", "F8_E4M3", {4, 8}, 32);
    file.tensor("b.scale", "F8_E8M0", {1, 1}, 1);
    file.tensor("c.weight", "I8", {3, 32}, 96);
    file.tensor("c.scale", "F8_E8M0", {3, 2}, 6);
    file.tensor("d.weight_packed", "I32", {5, 8}, 160);
    file.tensor("d.weight_scale", "BF16", {5, 2}, 20);
    file.tensor("d.weight_shape", "I64", {2}, {5, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0});
    file.tensor("e_blocks", "U8", {2, 3, 2, 16}, 192);
    file.tensor("e_scales", "U8", {2, 3, 2}, 12);
    return file;
}

}  // namespace moxie::tests

// A folder of files for one test, removed at its end.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace moxie::tests {

class ModelFolder {
public:
    ModelFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "moxie-model-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }

    ~ModelFolder() {
        std::error_code ec;
        std::filesystem::remove_all(path_, ec);
    }

    ModelFolder(const ModelFolder&) = delete;
    ModelFolder& operator=(const ModelFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    void write(std::string_view name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

    void write(std::string_view name, std::span<const std::byte> bytes) const {
        write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }

    void remove(std::string_view name) const { std::filesystem::remove(path_ / name); }

private:
    std::filesystem::path path_;
};

}  // namespace moxie::tests

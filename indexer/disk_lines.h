// Lines of files on disk; reads each file once. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace moxie::indexer {

class DiskLines {
public:
    explicit DiskLines(const std::filesystem::path& root) : root_(root) {}

    // Valid UTF-8; empty if the file is gone or shorter now.
    std::string lines(const std::string& path, int32_t first, int32_t last);

private:
    struct File {
        std::string text;
        int32_t line = 1;  // where one was looked for last
        size_t first = 0;  // its first byte
    };

    File& file(const std::string& path);

    const std::filesystem::path& root_;
    std::map<std::string, File> files_;
};

}  // namespace moxie::indexer

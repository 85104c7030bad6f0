// Lines of files on disk; reads each file once. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace moxie::indexer {

class DiskLines {
public:
    explicit DiskLines(const std::filesystem::path& root);
    ~DiskLines();
    DiskLines(const DiskLines&) = delete;
    DiskLines& operator=(const DiskLines&) = delete;

    // Valid UTF-8; empty if the file is gone or shorter now.
    std::string lines(const std::string& path, int32_t first, int32_t last);

private:
    struct File {
        std::unique_ptr<char[]> bytes;
        std::string_view text;
        int32_t line = 1;  // where one was looked for last
        size_t first = 0;  // its first byte
    };

    File& file(const std::string& path);
    void read(const std::string& path, File& into) const;

    int folder_ = -1;  // the root, opened: paths below it are found faster
    std::map<std::string, File> files_;
};

}  // namespace moxie::indexer

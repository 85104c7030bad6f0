// Writes two-dimensional float32 arrays as NumPy's .npy, row by row, without holding them.
// Threads: one thread at a time.
// Source: NumPy enhancement proposal 1, format version 1.0.
#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"

namespace moxie::engine {

class NpyWriter {
public:
    // Creates or replaces the file. Fails: denied, io, notFound (folder).
    static base::Result<NpyWriter> create(const std::filesystem::path& path, int64_t rows,
                                          int64_t cols);

    // Requires: row.size() == cols. Fails: io.
    base::Status write(std::span<const float> row);

    // Must be called last. Fails: io; invalidInput if fewer rows were written than announced.
    base::Status close();

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::unique_ptr<std::FILE, Close> file_;
    int64_t rows_ = 0;
    int64_t cols_ = 0;
    int64_t written_ = 0;
};

}  // namespace moxie::engine

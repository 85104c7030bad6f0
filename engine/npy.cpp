#include "engine/npy.h"

#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <utility>

namespace moxie::engine {

base::Result<NpyWriter> NpyWriter::create(const std::filesystem::path& path, int64_t rows,
                                          int64_t cols) {
    NpyWriter writer;
    writer.rows_ = rows;
    writer.cols_ = cols;
    writer.file_.reset(std::fopen(path.c_str(), "wb"));
    if (writer.file_ == nullptr)
        return base::fail(base::errnoError(errno, fmt::format("open {}", path.string())));
    std::string header =
        fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, cols);
    // Magic, version, length and header together are a multiple of 64 and end with a new line.
    constexpr size_t kPreamble = 10;
    header.append(63 - (kPreamble + header.size()) % 64, ' ');
    header.push_back('\n');
    std::string start = "\x93NUMPY";
    start.push_back(1);
    start.push_back(0);
    start.push_back(static_cast<char>(header.size() & 0xff));
    start.push_back(static_cast<char>(header.size() >> 8));
    start += header;
    if (std::fwrite(start.data(), 1, start.size(), writer.file_.get()) != start.size())
        return base::fail(base::errnoError(errno, "write .npy header"));
    return writer;
}

base::Status NpyWriter::write(std::span<const float> row) {
    BASE_CHECK(std::ssize(row) == cols_);
    if (std::fwrite(row.data(), sizeof(float), row.size(), file_.get()) != row.size())
        return base::fail(base::errnoError(errno, "write .npy row"));
    ++written_;
    return {};
}

base::Status NpyWriter::close() {
    if (written_ != rows_)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} of {} rows written", written_, rows_));
    if (std::fclose(file_.release()) != 0) return base::fail(base::errnoError(errno, "close .npy"));
    return {};
}

}  // namespace moxie::engine

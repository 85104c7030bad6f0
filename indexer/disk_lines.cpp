#include "indexer/disk_lines.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kLookupBytesMax = 8'000'000;

}  // namespace

const DiskLines::File& DiskLines::file(const std::string& path) {
    const auto [at, isNew] = files_.try_emplace(path);
    if (isNew) {
        if (auto read = base::readFile(root_ / path, kLookupBytesMax))
            at->second.text = std::move(*read);
        at->second.starts = lineStarts(at->second.text);
    }
    return at->second;
}

const std::string& DiskLines::text(const std::string& path) {
    return file(path).text;
}

std::string DiskLines::lines(const std::string& path, int32_t first, int32_t last) {
    const File& own = file(path);
    const auto count = int32_t(own.starts.size()) - 1;
    if (first < 1 || first > count) return {};
    last = std::clamp(last, first, count);
    const size_t begin = own.starts[size_t(first - 1)], end = own.starts[size_t(last)];
    return base::toValidUtf8(std::string_view(own.text).substr(begin, end - begin));
}

}  // namespace moxie::indexer

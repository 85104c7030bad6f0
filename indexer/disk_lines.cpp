#include "indexer/disk_lines.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kLookupBytesMax = 8'000'000;

}  // namespace

DiskLines::File& DiskLines::file(const std::string& path) {
    const auto [at, isNew] = files_.try_emplace(path);
    if (isNew)
        if (auto read = base::readFile(root_ / path, kLookupBytesMax))
            at->second.text = std::move(*read);
    return at->second;
}

std::string DiskLines::lines(const std::string& path, int32_t first, int32_t last) {
    File& own = file(path);
    if (first < 1 || last < first) return {};
    const std::string_view text = own.text;
    if (first < own.line) own.line = 1, own.first = 0;
    for (; own.line < first; own.line++) {
        const size_t end = text.find('\n', own.first);
        if (end == text.npos) return {};
        own.first = end + 1;
    }
    size_t end = own.first;
    for (int32_t line = first; line <= last && end < text.size(); line++)
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    return base::toValidUtf8(text.substr(own.first, end - own.first));
}

}  // namespace moxie::indexer

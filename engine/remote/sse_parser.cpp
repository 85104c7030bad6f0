#include "engine/remote/sse_parser.h"

#include <fmt/format.h>

#include <utility>

namespace moxie::engine {

namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}

base::Status SseParser::feed(std::string_view bytes, std::vector<SseItem>& out) {
    size_t pos = 0;
    while (pos < bytes.size()) {
        if (sawCarriageReturn_) {
            sawCarriageReturn_ = false;
            if (bytes[pos] == '\n') {
                ++pos;
                continue;
            }
        }
        const size_t end = bytes.find_first_of("\r\n", pos);
        const std::string_view piece = bytes.substr(pos, end - pos);
        if (int64_t(line_.size() + piece.size()) > eventBytesMax_)
            return base::fail(base::Errc::corrupt,
                              fmt::format("an event line is longer than {} bytes", eventBytesMax_));
        line_.append(piece);
        if (end == std::string_view::npos) break;
        sawCarriageReturn_ = bytes[end] == '\r';
        pos = end + 1;
        TRY(endLine(out));
    }
    return {};
}

base::Status SseParser::finish(std::vector<SseItem>& out) {
    if (!line_.empty()) TRY(endLine(out));
    endEvent(out);
    return {};
}

base::Status SseParser::endLine(std::vector<SseItem>& out) {
    std::string line = std::exchange(line_, {});
    if (std::exchange(isFirstLine_, false) && line.starts_with(kByteOrderMark))
        line.erase(0, kByteOrderMark.size());
    if (line.empty()) {
        endEvent(out);
        return {};
    }
    const size_t colon = line.find(':');
    const std::string_view field = std::string_view(line).substr(0, colon);
    std::string_view value;
    if (colon != std::string::npos) value = std::string_view(line).substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (colon == 0) {
        out.push_back({.kind = SseItem::Kind::comment, .name = {}, .data = std::string(value)});
    } else if (field == "event") {
        name_ = value;
    } else if (field == "data") {
        if (int64_t(data_.size() + value.size()) > eventBytesMax_)
            return base::fail(base::Errc::corrupt,
                              fmt::format("an event is larger than {} bytes", eventBytesMax_));
        if (hasData_) data_.push_back('\n');
        data_.append(value);
        hasData_ = true;
    }
    // "id", "retry" and unknown fields mean nothing to us: an answer is never resumed.
    return {};
}

void SseParser::endEvent(std::vector<SseItem>& out) {
    if (hasData_)
        out.push_back({.kind = SseItem::Kind::event,
                       .name = std::move(name_),
                       .data = std::exchange(data_, {})});
    name_.clear();
    data_.clear();
    hasData_ = false;
}

}  // namespace moxie::engine

#include "indexer/ranking/stack_frames.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr size_t kFramesMax = 40;

bool isPlaceByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '.' || c == '/' || c == '\\' || c == '@';
}

bool isFunctionByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '.' || c == ':' || c == '<' || c == '>' || c == '~';
}

int32_t leadingNumber(std::string_view text) {
    int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end != text.data() && number > 0 ? number : 0;
}

// "src/a.c", not "12.5" and not "a.b.c::d".
bool isFileName(std::string_view path) {
    const std::string_view name = path.substr(path.find_last_of("/\\") + 1);
    const size_t dot = name.rfind('.');
    if (dot == name.npos || dot == 0 || name.size() - dot < 2 || name.size() - dot > 6)
        return false;
    const char first = name[dot + 1];
    return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
}

// "run" of "com.acme.Job.run", "Job::run".
std::string_view lastPart(std::string_view name) {
    const size_t at = name.find_last_of(".:");
    return at == name.npos ? name : name.substr(at + 1);
}

// The word after "in" or "at" that a bracket follows: "#1 0x2a in run (job=0x0) at job.c:9",
// "at run (job.js:9:3)", "at com.acme.Job.run(Job.java:9)".
std::string_view functionBefore(std::string_view text) {
    for (const std::string_view mark : {" in ", "at "}) {
        const size_t at = text.rfind(mark) == text.npos ? text.npos : text.find(mark);
        if (at == text.npos) continue;
        std::string_view rest = text.substr(at + mark.size());
        if (rest.starts_with("async ")) rest.remove_prefix(6);
        size_t end = 0;
        while (end < rest.size() && isFunctionByte(rest[end]))
            end++;
        const size_t bracket = rest.find_first_not_of(' ', end);
        if (end > 0 && bracket != rest.npos && rest[bracket] == '(')
            return lastPart(rest.substr(0, end));
    }
    return {};
}

bool addPythonFrame(std::string_view line, std::vector<QueryFrame>& frames) {
    const size_t file = line.find("File \"");
    if (file == line.npos) return false;
    const size_t end = line.find("\", line ", file);
    if (end == line.npos) return false;
    QueryFrame frame;
    frame.path = line.substr(file + 6, end - file - 6);
    frame.line = leadingNumber(line.substr(end + 8));
    if (const size_t in = line.find(", in ", end); in != line.npos)
        frame.function = lastPart(base::trim(line.substr(in + 5)));
    if (frame.line > 0) frames.push_back(std::move(frame));
    return true;
}

void addPlaces(std::string_view line, std::vector<QueryFrame>& frames) {
    for (size_t colon = line.find(':'); colon != line.npos; colon = line.find(':', colon + 1)) {
        const int32_t number = leadingNumber(line.substr(colon + 1));
        if (number == 0) continue;
        size_t first = colon;
        while (first > 0 && isPlaceByte(line[first - 1]))
            first--;
        std::string path(line.substr(first, colon - first));
        if (!isFileName(path)) continue;
        std::replace(path.begin(), path.end(), '\\', '/');
        frames.push_back({.path = std::move(path),
                          .function = std::string(functionBefore(line.substr(0, first))),
                          .line = number});
    }
}

}  // namespace

std::vector<QueryFrame> stackFrames(std::string_view text) {
    std::vector<QueryFrame> frames;
    for (const std::string_view line : base::splitLines(text)) {
        if (frames.size() >= kFramesMax) break;
        if (!addPythonFrame(line, frames)) addPlaces(line, frames);
    }
    if (frames.size() > kFramesMax) frames.resize(kFramesMax);
    return frames;
}

}  // namespace moxie::indexer

#include "app/desktop/text/place_links.h"

#include <algorithm>
#include <charconv>

namespace moxie::desktop {

namespace {

constexpr size_t kPathBytesMax = 400;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t(c) & 0x80) != 0;
}

bool isPathChar(char c) {
    return isLetter(c) || isDigit(c) ||
           std::string_view("/._-+@").find(c) != std::string_view::npos;
}

// A number of 1 to 7 digits at `pos`, which moves behind it; 0: none.
int32_t takeNumber(std::string_view text, size_t& pos) {
    size_t end = pos;
    while (end < text.size() && isDigit(text[end]))
        ++end;
    if (end == pos || end - pos > 7) return 0;
    int32_t number = 0;
    std::from_chars(text.data() + pos, text.data() + end, number);
    pos = end;
    return number;
}

bool isPath(std::string_view path) {
    return path.size() <= kPathBytesMax && path.find_first_of("./") != std::string_view::npos &&
           std::any_of(path.begin(), path.end(), isLetter) && path.back() != '.' &&
           path.back() != '/';
}

}  // namespace

std::vector<PlaceFound> findPlaces(std::string_view text) {
    std::vector<PlaceFound> found;
    size_t from = 0;
    for (size_t colon = text.find(':'); colon != std::string_view::npos;
         colon = text.find(':', std::max(colon + 1, from))) {
        size_t begin = colon;
        while (begin > from && isPathChar(text[begin - 1]) && colon - begin <= kPathBytesMax)
            --begin;
        size_t end = colon + 1;
        const int32_t line = takeNumber(text, end);
        if (line == 0 || begin == colon || !isPath(text.substr(begin, colon - begin))) continue;
        // "http://host.name:80" and "12:30:55.1:7" are no places.
        if (begin > 0 && text[begin - 1] == ':') continue;
        PlaceFound place = {int32_t(begin), 0, std::string(text.substr(begin, colon - begin)),
                            line};
        if (end < text.size() && text[end] == ':') {
            size_t columnEnd = end + 1;
            place.column = takeNumber(text, columnEnd);
            if (place.column > 0) end = columnEnd;
        }
        if (end < text.size() && (isLetter(text[end]) || text[end] == '/')) continue;
        place.end = int32_t(end);
        found.push_back(std::move(place));
        from = end;
    }
    return found;
}

void addPlaceLinks(MarkdownBlock& block) {
    const std::vector<PlaceFound> places = findPlaces(block.text);
    if (places.empty()) return;
    std::vector<TextRun> runs;
    size_t next = 0;
    for (TextRun run : block.runs) {
        while (next < places.size() && places[next].begin < run.end) {
            const PlaceFound& place = places[next++];
            // A place that a mark or a link cuts through is none.
            if (run.link >= 0 || place.begin < run.begin || place.end > run.end) continue;
            if (place.begin > run.begin) runs.push_back({run.begin, place.begin, run.flags, -1});
            runs.push_back({place.begin, place.end, run.flags, int32_t(block.links.size())});
            block.links.push_back({TextLink::Kind::place, place.path, place.line, place.column});
            run.begin = place.end;
        }
        if (run.begin < run.end) runs.push_back(run);
    }
    block.runs = std::move(runs);
}

bool linkFromTarget(std::string_view target, TextLink& link) {
    if (target.empty() || target.size() > 4000) return false;
    std::string scheme(target.substr(0, std::min<size_t>(target.find(':'), 8)));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (scheme.size() < target.size() && target[scheme.size()] == ':' &&
        (scheme == "http" || scheme == "https" || scheme == "mailto")) {
        link = {TextLink::Kind::web, std::string(target)};
        return true;
    }
    const size_t part = target.find('#');
    const std::string_view path = target.substr(0, part);
    if (path.empty()) return false;
    if (const auto places = findPlaces(target);
        places.size() == 1 && places[0].begin == 0 && places[0].end == int32_t(target.size())) {
        link = {TextLink::Kind::place, places[0].path, places[0].line, places[0].column};
        return true;
    }
    if (path.find(':') != std::string_view::npos) return false;
    link = {TextLink::Kind::place, std::string(path)};
    if (part != std::string_view::npos && target.substr(part).starts_with("#L")) {
        size_t digits = part + 2;
        link.line = takeNumber(target, digits);
    }
    return true;
}

}  // namespace moxie::desktop

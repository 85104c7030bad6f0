// Finds "src/list.cpp:41:7" in running text and makes it a link to that place. It looks only at
// the text; whether the file exists is for the view to find out. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/text/markdown_block.h"

namespace moxie::desktop {

struct PlaceFound {
    int32_t begin = 0, end = 0;  // bytes of the text
    std::string path = {};
    int32_t line = 0, column = 0;  // column 0: not said
};

// In order, not overlapping. A place has a path with a dot or a slash, a letter, and a line number.
std::vector<PlaceFound> findPlaces(std::string_view text);

// Adds the places in `block.text` to its links, outside links that are there already.
void addPlaceLinks(MarkdownBlock& block);

// What a link in Markdown may lead to: the web, or a place in the repository ("src/a.cpp#L12").
// False: neither (javascript:, data:, file:, "#part"), so the text stays without a link.
bool linkFromTarget(std::string_view target, TextLink& link);

}  // namespace moxie::desktop

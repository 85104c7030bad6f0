// Holds the plan of the house: who may include whom (the table is the one of the README, section
// "Rooms"), that only a room's public headers are used from outside, that Qt stays in app/desktop,
// and that files do not include in circles.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "tests/catch.h"

namespace {

namespace fs = std::filesystem;

struct Include {
    std::string file, target;  // relative to the root of the tree
    bool isQuoted = false;
};

const std::map<std::string, std::set<std::string>> kAllowed = {
    {"base", {}},
    {"kernels", {"base"}},
    {"engine", {"kernels", "base"}},
    {"indexer", {"base"}},
    {"tools", {"indexer", "base"}},
    {"agent", {"tools", "indexer", "base", "engine"}},
    {"plugins", {"tools", "base", "agent"}},
    {"app", {"base", "kernels", "engine", "indexer", "tools", "agent", "plugins"}},
};

// Where a room may use only one header of another.
const std::map<std::pair<std::string, std::string>, std::set<std::string>> kDoors = {
    // The second is the door's own rule of what a request may hold.
    {{"agent", "engine"}, {"engine/chat_model.h", "engine/chat_images.h"}},
    {{"plugins", "agent"}, {"agent/plugin.h"}},
};

std::string roomOf(const std::string& path) {
    return path.substr(0, path.find('/'));
}

std::vector<std::string> sourceFiles() {
    std::vector<std::string> files;
    const fs::path root = MOXIE_SOURCE_DIR;
    for (const auto& [room, unused] : kAllowed) {
        if (!fs::exists(root / room)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
            const std::string extension = entry.path().extension().string();
            if (extension == ".h" || extension == ".cpp" || extension == ".cu")
                files.push_back(fs::relative(entry.path(), root).string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<Include> includesOf(const std::string& file) {
    std::vector<Include> found;
    const auto text = moxie::base::readFile(fs::path(MOXIE_SOURCE_DIR) / file);
    REQUIRE(text.has_value());
    for (const std::string_view raw : moxie::base::splitLines(*text)) {
        const std::string_view line = moxie::base::trim(raw);
        if (!line.starts_with("#include")) continue;
        const size_t begin = line.find_first_of("\"<");
        const size_t end = line.find_last_of("\">");
        if (begin == std::string_view::npos || end <= begin) continue;
        found.push_back(
            {file, std::string(line.substr(begin + 1, end - begin - 1)), line[begin] == '"'});
    }
    return found;
}

std::vector<Include> allIncludes() {
    std::vector<Include> all;
    for (const std::string& file : sourceFiles())
        for (Include& include : includesOf(file))
            all.push_back(std::move(include));
    return all;
}

// The headers named in the paragraph of the room's README that begins with "Public headers:".
std::set<std::string> publicHeaders(const std::string& room) {
    std::set<std::string> headers;
    const auto text = moxie::base::readFile(fs::path(MOXIE_SOURCE_DIR) / room / "README.md");
    if (!text) return headers;
    size_t begin = text->find("Public headers:");
    if (begin == std::string::npos) return headers;
    const std::string paragraph = text->substr(begin, text->find("\n\n", begin) - begin);
    static const std::regex kHeader("[a-z0-9_/]+\\.h\\b");
    for (std::sregex_iterator it(paragraph.begin(), paragraph.end(), kHeader), last; it != last;
         ++it)
        headers.insert(room + "/" + it->str());
    return headers;
}

}  // namespace

TEST_CASE("rooms include only the rooms below them", "[house]") {
    const auto includes = allIncludes();
    REQUIRE(includes.size() > 100);  // the walk found the tree
    for (const Include& include : includes) {
        const std::string from = roomOf(include.file), to = roomOf(include.target);
        if (from == to || kAllowed.count(to) == 0 || !include.isQuoted) continue;
        CAPTURE(include.file, include.target);
        CHECK(kAllowed.at(from).count(to) == 1);
        if (const auto doors = kDoors.find({from, to}); doors != kDoors.end())
            CHECK(doors->second.count(include.target) == 1);
    }
}

TEST_CASE("from outside only public headers of a room are included", "[house]") {
    std::map<std::string, std::set<std::string>> open;
    for (const auto& [room, unused] : kAllowed)
        open[room] = publicHeaders(room);
    for (const Include& include : allIncludes()) {
        const std::string from = roomOf(include.file), to = roomOf(include.target);
        if (from == to || kAllowed.count(to) == 0 || !include.isQuoted) continue;
        CAPTURE(include.file, include.target);
        CHECK(open.at(to).count(include.target) == 1);
    }
}

TEST_CASE("every header that a README calls public exists", "[house]") {
    for (const auto& [room, unused] : kAllowed)
        for (const std::string& header : publicHeaders(room)) {
            CAPTURE(header);
            CHECK(fs::exists(fs::path(MOXIE_SOURCE_DIR) / header));
        }
}

TEST_CASE("Qt is known in app/desktop only", "[house]") {
    static const std::regex kQt("^(Q[A-Z][A-Za-z]*|Qt[A-Z][A-Za-z]*/.*)$");
    for (const Include& include : allIncludes()) {
        if (include.file.starts_with("app/desktop/")) continue;
        CAPTURE(include.file, include.target);
        CHECK_FALSE(std::regex_match(include.target, kQt));
    }
}

TEST_CASE("headers do not include each other in circles", "[house]") {
    std::map<std::string, std::vector<std::string>> edges;
    for (const Include& include : allIncludes())
        if (include.isQuoted) edges[include.file].push_back(include.target);
    std::map<std::string, int> state;  // 1: on the path, 2: done
    std::function<void(const std::string&)> visit = [&](const std::string& file) {
        state[file] = 1;
        for (const std::string& next : edges[file]) {
            CAPTURE(file, next);
            CHECK(state[next] != 1);
            if (state[next] == 0) visit(next);
        }
        state[file] = 2;
    };
    for (const std::string& file : sourceFiles())
        if (state[file] == 0) visit(file);
}

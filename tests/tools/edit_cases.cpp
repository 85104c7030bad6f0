#include "tests/tools/edit_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "tools/line_merge.h"

namespace moxie::tests {

using tools::linesOf;

std::string trulyEdited(const std::string& text, const Edit& edit) {
    const std::string oldText = edit.oldText();
    const size_t at = text.find(oldText);
    if (at == std::string::npos || text.find(oldText, at + 1) != std::string::npos) return {};
    return text.substr(0, at) + edit.newText() + text.substr(at + oldText.size());
}

std::string applied(std::string text, const tools::EditMatch& match) {
    for (auto it = match.splices.rbegin(); it != match.splices.rend(); ++it)
        text.replace(size_t(it->begin), size_t(it->end - it->begin), it->replacement);
    return text;
}

std::string edited(const std::string& text, const std::string& oldText,
                   const std::string& newText) {
    const auto outcome = tools::matchEdit({.text = text, .oldText = oldText, .newText = newText});
    return outcome ? applied(text, *outcome) : "[" + outcome.error().code + "]";
}

size_t below(Random& random, size_t n) {
    return n == 0 ? 0 : random() % n;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines)
        out += line + "\n";
    return out;
}

std::vector<std::string> copied(std::string_view text) {
    const auto lines = linesOf(text);
    return {lines.begin(), lines.end()};
}

namespace {

bool onEachLine(Edit& edit, const std::function<std::string(const std::string&)>& change) {
    bool hasChanged = false;
    for (auto* part : {&edit.before, &edit.removed, &edit.added, &edit.after})
        for (std::string& line : *part) {
            std::string changed = change(line);
            hasChanged = hasChanged || changed != line;
            line = std::move(changed);
        }
    return hasChanged;
}

}  // namespace

std::string replacedAll(std::string text, std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

bool isBlank(const std::string& line) {
    return line.find_first_not_of(" \t") == std::string::npos;
}

const std::vector<Operator>& operators() {
    static const std::vector<Operator> kAll = {
        {"none (exact)", Kind::form, [](Edit&, Random&) { return true; }},
        {"trailing blanks", Kind::form,
         [](Edit& e, Random&) { return onEachLine(e, [](auto& l) { return l + "  "; }); }},
        {"blanks to tabs", Kind::form,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) {
                 const size_t depth = l.find_first_not_of(' ');
                 if (depth == std::string::npos || depth % 4 != 0) return l;
                 return std::string(depth / 4, '\t') + l.substr(depth);
             });
         }},
        {"one indent too deep", Kind::form,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return isBlank(l) ? l : "    " + l; });
         }},
        {"CRLF", Kind::form,
         [](Edit& e, Random&) { return onEachLine(e, [](auto& l) { return l + "\r"; }); }},
        {"curly quotes", Kind::form,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return replacedAll(l, "\"", "\u201D"); });
         }},
        {"no-break blanks", Kind::form,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return replacedAll(l, " ", "\u00A0"); });
         }},
        {"dropped context line", Kind::memory,
         [](Edit& e, Random& r) {
             auto& part = below(r, 2) == 0 ? e.before : e.after;
             if (part.size() < 2) return false;
             const size_t at = below(r, part.size());
             if (isBlank(part[at])) return false;
             part.erase(part.begin() + int64_t(at));
             return true;
         }},
        {"invented context line", Kind::memory,
         [](Edit& e, Random& r) {
             auto& part = below(r, 2) == 0 ? e.before : e.after;
             part.insert(part.begin() + int64_t(below(r, part.size() + 1)),
                         "    // prepare everything for the next step");
             return true;
         }},
        {"elision", Kind::form,
         [](Edit& e, Random&) {
             if (e.before.size() < 3) return false;
             e.before = {e.before.front(), "...", e.before.back()};
             return true;
         }},
        {"line ends typed as \\n", Kind::form,
         [](Edit& e, Random&) {
             if (e.removed.size() > 1 || e.added.size() > 1) return false;
             const auto typed = [&](std::string& line) {
                 const bool hasEscape = line.find('\\') != std::string::npos;
                 line = e.before.back() + "\\n" + line + "\\n" + e.after.front();
                 return !hasEscape && line.find('"') == std::string::npos;
             };
             const bool isPlain = typed(e.removed[0]) && typed(e.added[0]);
             e.before.clear();
             e.after.clear();
             return isPlain;
         }},
        {"other context line", Kind::stale,
         [](Edit& e, Random& r) {
             auto& part = below(r, 2) == 0 ? e.before : e.after;
             std::string& line = part[below(r, part.size())];
             const size_t at = line.find_first_of("abcdefghijklmnopqrstuvwxyz");
             if (at == std::string::npos) return false;
             line.insert(at, "another_");
             return true;
         }},
        {"other change (stale)", Kind::foreign,
         [](Edit& e, Random&) {
             bool hasDigit = false;
             for (std::string& line : e.removed)
                 for (char& c : line)
                     if (c >= '0' && c <= '8' && !hasDigit) {
                         ++c;
                         hasDigit = true;
                     }
             return hasDigit;
         }},
        {"every line otherwise", Kind::foreign,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) {
                 const size_t at = l.find_first_of("abcdefghijklmnopqrstuvwxyz");
                 return at == std::string::npos ? l : std::string(l).insert(at, "another_");
             });
         }},
        {"wrong file", Kind::foreign,
         [](Edit& e, Random&) {
             int n = 0;
             return onEachLine(
                 e, [&](auto& l) { return fmt::format("value_{} = {};", ++n, l.size()); });
         }},
    };
    return kAll;
}

std::vector<std::string> sourceTexts() {
    std::vector<std::string> texts;
    namespace fs = std::filesystem;
    for (const char* room : {"base", "tools", "indexer", "agent", "engine"})
        for (const auto& entry : fs::directory_iterator(fs::path(MOXIE_SOURCE_DIR) / room))
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
                texts.push_back(base::readFile(entry.path()).value_or(""));
    std::erase_if(texts, [](const std::string& text) { return linesOf(text).size() < 40; });
    std::sort(texts.begin(), texts.end());
    return texts;
}

Edit randomEdit(const std::vector<std::string>& lines, Random& random) {
    const size_t nBefore = 2 + below(random, 4), nRemoved = 1 + below(random, 3),
                 nAfter = 2 + below(random, 3);
    const size_t start = below(random, lines.size() - nBefore - nRemoved - nAfter);
    const auto slice = [&](size_t from, size_t n) {
        return std::vector<std::string>(lines.begin() + int64_t(from),
                                        lines.begin() + int64_t(from + n));
    };
    Edit edit{slice(start, nBefore),
              slice(start + nBefore, nRemoved),
              {},
              slice(start + nBefore + nRemoved, nAfter)};
    for (const std::string& line : edit.removed) {
        edit.added.push_back(isBlank(line) ? "changed();" : line + " changed();");
        if (below(random, 3) == 0) edit.added.push_back(edit.added.back() + " // more");
    }
    return edit;
}

}  // namespace moxie::tests

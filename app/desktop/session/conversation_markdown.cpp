#include "app/desktop/session/conversation_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace moxie::desktop {

namespace {

// In one line, inside a fence that the text cannot close.
std::string codeSpan(std::string_view text) {
    std::string line(text.substr(0, text.find('\n')));
    size_t longest = 0, run = 0;
    for (const char c : line) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    const std::string space = longest > 0 ? " " : "";
    return fence + space + line + space + fence;
}

class MarkdownItems {
public:
    explicit MarkdownItems(const MarkdownWords& words) : words_(words) {}

    std::string text = {};

    void operator()(const ReasoningItem&) {}

    void operator()(const NoticeItem& notice) { line("> " + oneLine(notice.text)); }

    void operator()(const TextItem& item) {
        if (base::trim(item.text).empty()) return;
        separate();
        text += std::string(base::trim(item.text)) + "\n";
        isList_ = false;
    }

    void operator()(const ToolCard& card) {
        std::string more;
        if (card.state == CardState::failed) more = " — " + words_.failed;
        if (card.state == CardState::denied) more = " — " + words_.denied;
        line("- " + codeSpan(card.title.empty() ? card.tool : card.title) + more);
    }

    void operator()(const CheckItem& check) {
        line("- " + codeSpan(check.command) + " — " +
             (check.hasPassed ? words_.passed : words_.failed));
    }

    void operator()(const CommitItem& commit) {
        line("- " + codeSpan(commit.commit.substr(0, 10)) + " — " + words_.committed + ": " +
             oneLine(commit.message));
    }

private:
    static std::string oneLine(std::string_view from) {
        return std::string(from.substr(0, from.find('\n')));
    }

    void separate() {
        if (!text.empty()) text += "\n";
    }

    void line(const std::string& markdown) {
        if (!isList_) separate();
        text += markdown + "\n";
        isList_ = true;
    }

    const MarkdownWords& words_;
    bool isList_ = false;
};

std::string asQuote(std::string_view task) {
    std::string out;
    for (const std::string_view line : base::splitLines(task))
        out += line.empty() ? ">\n" : fmt::format("> {}\n", line);
    return out;
}

}  // namespace

std::string toMarkdown(const Conversation& conversation, const std::string& title,
                       const MarkdownWords& words) {
    std::string out = fmt::format("# {}\n", title);
    for (int64_t i = 0; i < conversation.turns.size(); ++i) {
        const Turn& turn = conversation.turns[i];
        if (!turn.task.empty()) out += fmt::format("\n**{}**\n\n{}", words.you, asQuote(turn.task));
        MarkdownItems items(words);
        for (int64_t n = 0; n < turn.items.size(); ++n)
            turn.items[n].visit(items);
        if (!items.text.empty()) out += fmt::format("\n**{}**\n\n{}", words.moxie, items.text);
    }
    return out;
}

}  // namespace moxie::desktop

#include "app/desktop/screens/conversation/policy_reasons.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <iterator>

#include "app/desktop/screens/conversation/words.h"

namespace moxie::desktop {

namespace {

constexpr const char* kContext = "PolicyReasons";

constexpr std::array kSentences = {
    QT_TRANSLATE_NOOP("PolicyReasons", "it runs a command"),
    QT_TRANSLATE_NOOP("PolicyReasons", "it changes files"),
    QT_TRANSLATE_NOOP("PolicyReasons", "it uses the network"),
    QT_TRANSLATE_NOOP("PolicyReasons", "a rule wants to be asked"),
    QT_TRANSLATE_NOOP("PolicyReasons", "your rule wants to be asked each time"),
    QT_TRANSLATE_NOOP("PolicyReasons",
                      "what it drops cannot be brought back, so it is asked each time"),
    QT_TRANSLATE_NOOP("PolicyReasons", "git -c alias hides its command"),
    QT_TRANSLATE_NOOP("PolicyReasons", "the command is nested too deeply to be read"),
};

// What follows "git COMMAND".
constexpr std::array kGitDangers = {
    QT_TRANSLATE_NOOP("PolicyReasons", "drops uncommitted changes"),
    QT_TRANSLATE_NOOP("PolicyReasons", "overwrites files"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes untracked files"),
    QT_TRANSLATE_NOOP("PolicyReasons", "rewrites or deletes on the remote"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes or moves a branch"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes or moves a tag"),
    QT_TRANSLATE_NOOP("PolicyReasons", "drops stashed changes"),
    QT_TRANSLATE_NOOP("PolicyReasons", "rewrites a commit"),
    QT_TRANSLATE_NOOP("PolicyReasons", "hides commands in an alias"),
    QT_TRANSLATE_NOOP("PolicyReasons", "removes a worktree"),
    QT_TRANSLATE_NOOP("PolicyReasons", "removes a submodule's files"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes the reflog"),
    QT_TRANSLATE_NOOP("PolicyReasons", "moves refs"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes unreachable commits"),
    QT_TRANSLATE_NOOP("PolicyReasons", "deletes files"),
    QT_TRANSLATE_NOOP("PolicyReasons", "rewrites or deletes commits"),
    QT_TRANSLATE_NOOP("PolicyReasons", "hides its command"),
};

QString translated(const char* english) {
    return QCoreApplication::translate(kContext, english);
}

}  // namespace

QString policyReason(std::string_view english) {
    const auto same = [](std::string_view text) {
        return [text](const char* known) { return text == known; };
    };
    const auto sentence = std::find_if(kSentences.begin(), kSentences.end(), same(english));
    if (sentence != kSentences.end()) return translated(*sentence);
    constexpr std::string_view kGit = "git ";
    const size_t space = english.find(' ', kGit.size());
    if (!english.starts_with(kGit) || space == std::string_view::npos) return fromUtf8(english);
    const auto danger =
        std::find_if(kGitDangers.begin(), kGitDangers.end(), same(english.substr(space + 1)));
    if (danger == kGitDangers.end()) return fromUtf8(english);
    return fromUtf8(english.substr(0, space + 1)) + translated(*danger);
}

}  // namespace moxie::desktop

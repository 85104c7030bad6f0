#include "agent/shell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace moxie::agent {

namespace {

constexpr int kNestingMax = 8;

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

bool contains(std::span<const std::string_view> list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

// First words after which the rest of the text means something else than a plain command.
constexpr std::array<std::string_view, 24> kNotPlain = {
    "if",   "then", "else",   "for",  "while", "until", "do",   "case",
    "eval", "exec", "source", ".",    "bash",  "sh",    "zsh",  "dash",
    "sudo", "env",  "xargs",  "find", "time",  "nohup", "trap", "function"};

// Splits into words and simple commands. Quotes and backslashes are taken away.
class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    ShellText run() {
        while (pos_ < text_.size())
            step();
        endCommand();
        return std::move(out_);
    }

private:
    char at(size_t offset) const {
        return pos_ + offset < text_.size() ? text_[pos_ + offset] : '\0';
    }

    void step() {
        const char c = text_[pos_];
        if (c == '\'') return singleQuoted();
        if (c == '"') return doubleQuoted();
        if (c == '\\') return backslash();
        if (isBlank(c)) return endWordAndSkip();
        if (c == '#' && !hasWord_) {
            while (pos_ < text_.size() && text_[pos_] != '\n')
                ++pos_;
            return;
        }
        if (c == '>' || c == '<') return redirection();
        if (c == '&' && at(1) == '>') return redirection();
        if (c == ';' || c == '&' || c == '|' || c == '\n') {
            endCommand();
            ++pos_;
            return;
        }
        if (c == '(' || c == ')' || c == '`' || (c == '$' && at(1) == '(')) {
            out_.isPlain = false;
            endCommand();
            pos_ += c == '$' ? 2 : 1;
            return;
        }
        if ((c == '{' || c == '}') && !hasWord_) {
            out_.isPlain = false;
            ++pos_;
            return;
        }
        if (c == '$' || c == '*' || c == '?' || c == '[' || c == '~') out_.isPlain = false;
        push(c);
    }

    void push(char c) {
        word_ += c;
        hasWord_ = true;
        ++pos_;
    }

    void singleQuoted() {
        hasWord_ = true;
        const size_t end = text_.find('\'', pos_ + 1);
        if (end == std::string_view::npos) {
            out_.isPlain = false;
            word_ += text_.substr(pos_ + 1);
            pos_ = text_.size();
            return;
        }
        word_ += text_.substr(pos_ + 1, end - pos_ - 1);
        pos_ = end + 1;
    }

    void doubleQuoted() {
        hasWord_ = true;
        for (++pos_; pos_ < text_.size() && text_[pos_] != '"'; ++pos_) {
            if (text_[pos_] == '$' || text_[pos_] == '`') out_.isPlain = false;
            if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
            word_ += text_[pos_];
        }
        if (pos_ == text_.size()) out_.isPlain = false;
        ++pos_;
    }

    void backslash() {
        ++pos_;
        if (pos_ >= text_.size()) return;
        if (text_[pos_] == '\n')
            ++pos_;  // a continued line
        else
            push(text_[pos_]);
    }

    // "2>&1" and "> /dev/null" change nothing; any other redirection is not plain.
    void redirection() {
        if (!word_.empty() && word_.find_first_not_of("0123456789") == std::string::npos) {
            word_.clear();
            hasWord_ = false;
        }
        endWord();
        const bool isHereText = at(0) == '<' && at(1) == '<';
        while (at(0) == '>' || at(0) == '<' || at(0) == '&')
            ++pos_;
        while (isBlank(at(0)))
            ++pos_;
        const size_t begin = pos_;
        while (pos_ < text_.size() && !isBlank(text_[pos_]) &&
               std::string_view(";&|\n()<>").find(text_[pos_]) == std::string_view::npos)
            ++pos_;
        const std::string_view target = text_.substr(begin, pos_ - begin);
        if (isHereText || (target != "1" && target != "2" && target != "/dev/null"))
            out_.isPlain = false;
    }

    void endWordAndSkip() {
        endWord();
        ++pos_;
    }

    void endWord() {
        if (hasWord_) words_.push_back(std::move(word_));
        word_.clear();
        hasWord_ = false;
    }

    void endCommand() {
        endWord();
        if (words_.empty()) return;
        const std::string& first = words_.front();
        if (contains(kNotPlain, first) || first.find('=') != std::string::npos)
            out_.isPlain = false;
        out_.commands.push_back(std::move(words_));
        words_.clear();
    }

    std::string_view text_;
    size_t pos_ = 0;
    std::string word_;
    bool hasWord_ = false;
    std::vector<std::string> words_;
    ShellText out_;
};

std::string_view baseName(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The words of a git command after "git" and its global options.
struct GitWords {
    std::string_view command;
    std::span<const std::string> rest;

    bool has(std::string_view word) const {
        return std::find(rest.begin(), rest.end(), word) != rest.end();
    }

    bool hasAny(std::initializer_list<std::string_view> words) const {
        return std::any_of(words.begin(), words.end(),
                           [this](std::string_view word) { return has(word); });
    }

    // A short option letter, also inside a bundle such as -fd.
    bool hasShort(char letter) const {
        return std::any_of(rest.begin(), rest.end(), [letter](const std::string& word) {
            return word.size() > 1 && word[0] == '-' && word[1] != '-' &&
                   word.find(letter) != std::string::npos;
        });
    }

    bool hasPrefix(std::string_view prefix) const {
        return std::any_of(rest.begin(), rest.end(),
                           [prefix](const std::string& word) { return word.starts_with(prefix); });
    }

    std::vector<std::string_view> operands() const {
        std::vector<std::string_view> found;
        for (const std::string& word : rest)
            if (word.empty() || word[0] != '-') found.push_back(word);
        return found;
    }
};

bool isForcedPush(const GitWords& git) {
    if (git.hasPrefix("--force") || git.hasShort('f') || git.hasAny({"--delete", "--mirror", "-d"}))
        return true;
    const auto operands = git.operands();
    return std::any_of(operands.begin(), operands.end(), [](std::string_view ref) {
        return ref.starts_with("+") || ref.starts_with(":");
    });
}

// `git checkout NAME` changes branch; with paths it overwrites files without a question.
bool isOverwritingCheckout(const GitWords& git) {
    if (git.hasAny({"--", "--force", "--ours", "--theirs", "--merge", "--patch"}) ||
        git.hasPrefix("--pathspec") || git.hasShort('f') || git.hasShort('B') || git.hasShort('p'))
        return true;
    if (git.hasShort('b') || git.has("--orphan")) return false;
    const auto operands = git.operands();
    if (operands.size() > 1) return true;
    return operands.size() == 1 && operands[0].find_first_of(".*/:") != std::string_view::npos;
}

std::optional<std::string> destructive(const GitWords& git) {
    const std::string_view command = git.command;
    const auto found = [&](std::string_view what) {
        return std::optional(fmt::format("git {} {}", command, what));
    };
    if (command == "reset" && git.hasAny({"--hard", "--merge", "--keep"}))
        return found("drops uncommitted changes");
    if (command == "checkout" && isOverwritingCheckout(git)) return found("overwrites files");
    if (command == "restore" &&
        (git.hasShort('W') || git.has("--worktree") || !(git.hasShort('S') || git.has("--staged"))))
        return found("overwrites files");
    if (command == "switch" && (git.hasAny({"--force", "--discard-changes", "--force-create"}) ||
                                git.hasShort('f') || git.hasShort('C')))
        return found("drops uncommitted changes");
    if (command == "clean" && !git.hasShort('n') && !git.has("--dry-run"))
        return found("deletes untracked files");
    if (command == "push" && isForcedPush(git)) return found("rewrites or deletes on the remote");
    if (command == "branch" &&
        (git.hasPrefix("--del") || git.hasPrefix("--force") || git.hasShort('D') ||
         git.hasShort('d') || git.hasShort('M') || git.hasShort('f')))
        return found("deletes or moves a branch");
    if (command == "tag" && (git.hasShort('d') || git.hasShort('f') || git.hasPrefix("--del") ||
                             git.hasPrefix("--force")))
        return found("deletes or moves a tag");
    if (command == "stash" && git.hasAny({"drop", "clear", "pop"}))
        return found("drops stashed changes");
    if (command == "commit" && git.hasPrefix("--am")) return found("rewrites a commit");
    if (command == "config" && git.hasPrefix("alias.")) return found("hides commands in an alias");
    if (command == "worktree" && git.hasAny({"remove", "prune"}))
        return found("removes a worktree");
    if (command == "submodule" && git.has("deinit")) return found("removes a submodule's files");
    if (command == "reflog" && git.hasAny({"expire", "delete"})) return found("deletes the reflog");
    if (command == "update-ref" || command == "symbolic-ref") return found("moves refs");
    if (command == "read-tree" || command == "checkout-index") return found("overwrites files");
    if (command == "gc" && git.hasPrefix("--prune")) return found("deletes unreachable commits");
    if (command == "rm" && (git.hasShort('f') || git.has("--force"))) return found("deletes files");
    constexpr std::array<std::string_view, 5> kRewriters = {"rebase", "filter-branch",
                                                            "filter-repo", "replace", "prune"};
    if (contains(kRewriters, command)) return found("rewrites or deletes commits");
    if (command.find('$') != std::string_view::npos) return found("hides its command");
    return std::nullopt;
}

// What follows the word "git" (or a variable that may hold it) at words[start - 1].
std::optional<std::string> checkGit(std::span<const std::string> words) {
    size_t i = 0;
    for (; i < words.size() && words[i].starts_with("-"); ++i) {
        const std::string& option = words[i];
        const bool takesValue = option == "-C" || option == "-c" || option == "--git-dir" ||
                                option == "--work-tree" || option == "--namespace";
        if (!takesValue) continue;
        ++i;
        if (option == "-c" && i < words.size() && words[i].starts_with("alias."))
            return "git -c alias hides its command";
    }
    if (i >= words.size()) return std::nullopt;
    return destructive({words[i], words.subspan(i + 1)});
}

std::optional<std::string> scan(std::string_view text, int depth) {
    if (depth > kNestingMax) return "the command is nested too deeply to be read";
    for (const std::vector<std::string>& words : parseShell(text).commands) {
        const std::span<const std::string> all(words);
        for (size_t i = 0; i < words.size(); ++i) {
            const bool mayBeGit =
                baseName(words[i]) == "git" || (i == 0 && words[i].starts_with("$"));
            if (mayBeGit)
                if (auto reason = checkGit(all.subspan(i + 1))) return reason;
            const bool isText = words[i].find_first_of(" \t\n;`$") != std::string::npos;
            if (isText && words[i].size() < text.size() &&
                words[i].find("git") != std::string::npos)
                if (auto reason = scan(words[i], depth + 1)) return reason;
        }
        const std::string_view program = baseName(words[0]);
        if (program == "rm" || program == "mv")
            for (const std::string& word : words)
                if (word == ".git" || word.ends_with("/.git") || word.find(".git/") != word.npos)
                    return fmt::format("{} of .git destroys the repository", program);
    }
    return std::nullopt;
}

}  // namespace

ShellText parseShell(std::string_view text) {
    return Splitter(text).run();
}

std::optional<std::string> findDestructiveGit(std::string_view text) {
    return scan(text, 0);
}

}  // namespace moxie::agent

// A CommitModel that the test fills and that writes down what was wished. Threads: GUI thread only.
#pragma once
#include <string>
#include <vector>

#include "app/desktop/screens/commit/commit_model.h"

namespace moxie::desktop::testing {

inline CommitFile commitFile(char status, const std::string& path, int64_t nAdded,
                             int64_t nRemoved) {
    CommitFile file;
    file.change.status = status;
    file.change.path = path;
    file.change.isUnstaged = true;
    file.nAdded = nAdded;
    file.nRemoved = nRemoved;
    return file;
}

// Of two texts, everything ticked.
inline CommitHunks hunksOfTexts(const std::string& path, const std::string& before,
                                const std::string& now) {
    CommitHunks found;
    found.part = {path, hunksBetween(before, now).value_or(std::vector<CommitHunk>()), {}};
    for (const CommitHunk& hunk : found.part.hunks)
        found.part.ticks.push_back(ticksOf(hunk, Tick::on));
    return found;
}

class FakeCommit final : public CommitModel {
public:
    FakeCommit() {
        now_.branch = "main";
        now_.identity = "Ann Example <ann@example.org>";
        now_.headMessage = "The last one\n\nWhy.\n";
    }

    void set(State state) {
        state_ = state;
        emit changed();
    }

    void fail(base::Errc kind, const QString& text) {
        errorKind_ = kind;
        error_ = text;
        set(State::error);
    }

    CommitSnapshot now_;
    bool isCommitting_ = false;
    // "commit a.txt,b.txt: MESSAGE", "amend ...", "... signed", "branch NAME", "suggest N",
    // "look PATH"; a part is its path and its ticked lines: "commit a.txt[-1 +one], MESSAGE".
    std::vector<std::string> wishes;

    State state() const override { return state_; }

    base::Errc errorKind() const override { return errorKind_; }

    QString errorText() const override { return error_; }

    const CommitSnapshot& now() const override { return now_; }

    bool isCommitting() const override { return isCommitting_; }

    void refresh() override {}

    void lookInto(const std::string& path) override { wishes.push_back("look " + path); }

    void commit(const CommitWish& wish) override {
        std::string text = wish.kind == tools::CommitKind::amend ? "amend " : "commit ";
        for (const std::string& path : wish.paths)
            text += path + ",";
        for (const CommitPart& part : wish.parts)
            text += part.path + "[" + tickedLines(part) + "],";
        text += " " + wish.message.toStdString();
        if (wish.signOff == SignOff::yes) text += " signed";
        wishes.push_back(text);
    }

    void stopHook() override { wishes.emplace_back("stop"); }

    void takeBack() override { wishes.emplace_back("takeBack"); }

    void createBranch(const QString& name) override {
        wishes.push_back("branch " + name.toStdString());
    }

    void suggest(const std::vector<std::string>& paths) override {
        wishes.push_back("suggest " + std::to_string(paths.size()));
    }

private:
    static std::string tickedLines(const CommitPart& part) {
        std::string lines;
        const auto add = [&](char sign, const std::string& line) {
            lines +=
                (lines.empty() ? "" : " ") + std::string(1, sign) + line.substr(0, line.find('\n'));
        };
        for (size_t i = 0; i < part.hunks.size(); ++i) {
            for (size_t j = 0; j < part.hunks[i].removed.size(); ++j)
                if (part.ticks[i].removed[j]) add('-', part.hunks[i].removed[j]);
            for (size_t j = 0; j < part.hunks[i].added.size(); ++j)
                if (part.ticks[i].added[j]) add('+', part.hunks[i].added[j]);
        }
        return lines;
    }

    State state_ = State::loading;
    base::Errc errorKind_ = base::Errc::internal;
    QString error_;
};

}  // namespace moxie::desktop::testing

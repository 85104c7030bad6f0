// A ReviewModel whose files the test makes, and which writes down what was wished.
// Threads: GUI thread only.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/desktop/screens/changes/review_model.h"
#include "tests/catch.h"

namespace moxie::desktop::testing {

// A file as ReviewDesk makes it, from its two texts.
inline std::shared_ptr<const ReviewedFile> reviewedFile(const std::string& path,
                                                        const std::string& before,
                                                        const std::string& after,
                                                        HunkAuthor author = HunkAuthor::agent) {
    auto made = std::make_shared<ReviewedFile>();
    FileReview& review = made->review;
    review.path = path;
    review.version = 1;
    review.reviewed = makeText(before);
    review.now = makeText(after);
    review.isCreated = before.empty();
    review.isDeleted = after.empty();
    LineComparison comparison;
    REQUIRE(comparison.update(review.reviewed, review.now));
    LineReader old(*review.reviewed), now(*review.now);
    for (const tools::LineChange& change : comparison.changes()) {
        Hunk hunk;
        hunk.author = author;
        hunk.before = {change.oldBegin, change.oldEnd};
        hunk.after = {change.newBegin, change.newEnd};
        hunk.removed = old.read(change.oldBegin, change.oldEnd);
        hunk.added = now.read(change.newBegin, change.newEnd);
        made->nAdded += int64_t(hunk.added.size());
        made->nRemoved += int64_t(hunk.removed.size());
        review.hunks.push_back(std::move(hunk));
    }
    for (size_t at = 0; at < review.now->size();) {
        made->lineBegins.push_back(at);
        const size_t end = review.now->find('\n', at);
        at = end == std::string::npos ? review.now->size() : end + 1;
    }
    made->lineBegins.push_back(review.now->size());
    made->bytesBefore = int64_t(before.size());
    made->bytesNow = int64_t(after.size());
    return made;
}

class FakeReview final : public ReviewModel {
public:
    // ---- what the test plays
    void set(std::vector<std::shared_ptr<const ReviewedFile>> files) {
        now_.files = std::move(files);
        set(State::ready);
    }

    void set(State state, const QString& error = {}) {
        state_ = state;
        error_ = error;
        emit changed();
    }

    ReviewSnapshot now_;
    ApplyPreview preview_;  // the answer to the next question
    Emptiness emptiness_ = Emptiness::noTurn;
    // "accept a.txt 0", "reject a.txt 0 -0..1 +0..0", "edit a.txt 1 TEXT", "acceptAll", "undo", ...
    std::vector<std::string> wishes;

    // ---- ReviewModel
    State state() const override { return state_; }

    Emptiness whyEmpty() const override { return emptiness_; }

    QString errorText() const override { return error_; }

    const ReviewSnapshot& now() const override { return now_; }

    bool isWorking() const override { return false; }

    void setScope(ReviewScope scope) override {
        now_.scope = scope;
        wish("scope " + std::to_string(int(scope)));
    }

    void compareWith(const QString& name) override {
        now_.scope = ReviewScope::commit;
        now_.baseName = name;
        wish("compare " + name.toStdString());
    }

    void refresh() override { wish("refresh"); }

    void accept(const HunkRef& hunk) override { wish("accept " + text(hunk)); }

    void reject(const HunkRef& hunk) override { wish("reject " + text(hunk)); }

    void edit(const HunkRef& hunk, const QString& lines) override {
        wish("edit " + text(hunk) + " " + lines.toStdString());
    }

    void stage(const HunkRef& hunk) override { wish("stage " + text(hunk)); }

    void acceptAll(const std::string& path) override { wish("acceptAll " + path); }

    void rejectAll(const std::string& path) override { wish("rejectAll " + path); }

    void preview(const CodeToApply& code, const std::string& path,
                 std::optional<ApplyWay> way) override {
        wish("preview " + path + (way ? " " + std::to_string(int(*way)) : ""));
        preview_.code = code;
        if (!path.empty()) preview_.path = path;
        if (way) preview_.way = *way;
        emit previewed(preview_);
    }

    void apply(const ApplyPreview& preview) override {
        wish("apply " + preview.path);
        emit applied(QString::fromStdString(preview.path));
    }

    void noteUserWrote(const std::string& path) override { wish("userWrote " + path); }

    void undo() override { wish("undo"); }

    void redo() override { wish("redo"); }

    void restore(const std::string& commit) override { wish("restore " + commit); }

    void makeBranch(const std::string& commit, const QString& name) override {
        wish("branch " + commit + " " + name.toStdString());
    }

    void noteCommit(const QString& commit) override { wish("commit " + commit.toStdString()); }

private:
    void wish(std::string text) { wishes.push_back(std::move(text)); }

    static std::string text(const HunkRef& hunk) {
        std::string text = hunk.path + " " + std::to_string(hunk.hunk);
        const auto add = [&](char sign, const std::optional<LineRange>& range) {
            if (range)
                text += std::string(" ") + sign + std::to_string(range->begin) + ".." +
                        std::to_string(range->end);
        };
        add('-', hunk.removed);
        add('+', hunk.added);
        return text;
    }

    State state_ = State::empty;
    QString error_;
};

}  // namespace moxie::desktop::testing

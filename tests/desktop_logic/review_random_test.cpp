// Random sequences of everything a user and an agent can do to a review, on a real repository,
// against a model of slots: each file is a row of slots with fixed lines between, so that what must
// be in a file follows from who changed which slot last.
#include <fmt/format.h>

#include <array>
#include <random>

#include "app/desktop/model/review.h"
#include "tests/catch.h"
#include "tests/tools/repository.h"

namespace moxie::desktop {

using namespace moxie::tests;

namespace {

constexpr size_t kSlots = 5;
using Slots = std::optional<std::array<std::string, kSlots>>;  // nullopt: no file

struct ModelFile {
    Slots base, reviewed, now;
};

using Model = std::array<ModelFile, 2>;

struct ModelStep {
    size_t file = 0;
    Slots reviewedBefore, reviewedAfter, nowBefore, nowAfter;
    bool isSettled = false;
};

struct ModelAction {
    std::vector<ModelStep> steps;
    bool isRestore = false;
    std::array<Slots, 2> from, to;  // of a restore: all files
};

std::string textOf(const Slots& slots) {
    std::string text = "begin\n";
    for (size_t i = 0; i < kSlots; ++i)
        text += (*slots)[i] + fmt::format("fixed {} a\nfixed {} b\nfixed {} c\n", i, i, i);
    return text;
}

// Three-way, slot by slot. False: both sides changed one.
bool merge(const Slots& ancestor, const Slots& ours, const Slots& theirs, Slots& result) {
    result = theirs;
    if (ours == ancestor || ours == theirs) return true;
    result = ours;
    if (ancestor == theirs) return true;
    if (!ancestor || !ours || !theirs) return false;
    for (size_t i = 0; i < kSlots; ++i) {
        if ((*theirs)[i] == (*ancestor)[i] || (*theirs)[i] == (*ours)[i]) continue;
        if ((*ours)[i] != (*ancestor)[i]) return false;
        (*result)[i] = (*theirs)[i];
    }
    return true;
}

// One random sequence, in a repository that others may have been told in before.
class Story {
public:
    Story(const Repository& repository, unsigned seed) : random_(seed), repository_(repository) {
        for (size_t f = 0; f < 2; ++f) {
            ModelFile& file = model_[f];
            file.now.emplace();
            for (std::string& slot : *file.now)
                slot = fresh();
            file.base = file.reviewed = file.now;
            repository_.folder.put(name(f), textOf(model_[f].now));
        }
        git_.emplace(tools::Git::open(repository_.folder.path()).value());
        REQUIRE(git_->commit({fmt::format("Begin {}", seed), {name(0), name(1)}}));
        checkpoints_.emplace(*git_, fmt::format("s-{}", seed));
        const auto base = checkpoints_->take("base");
        REQUIRE(base);
        saved_.emplace_back(base->commit, std::array<Slots, 2>{model_[0].now, model_[1].now});
        review_.emplace(*git_, *checkpoints_, base->commit);
        REQUIRE(review_->refresh({name(0), name(1)}));
    }

    void run(int nSteps) {
        for (int i = 0; i < nSteps; ++i) {
            step_ = i;
            const std::array<Slots, 2> before = {model_[0].now, model_[1].now};
            const size_t nCheckpoints = checkpoints_->list().value().size();
            isOutside_ = false;
            act();
            check();
            if (!isOutside_) checkSaved(before, nCheckpoints);
        }
        unwind();
    }

private:
    static std::string name(size_t file) { return file == 0 ? "a.txt" : "dir/b.txt"; }

    size_t below(size_t n) { return random_() % n; }

    std::string line() { return fmt::format("line {} {}\n", random_(), ++counter_); }

    std::string fresh() {
        std::string text;
        for (size_t i = below(3); i > 0; --i)
            text += line();
        return text.empty() && below(3) > 0 ? line() : text;
    }

    void act() {
        switch (below(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                agentWrites(below(2));
                break;
            case 4:
            case 5:
            case 6:
                decideOne(below(2), HunkState(int(HunkState::accepted) + int(below(3))));
                break;
            case 7:
                decideAll(below(2), below(2) == 0 ? HunkState::accepted : HunkState::rejected);
                break;
            case 8:
                if (review_->canUndo()) undo();
                break;
            case 9:
                if (review_->canRedo()) redo();
                break;
            case 10:
                below(2) == 0 ? restore() : commit(below(2));
                break;
            default:
                movesOn(below(2));
                break;
        }
    }

    void put(size_t f) {
        isOutside_ = true;
        if (model_[f].now) {
            repository_.folder.put(name(f), textOf(model_[f].now));
        } else {
            std::error_code ignored;
            std::filesystem::remove(repository_.folder.path() / name(f), ignored);
        }
    }

    // Without the review knowing.
    void change(size_t f, size_t slot) {
        if (!model_[f].now) {
            model_[f].now.emplace();
            for (std::string& text : *model_[f].now)
                text = fresh();
        } else {
            (*model_[f].now)[slot] = fresh();
        }
        put(f);
    }

    void agentWrites(size_t f) {
        if (below(10) == 0) {
            model_[f].now.reset();
            put(f);
        } else {
            change(f, below(kSlots));
        }
        REQUIRE(review_->noteAgentWrote({name(f)}));
    }

    std::vector<size_t> openSlots(size_t f) const {
        std::vector<size_t> open;
        const ModelFile& file = model_[f];
        if (file.reviewed && file.now) {
            for (size_t i = 0; i < kSlots; ++i)
                if ((*file.reviewed)[i] != (*file.now)[i]) open.push_back(i);
        } else if (file.reviewed || file.now) {
            open.push_back(0);  // one hunk for the whole file
        }
        return open;
    }

    FileReview viewOf(size_t f) const {
        for (const FileReview& file : review_->files())
            if (file.path == name(f)) return file;
        return {};
    }

    void push(ModelAction action) {
        done_.push_back(std::move(action));
        undone_.clear();
    }

    base::Status decide(const HunkRef& ref, HunkState state, const std::string& text) {
        if (state == HunkState::accepted) return review_->accept(ref);
        if (state == HunkState::rejected) return review_->reject(ref);
        return review_->edit(ref, text);
    }

    // Decides on the hunk that the user sees; `seen` is the file as it was shown.
    void decideSeen(size_t f, const Slots& seen, size_t index, size_t slot, HunkState state,
                    int64_t version) {
        ModelFile& file = model_[f];
        const bool isWhole = !file.reviewed || !seen;
        if (isWhole && state == HunkState::edited) state = HunkState::accepted;
        const std::string text = fresh();
        ModelStep step = {f, file.reviewed, file.reviewed, seen, seen};
        if (state == HunkState::accepted) {
            if (isWhole)
                step.reviewedAfter = seen;
            else
                (*step.reviewedAfter)[slot] = (*seen)[slot];
        } else if (state == HunkState::rejected) {
            if (isWhole)
                step.nowAfter = file.reviewed;
            else
                (*step.nowAfter)[slot] = (*file.reviewed)[slot];
        } else {
            (*step.nowAfter)[slot] = text;
            (*step.reviewedAfter)[slot] = text;
        }
        const base::Status status = decide({name(f), version, int64_t(index)}, state, text);
        Slots merged;
        const bool writes = step.nowAfter != step.nowBefore;
        if (writes && !merge(step.nowBefore, file.now, step.nowAfter, merged)) {
            REQUIRE_FALSE(status);
            CHECK(status.error().kind() == base::Errc::busy);
            REQUIRE(review_->refresh({}));
            return;
        }
        INFO((status ? std::string() : status.error().message()));
        REQUIRE(status);
        if (writes) {
            step.nowBefore = file.now;
            step.nowAfter = file.now = merged;
        }
        file.reviewed = step.reviewedAfter;
        push({{step}, false, {}, {}});
        REQUIRE(review_->refresh({}));
    }

    void decideOne(size_t f, HunkState state) {
        const std::vector<size_t> open = openSlots(f);
        if (open.empty()) return;
        const size_t index = below(open.size());
        decideSeen(f, model_[f].now, index, open[index], state, viewOf(f).version);
    }

    // The file changes between the look at a hunk and the click on it.
    void movesOn(size_t f) {
        const std::vector<size_t> open = openSlots(f);
        if (open.empty()) return;
        const size_t index = below(open.size());
        const int64_t version = viewOf(f).version;
        const Slots seen = model_[f].now;
        change(f, below(2) == 0 ? open[index] : below(kSlots));
        decideSeen(f, seen, index, open[index], HunkState::rejected, version);
        REQUIRE(review_->noteAgentWrote({name(f)}));
    }

    void decideAll(size_t f, HunkState state) {
        ModelFile& file = model_[f];
        const bool isOpen = !openSlots(f).empty();
        const bool isAccept = state == HunkState::accepted;
        REQUIRE((isAccept ? review_->acceptAll(name(f)) : review_->rejectAll(name(f))));
        if (!isOpen) return;
        ModelStep step = {f, file.reviewed, file.reviewed, file.now, file.now};
        (isAccept ? step.reviewedAfter : step.nowAfter) = isAccept ? file.now : file.reviewed;
        file.reviewed = step.reviewedAfter;
        file.now = step.nowAfter;
        push({{step}, false, {}, {}});
    }

    // What playing an action makes of the model. False: it must be refused.
    bool play(ModelAction& action, bool isForth) {
        Model next = model_;
        if (action.isRestore) {
            const auto& from = isForth ? action.from : action.to;
            if (model_[0].now != from[0] || model_[1].now != from[1]) return false;
            for (size_t f = 0; f < 2; ++f)
                next[f].now = (isForth ? action.to : action.from)[f];
        }
        ModelAction played = action;
        for (ModelStep& step : played.steps) {
            ModelFile& file = next[step.file];
            const Slots &from = isForth ? step.nowBefore : step.nowAfter,
                        &to = isForth ? step.nowAfter : step.nowBefore;
            Slots merged;
            if (from != to) {
                if (!merge(from, file.now, to, merged)) return false;
                const Slots was = file.now;
                file.now = merged;
                step.nowBefore = isForth ? was : merged;
                step.nowAfter = isForth ? merged : was;
            }
            if (!step.isSettled &&
                merge(isForth ? step.reviewedBefore : step.reviewedAfter, file.reviewed,
                      isForth ? step.reviewedAfter : step.reviewedBefore, merged))
                file.reviewed = merged;
        }
        model_ = next;
        action = played;
        return true;
    }

    void playTop(std::vector<ModelAction>& from, std::vector<ModelAction>& to, bool isForth) {
        REQUIRE_FALSE(from.empty());
        const bool isPossible = play(from.back(), isForth);
        const base::Status status = isForth ? review_->redo() : review_->undo();
        INFO((status ? std::string() : status.error().message()));
        REQUIRE(status.has_value() == isPossible);
        REQUIRE(review_->refresh({}));
        if (!isPossible) return;
        to.push_back(from.back());
        from.pop_back();
    }

    void undo() { playTop(done_, undone_, false); }

    void redo() { playTop(undone_, done_, true); }

    void restore() {
        const auto& [commit, files] = saved_[below(saved_.size())];
        ModelAction action = {{}, true, {model_[0].now, model_[1].now}, files};
        REQUIRE(review_->restore(commit));
        for (size_t f = 0; f < 2; ++f) {
            ModelFile& file = model_[f];
            if (file.now == files[f]) continue;
            action.steps.push_back({f, file.reviewed, file.base, {}, {}});
            file.now = files[f];
            file.reviewed = file.base;
        }
        push(std::move(action));
    }

    void commit(size_t f) {
        const auto made = git_->commit({fmt::format("Commit {}", step_), {name(f)}});
        if (!made) return;  // nothing to commit
        REQUIRE(review_->noteCommit(*made));
        ModelFile& file = model_[f];
        if (file.now == file.base) return;
        file.base = file.reviewed = file.now;
        for (auto* actions : {&done_, &undone_}) {
            for (ModelAction& action : *actions)
                for (ModelStep& step : action.steps)
                    step.isSettled = step.isSettled || step.file == f;
            std::erase_if(*actions, [](const ModelAction& action) {
                return !action.isRestore &&
                       std::all_of(action.steps.begin(), action.steps.end(), [](const auto& s) {
                           return s.isSettled && s.nowBefore == s.nowAfter;
                       });
            });
        }
        if (below(2) == 0) {
            const auto saved = checkpoints_->take("between");
            REQUIRE(saved);
            saved_.emplace_back(saved->commit, std::array<Slots, 2>{model_[0].now, model_[1].now});
        }
    }

    void check() {
        CAPTURE(step_);
        for (size_t f = 0; f < 2; ++f) {
            const ModelFile& file = model_[f];
            REQUIRE(repository_.folder.has(name(f)) == file.now.has_value());
            if (file.now) REQUIRE(repository_.folder.get(name(f)) == textOf(file.now));
            REQUIRE(viewOf(f).hunks.size() == openSlots(f).size());
        }
        REQUIRE(review_->canUndo() == !done_.empty());
        REQUIRE(review_->canRedo() == !undone_.empty());
    }

    // What an action wrote over is in a checkpoint that it took.
    void checkSaved(const std::array<Slots, 2>& before, size_t nCheckpoints) {
        const auto list = checkpoints_->list().value();
        for (size_t f = 0; f < 2; ++f) {
            if (before[f] == model_[f].now || !before[f]) continue;
            bool isSaved = false;
            for (size_t i = nCheckpoints; i < list.size() && !isSaved; ++i)
                isSaved = git_->fileAt(list[i].commit, name(f)).value_or("") == textOf(before[f]);
            CAPTURE(step_, f);
            REQUIRE(isSaved);
        }
    }

    // All the way back and all the way forth, as far as it goes.
    void unwind() {
        while (review_->canUndo()) {
            const size_t left = done_.size();
            undo();
            check();
            if (done_.size() == left) break;
        }
        while (review_->canRedo()) {
            const size_t left = undone_.size();
            redo();
            check();
            if (undone_.size() == left) break;
        }
    }

    std::mt19937 random_;
    int counter_ = 0, step_ = 0;
    bool isOutside_ = false;
    const Repository& repository_;
    std::optional<tools::Git> git_;
    std::optional<tools::Checkpoints> checkpoints_;
    std::optional<Review> review_;
    Model model_;
    std::vector<ModelAction> done_, undone_;
    std::vector<std::pair<std::string, std::array<Slots, 2>>> saved_;
};

void tell(unsigned first, unsigned last, int nSteps) {
    std::optional<Repository> repository;
    for (unsigned seed = first; seed <= last; ++seed) {
        CAPTURE(seed);
        // A new one now and then: checkpoints make many refs.
        if (seed % 25 == first % 25) repository.emplace();
        Story(*repository, seed).run(nSteps);
    }
}

}  // namespace

TEST_CASE("random sequences of review actions lose nothing", "[desktop][review]") {
    tell(1, 50, 25);
}

TEST_CASE("a thousand random sequences of review actions lose nothing", "[.slow]") {
    tell(1001, 2000, 25);
}

}  // namespace moxie::desktop

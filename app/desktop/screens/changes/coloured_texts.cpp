#include "app/desktop/screens/changes/coloured_texts.h"

#include <algorithm>

#include "app/desktop/canvas/code_runs.h"
#include "app/desktop/screens/changes/review_model.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kKnownBytesMax = 32'000'000;

}  // namespace

base::Result<ColouredText> ColouredText::make(const std::string& path, const FileText& text,
                                              const std::stop_token& stop) {
    ColouredText made;
    const std::string_view bytes = bytesOf(text);
    const indexer::Grammar grammar = indexer::grammarOfFile(path, bytes);
    if (grammar == indexer::Grammar::none ||
        int64_t(bytes.size()) > indexer::HighlightedText::kBytesMax)
        return made;
    TRY_ASSIGN(made.text_, indexer::HighlightedText::parse(std::string(bytes), grammar, stop));
    made.lineBegins_ = lineBeginsOf(bytes);
    return made;
}

std::vector<LineRun> ColouredText::runs(int64_t line) const {
    if (line < 0 || line + 1 >= int64_t(lineBegins_.size())) return {};
    return codeRuns(text_, int64_t(lineBegins_[size_t(line)]),
                    int64_t(lineBegins_[size_t(line) + 1]));
}

ColouredTexts::~ColouredTexts() {
    stop_.request_stop();
}

const ColouredText* ColouredTexts::of(const FileText& text) const {
    const auto known = known_.find(text.get());
    return known == known_.end() ? nullptr : known->second.colours.get();
}

void ColouredTexts::want(const std::vector<Wanted>& texts) {
    ++round_;
    queue_.clear();
    bool isRunningWanted = false;
    for (auto wanted = texts.rbegin(); wanted != texts.rend(); ++wanted) {
        if (wanted->text == nullptr) continue;
        if (const auto known = known_.find(wanted->text.get()); known != known_.end())
            known->second.wantedAt = round_;
        else if (wanted->text == running_)
            isRunningWanted = true;
        else
            queue_.push_back(*wanted);
    }
    if (running_ != nullptr && !isRunningWanted) stop_.request_stop();
    if (running_ == nullptr) startNext();
}

void ColouredTexts::startNext() {
    if (queue_.empty()) return;
    const Wanted next = std::move(queue_.back());
    queue_.pop_back();
    running_ = next.text;
    stop_ = std::stop_source();
    worker_.run(
        *this,
        [next, source = stop_](const std::stop_token& stop) -> Made {
            const std::stop_callback both(stop, [source]() mutable { source.request_stop(); });
            auto made = ColouredText::make(next.path, next.text, source.get_token());
            if (!made) return nullptr;  // only cancelled
            return std::make_shared<const ColouredText>(std::move(*made));
        },
        [this, next](Made made) { take(next, std::move(made)); });
}

void ColouredTexts::take(const Wanted& done, Made made) {
    running_.reset();
    const bool isMade = made != nullptr;
    if (isMade) {
        known_[done.text.get()] = {done.text, std::move(made), round_};
        forgetOldest();
    }
    startNext();
    if (isMade) emit coloured(done.text);
}

// Those of the last round stay, whatever they weigh: one looks at them.
void ColouredTexts::forgetOldest() {
    int64_t bytes = 0;
    for (const auto& [at, known] : known_)
        bytes += int64_t(known.text->size());
    while (bytes > kKnownBytesMax) {
        const auto oldest = std::min_element(
            known_.begin(), known_.end(),
            [](const auto& a, const auto& b) { return a.second.wantedAt < b.second.wantedAt; });
        if (oldest->second.wantedAt == round_) return;
        bytes -= int64_t(oldest->second.text->size());
        known_.erase(oldest);
    }
}

}  // namespace moxie::desktop

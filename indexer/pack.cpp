#include "indexer/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "indexer/language.h"
#include "indexer/lookup.h"
#include "indexer/pack_text.h"
#include "indexer/parsed_file.h"
#include "indexer/ranking.h"

namespace moxie::indexer {
namespace {

constexpr double kOutlineShareOfFull = 0.11;  // measured: 9 to 13 %
constexpr double kOverheadTokens = 30;        // of any item: keeps crumbs from winning
constexpr size_t kHotMax = 20;                // lines of the list at the end
constexpr int32_t kMissesMax = 400;           // items tried in a row that did not fit

enum class Unit : int8_t { outline, chunk, full };

struct Candidate {
    double priority = 0;
    int32_t file = 0;
    Unit unit = Unit::outline;
    int32_t chunk = -1;
};

// A total order: equal priorities are settled by path (files are sorted by it), unit and line.
struct IsWorse {
    bool operator()(const Candidate& a, const Candidate& b) const {
        if (a.priority != b.priority) return a.priority < b.priority;
        return std::tie(a.file, a.unit, a.chunk) > std::tie(b.file, b.unit, b.chunk);
    }
};

struct Plan {
    double relevance = 0;  // 0..1, from the ranking
    double prior = 0;      // worth of a file nothing is known about
    bool hasOutline = false, isFull = false;
    std::vector<int32_t> chunks;  // sorted
    int64_t tokens = 0;           // of what was taken
};

// One thing taken, so that it can be given back.
struct Taken {
    Candidate item;
    Plan before;
};

class Packer {
public:
    Packer(const Reading& reading, const std::filesystem::path& root, const PackRequest& request,
           const std::stop_token& stop)
        : view_(reading.view()),
          request_(request),
          stop_(stop),
          text_(reading, root) {}

    base::Result<ContextPack> run(const Ranking& ranking);

private:
    int64_t count(const std::string& text);

    int64_t estimate(double bytes) const { return int64_t(bytes / bytesPerToken_) + 1; }

    void makePlans(const Ranking& ranking);
    void makeFrame(const Ranking& ranking);
    double gain(const Candidate& item) const;
    double bytesOf(const Candidate& item) const;
    double priority(const Candidate& item) const;
    bool isOpen(const Candidate& item) const;
    void offer(std::priority_queue<Candidate, std::vector<Candidate>, IsWorse>& heap,
               Candidate item) const;
    base::Status fill();
    base::Result<bool> take(const Candidate& item);
    base::Result<std::string> render(int32_t file, const Plan& plan);
    base::Result<std::string> whole(std::vector<PackItem>& items);
    base::Result<ContextPack> fit();
    bool giveBack(int64_t excess);

    const LiveView& view_;
    const PackRequest& request_;
    const std::stop_token& stop_;
    PackText text_;
    std::vector<Plan> plans_;  // by file
    std::vector<double> chunkScores_;
    std::vector<Taken> taken_;
    std::unordered_map<int32_t, std::string> reasons_;
    std::vector<int32_t> ranked_;
    std::string map_, hot_;
    int64_t left_ = 0;
    std::unordered_map<std::string, int64_t> counts_;  // by hash of the text
    double bytesPerToken_ = 3.5, countedBytes_ = 3500, countedTokens_ = 1000;
};

int64_t Packer::count(const std::string& text) {
    if (text.empty()) return 0;
    const auto [at, isNew] = counts_.try_emplace(base::hash128(text).hex());
    if (isNew) {
        at->second = std::max<int64_t>(0, request_.countTokens(text));
        countedBytes_ += double(text.size());
        countedTokens_ += double(at->second);
        bytesPerToken_ = std::clamp(countedBytes_ / countedTokens_, 1.0, 12.0);
    }
    return at->second;
}

double priorOf(const LiveFile& file, const LiveBlob& blob) {
    constexpr int32_t kNoText = kFlagBinary | kFlagTooLarge | kFlagMinified;
    if ((blob.flags & kNoText) != 0 || blob.bytes == 0 || isGeneratedPath(file.path)) return 0;
    double worth = language(blob.language).isData ? 0.002 : 0.02;
    if (file.path == "README.md" || file.path == "README.rst" || file.path == "README")
        worth = 0.05;
    if (isTestPath(file.path)) worth *= 0.4;
    if (isVendoredPath(file.path)) worth *= 0.2;
    return worth;
}

void Packer::makePlans(const Ranking& ranking) {
    plans_.resize(view_.files.size());
    chunkScores_ = ranking.chunkScores;
    const double top = ranking.files.empty() ? 1 : std::max(1e-9, ranking.files.front().score);
    for (const FileScore& scored : ranking.files) {
        plans_[size_t(scored.file)].relevance = scored.score / top;
        reasons_[scored.file] = reasonOf(scored);
        ranked_.push_back(scored.file);
    }
    for (size_t i = 0; i < plans_.size(); i++) {
        const LiveBlob& blob = view_.blobs[size_t(view_.files[i].blob)];
        plans_[i].prior = priorOf(view_.files[i], blob);
        // Equal texts are packed once, under the first path.
        if (blob.file != int32_t(i)) plans_[i] = Plan();
        if ((blob.flags & (kFlagBinary | kFlagTooLarge)) != 0) plans_[i] = Plan();
    }
}

// The map and the hot list, and what is left for the rest.
void Packer::makeFrame(const Ranking& ranking) {
    const int64_t budget = request_.budgetTokens;
    for (const auto detail : {PackText::MapDetail::names, PackText::MapDetail::counts}) {
        map_ = text_.map(detail);
        map_ = map_.empty() ? "" : "Files:\n" + map_;
        if (estimate(double(map_.size())) <= budget / 5 && count(map_) <= budget / 10) break;
        map_.clear();
    }
    size_t lines = std::min(kHotMax, ranking.files.size());
    for (; lines > 0; lines /= 2) {
        hot_ = "Most relevant to the task:\n";
        for (size_t i = 0; i < lines; i++) {
            const FileScore& scored = ranking.files[i];
            hot_ +=
                fmt::format("- {}: {}\n", base::toValidUtf8(view_.files[size_t(scored.file)].path),
                            base::toValidUtf8(reasons_[scored.file]));
        }
        if (count(hot_) <= budget / 20) break;
        hot_.clear();
    }
    if (lines == 0) hot_.clear();
    // Joins may merge or split tokens: a small reserve, checked exactly at the end.
    left_ = budget - count(map_) - count(hot_) - budget / 200 - 8;
}

double Packer::bytesOf(const Candidate& item) const {
    const Plan& plan = plans_[size_t(item.file)];
    const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(item.file)].blob)];
    const auto bytes = double(blob.bytes);
    if (item.unit == Unit::outline) return bytes * kOutlineShareOfFull;
    if (item.unit == Unit::full)
        return std::max(bytes * 0.02, bytes - double(plan.tokens) * bytesPerToken_);
    const LiveChunk& chunk = view_.chunks[size_t(item.chunk)];
    return bytes * (chunk.lineLast - chunk.lineFirst + 1) /
           double(std::max<int64_t>(1, blob.lines));
}

double Packer::gain(const Candidate& item) const {
    const Plan& plan = plans_[size_t(item.file)];
    const auto chunkGain = [&](int32_t chunk) {
        // Squared: half a match is worth a quarter, so that outlines of the rest come before it.
        const double score = chunkScores_[size_t(chunk)];
        return score * score * (0.2 + 0.8 * plan.relevance);
    };
    if (item.unit == Unit::chunk) return chunkGain(item.chunk);
    if (item.unit == Unit::outline) return 0.25 * plan.relevance * plan.relevance + plan.prior;
    const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(item.file)].blob)];
    double sum = 0.6 * plan.relevance * plan.relevance + plan.prior;
    if (plan.hasOutline) sum *= 0.7;
    for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
        if (!std::binary_search(plan.chunks.begin(), plan.chunks.end(), c)) sum += chunkGain(c);
    return sum;
}

double Packer::priority(const Candidate& item) const {
    return gain(item) / (double(estimate(bytesOf(item))) + kOverheadTokens);
}

bool Packer::isOpen(const Candidate& item) const {
    const Plan& plan = plans_[size_t(item.file)];
    if (plan.isFull) return false;
    return item.unit != Unit::outline || !plan.hasOutline;
}

void Packer::offer(std::priority_queue<Candidate, std::vector<Candidate>, IsWorse>& heap,
                   Candidate item) const {
    item.priority = priority(item);
    if (item.priority > 0) heap.push(item);
}

// Greedy by gain per token. Priorities only fall as things are taken (or rise for a file half of
// which is in); they are looked at again when an item comes up.
base::Status Packer::fill() {
    std::priority_queue<Candidate, std::vector<Candidate>, IsWorse> heap;
    for (size_t i = 0; i < plans_.size(); i++) {
        const Plan& plan = plans_[i];
        if (plan.relevance <= 0 && plan.prior <= 0) continue;
        const auto file = int32_t(i);
        const LiveBlob& blob = view_.blobs[size_t(view_.files[i].blob)];
        offer(heap, {.file = file, .unit = Unit::outline});
        offer(heap, {.file = file, .unit = Unit::full});
        if (plan.relevance <= 0 || blob.chunkCount < 2) continue;
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
            if (chunkScores_[size_t(c)] > 0.02)
                offer(heap, {.file = file, .unit = Unit::chunk, .chunk = c});
    }
    int32_t misses = 0;
    while (!heap.empty() && left_ > 16 && misses < kMissesMax) {
        if (stop_.stop_requested()) return base::fail(base::Errc::cancelled, "packing was stopped");
        Candidate item = heap.top();
        heap.pop();
        if (!isOpen(item)) continue;
        const double now = priority(item);
        if (now < item.priority * 0.999 && !heap.empty() && now < heap.top().priority) {
            offer(heap, item);
            continue;
        }
        if (estimate(bytesOf(item)) > left_ + left_ / 4 + 16) {
            misses++;
            continue;
        }
        TRY_ASSIGN(const bool isTaken, take(item));
        misses = isTaken ? 0 : misses + 1;
        if (isTaken && item.unit != Unit::full)
            offer(heap, {.file = item.file, .unit = Unit::full});
    }
    return {};
}

base::Result<std::string> Packer::render(int32_t file, const Plan& plan) {
    if (plan.isFull) return text_.full(file);
    if (!plan.chunks.empty())
        return text_.excerpt(
            file, plan.chunks,
            plan.hasOutline ? PackText::Between::outline : PackText::Between::nothing);
    if (plan.hasOutline) return text_.outline(file);
    return std::string();
}

base::Result<bool> Packer::take(const Candidate& item) {
    Plan& plan = plans_[size_t(item.file)];
    Plan next = plan;
    if (item.unit == Unit::outline) next.hasOutline = true;
    if (item.unit == Unit::full) next.isFull = true;
    if (item.unit == Unit::chunk)
        next.chunks.insert(std::lower_bound(next.chunks.begin(), next.chunks.end(), item.chunk),
                           item.chunk);
    TRY_ASSIGN(const std::string text, render(item.file, next));
    if (text.empty()) return false;
    next.tokens = count(text);
    if (next.tokens - plan.tokens > left_) return false;
    left_ -= next.tokens - plan.tokens;
    taken_.push_back({item, plan});
    plan = std::move(next);
    return true;
}

PackForm formOf(const Plan& plan) {
    if (plan.isFull) return PackForm::full;
    if (!plan.chunks.empty()) return PackForm::excerpt;
    return plan.hasOutline ? PackForm::skeleton : PackForm::pathOnly;
}

base::Result<std::string> Packer::whole(std::vector<PackItem>& items) {
    std::string out = map_;
    items.clear();
    for (const PackForm band : {PackForm::skeleton, PackForm::excerpt, PackForm::full}) {
        for (size_t i = 0; i < plans_.size(); i++) {
            const Plan& plan = plans_[i];
            if (formOf(plan) != band) continue;
            TRY_ASSIGN(const std::string text, render(int32_t(i), plan));
            out += text;
            const auto reason = reasons_.find(int32_t(i));
            items.push_back({.path = view_.files[i].path,
                             .form = band,
                             .tokens = plan.tokens,
                             .why = reason == reasons_.end() ? "background" : reason->second});
        }
    }
    for (size_t i = 0; i < std::min<size_t>(50, ranked_.size()); i++) {
        const int32_t file = ranked_[i];
        if (formOf(plans_[size_t(file)]) == PackForm::pathOnly)
            items.push_back({.path = view_.files[size_t(file)].path,
                             .form = PackForm::pathOnly,
                             .tokens = 0,
                             .why = reasons_[file]});
    }
    out += hot_;
    return out;
}

// Undoes the last things taken until about `excess` tokens are saved. False: nothing is left.
bool Packer::giveBack(int64_t excess) {
    int64_t saved = 0;
    while (saved < excess) {
        if (taken_.empty()) {
            if (map_.empty() && hot_.empty()) return saved > 0;
            (map_.empty() ? hot_ : map_).clear();
            return true;
        }
        Plan& plan = plans_[size_t(taken_.back().item.file)];
        saved += plan.tokens - taken_.back().before.tokens;
        plan = std::move(taken_.back().before);
        taken_.pop_back();
    }
    return true;
}

base::Result<ContextPack> Packer::fit() {
    ContextPack pack;
    while (true) {
        if (stop_.stop_requested()) return base::fail(base::Errc::cancelled, "packing was stopped");
        TRY_ASSIGN(pack.text, whole(pack.items));
        pack.tokens = pack.text.empty() ? 0 : request_.countTokens(pack.text);
        if (pack.tokens <= request_.budgetTokens) break;
        if (!giveBack(pack.tokens - request_.budgetTokens + 4)) {
            pack = ContextPack();
            break;
        }
    }
    int64_t shown = 0;
    for (const PackItem& item : pack.items)
        shown += item.form != PackForm::pathOnly;
    pack.filesLeftOut = int64_t(view_.files.size()) - shown;
    return pack;
}

base::Result<ContextPack> Packer::run(const Ranking& ranking) {
    makePlans(ranking);
    makeFrame(ranking);
    TRY(fill());
    return fit();
}

}  // namespace

base::Result<ContextPack> makePack(const Reading& reading, const std::filesystem::path& root,
                                   const PackRequest& request, const std::stop_token& stop) {
    if (!request.countTokens)
        return base::fail(base::Errc::invalidInput, "a pack needs a token counter");
    if (request.budgetTokens < 0)
        return base::fail(base::Errc::invalidInput, "the token budget is negative");
    TRY_ASSIGN(const Ranking ranking, rank(reading, analyseQuery(request.task), root));
    return Packer(reading, root, request, stop).run(ranking);
}

}  // namespace moxie::indexer

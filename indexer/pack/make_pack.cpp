#include "indexer/pack/make_pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "indexer/language.h"
#include "indexer/lookup.h"
#include "indexer/pack/choice.h"
#include "indexer/pack/file_facts.h"
#include "indexer/pack/left_out.h"
#include "indexer/pack/near_copies.h"
#include "indexer/pack/need.h"
#include "indexer/pack/pack_text.h"
#include "indexer/pack/pieces.h"
#include "indexer/pack/token_counts.h"
#include "indexer/ranking.h"

namespace moxie::indexer {
namespace {

constexpr size_t kHotMax = 20;      // lines of the list at the end
constexpr size_t kCopiesNamed = 4;  // in the header of the file that stands for them
constexpr int64_t kComparedBytesMax = 400'000;
constexpr PackBand kBands[] = {PackBand::vendored, PackBand::settled, PackBand::active};

class PackMaker {
public:
    PackMaker(const Reading& reading, const PackPlace& place, const PackRequest& request,
              const std::stop_token& stop)
        : reading_(reading),
          view_(reading.view()),
          place_(place),
          request_(request),
          stop_(stop),
          text_(reading, place_.root),
          count_(request.countTokens, place.indexFile, request.counterName) {}

    base::Result<ContextPack> run(Ranking ranking);

private:
    base::Status readFacts();
    void noteCopies();
    void makeMap();
    void makeHotList();
    base::Result<std::string> whole(const Choice& choice);
    base::Result<ContextPack> fit(Choice& choice);
    base::Result<PackItem> itemOf(int32_t file, const Choice& choice);
    base::Status describe(const Choice& choice, ContextPack& pack);

    const Reading& reading_;
    const LiveView& view_;
    const PackPlace& place_;
    const PackRequest& request_;
    const std::stop_token& stop_;
    PackText text_;
    TokenCounts count_;
    Ranking ranking_;
    Need need_;
    std::vector<FileFacts> facts_;
    std::vector<int32_t> standsFor_;                      // near copies, by file
    std::map<int32_t, std::vector<std::string>> copies_;  // paths, by the file that is packed
    std::string map_, hot_;
};

base::Status PackMaker::readFacts() {
    TRY_ASSIGN(facts_, readFileFacts(reading_));
    standsFor_ = findNearCopies(view_, facts_, [&](int32_t file) {
        const auto text =
            base::readFile(place_.root / view_.files[size_t(file)].path, kComparedBytesMax + 1);
        return text ? *text : std::string();
    });
    for (size_t i = 0; i < facts_.size(); i++)
        if (standsFor_[i] >= 0) facts_[i].sameAs = standsFor_[i];
    // A copy of a near copy is one too.
    for (FileFacts& facts : facts_)
        if (facts.sameAs >= 0 && standsFor_[size_t(facts.sameAs)] >= 0)
            facts.sameAs = standsFor_[size_t(facts.sameAs)];
    noteCopies();
    return {};
}

void PackMaker::noteCopies() {
    std::map<int32_t, std::vector<std::string>> same, near;
    for (size_t i = 0; i < facts_.size(); i++) {
        const int32_t kept = facts_[i].sameAs;
        if (kept < 0) continue;
        const bool isEqual = view_.files[i].blob == view_.files[size_t(kept)].blob;
        (isEqual ? same : near)[kept].push_back(view_.files[i].path);
        copies_[kept].push_back(view_.files[i].path);
    }
    const auto list = [](const std::vector<std::string>& paths) {
        std::string out;
        for (size_t i = 0; i < std::min(kCopiesNamed, paths.size()); i++)
            out += (i == 0 ? "" : ", ") + paths[i];
        if (paths.size() > kCopiesNamed)
            out += fmt::format(" and {} more", paths.size() - kCopiesNamed);
        return out;
    };
    for (const auto& [kept, paths] : copies_) {
        std::string note;
        if (same.contains(kept)) note = "same text: " + list(same[kept]);
        if (near.contains(kept))
            note += (note.empty() ? "" : "; ") + ("nearly the same: " + list(near[kept]));
        text_.setNote(kept, std::move(note));
    }
}

void PackMaker::makeMap() {
    const int64_t budget = request_.budgetTokens;
    const int64_t share = budget / 25;
    for (const auto detail : {PackText::MapDetail::names, PackText::MapDetail::counts}) {
        map_ = text_.map(detail);
        map_ = map_.empty() ? "" : "Files:\n" + map_;
        // Not worth counting where even twenty bytes a token would be too many.
        if (int64_t(map_.size()) / 20 <= share && count_(map_) <= share) return;
        map_.clear();
    }
}

void PackMaker::makeHotList() {
    for (size_t lines = std::min(kHotMax, ranking_.files.size()); lines > 0; lines /= 2) {
        hot_ = "Most relevant to the task:\n";
        for (size_t i = 0; i < lines; i++) {
            const FileScore& scored = ranking_.files[i];
            hot_ += base::toValidUtf8(fmt::format(
                "- {} ({})\n", view_.files[size_t(scored.file)].path, toText(scored.reason)));
        }
        if (count_(hot_) <= request_.budgetTokens / 20) return;
    }
    hot_.clear();
}

base::Result<std::string> PackMaker::whole(const Choice& choice) {
    std::string out = map_;
    for (const PackBand band : kBands) {
        for (size_t i = 0; i < facts_.size(); i++) {
            if (facts_[i].band != band || choice.shapes()[i].isEmpty()) continue;
            TRY_ASSIGN(const std::vector<PackPart> parts,
                       text_.parts(int32_t(i), choice.shapes()[i]));
            for (const PackPart& part : parts)
                out += part.text;
        }
    }
    return out + hot_;
}

// The whole is counted once more: joins may cost tokens with a counter that merges across lines.
base::Result<ContextPack> PackMaker::fit(Choice& choice) {
    ContextPack pack;
    while (true) {
        if (stop_.stop_requested()) return base::fail(base::Errc::cancelled, "packing was stopped");
        TRY_ASSIGN(pack.text, whole(choice));
        pack.tokens = pack.text.empty() ? 0 : request_.countTokens(pack.text);
        const int64_t excess = pack.tokens - request_.budgetTokens;
        if (excess <= 0) return pack;
        if (choice.giveBack(excess + 4)) continue;
        if (map_.empty() && hot_.empty()) return ContextPack();
        (map_.empty() ? hot_ : map_).clear();
    }
}

base::Result<PackItem> PackMaker::itemOf(int32_t file, const Choice& choice) {
    const PackShape& shape = choice.shapes()[size_t(file)];
    PackItem item{.path = view_.files[size_t(file)].path,
                  .form = formOf(shape),
                  .band = facts_[size_t(file)].band,
                  .tokens = choice.tokensOf(file),
                  .lines = text_.lines(file, shape)};
    if (const int32_t rank = need_.fileRanks[size_t(file)]; rank >= 0)
        item.reason = ranking_.files[size_t(rank)].reason;
    if (const auto copies = copies_.find(file); copies != copies_.end())
        item.copies = copies->second;
    return item;
}

base::Status PackMaker::describe(const Choice& choice, ContextPack& pack) {
    pack.mapTokens = map_.empty() ? 0 : count_(map_);
    pack.hotTokens = hot_.empty() ? 0 : count_(hot_);
    pack.isEnough = choice.isEnough();
    for (const PackBand band : kBands) {
        for (int32_t i = 0; i < int32_t(facts_.size()); i++) {
            const PackShape& shape = choice.shapes()[size_t(i)];
            if (facts_[size_t(i)].band != band || shape.isEmpty()) continue;
            TRY_ASSIGN(PackItem item, itemOf(i, choice));
            pack.items.push_back(std::move(item));
            TRY_ASSIGN(PackedFile file, packedFileOf(text_, view_, i, shape));
            pack.files.push_back(std::move(file));
        }
    }
    pack.filesLeftOut = int64_t(view_.files.size() - pack.items.size());
    pack.leftOut = leftOut({view_, facts_, need_, choice.shapes(), choice.isEnough()});
    return {};
}

base::Result<ContextPack> PackMaker::run(Ranking ranking) {
    ranking_ = std::move(ranking);
    TRY(readFacts());
    need_ = NeedModel(view_, facts_, ranking_).estimate();
    makeMap();
    makeHotList();
    const int64_t frame = (map_.empty() ? 0 : count_(map_)) + (hot_.empty() ? 0 : count_(hot_));
    CalleeFinder callees(reading_, place_.links);
    Choice choice({.reading = reading_,
                   .facts = facts_,
                   .need = need_,
                   .text = text_,
                   .count = count_,
                   .callees = callees,
                   .stop = stop_,
                   .tokens = request_.budgetTokens - frame,
                   .budgetTokens = request_.budgetTokens});
    TRY(choice.fill());
    TRY_ASSIGN(ContextPack pack, fit(choice));
    TRY(describe(choice, pack));
    if (const auto saved = count_.save(); !saved)
        base::log(base::LogLevel::warn, "indexer", "token counts: " + saved.error().message());
    return pack;
}

}  // namespace

base::Result<ContextPack> makePack(const Reading& reading, const PackPlace& place,
                                   const PackRequest& request, const std::stop_token& stop) {
    if (!request.countTokens)
        return base::fail(base::Errc::invalidInput, "a pack needs a token counter");
    if (request.budgetTokens < 0)
        return base::fail(base::Errc::invalidInput, "the token budget is negative");
    TRY_ASSIGN(Ranking ranking, rank(reading, analyseQuery(request.task), place.root));
    return PackMaker(reading, place, request, stop).run(std::move(ranking));
}

}  // namespace moxie::indexer

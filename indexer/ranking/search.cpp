#include "indexer/ranking/search.h"

#include <algorithm>

#include "base/text.h"
#include "indexer/disk_lines.h"
#include "indexer/ranking/companions.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kSnippetBytesMax = 600;
constexpr int32_t kSnippetLines = 8;
constexpr size_t kHitsWithCompanions = 3;

class HitMaker {
public:
    HitMaker(const Reading& reading, const std::filesystem::path& root,
             const RankedRequest& request)
        : reading_(reading),
          request_(request),
          disk_(root) {}

    base::Result<SearchHit> make(const FileScore& file);
    base::Status addCompanions(const FileScore& file, SearchHit& hit);

private:
    base::Status addPlace(int32_t chunk, SearchHit& hit);

    const Reading& reading_;
    const RankedRequest& request_;
    DiskLines disk_;
    int64_t symbol_ = 0;  // of the hit made last
};

base::Status HitMaker::addPlace(int32_t at, SearchHit& hit) {
    const LiveChunk& chunk = reading_.view().chunks[size_t(at)];
    hit.lineFirst = chunk.lineFirst;
    hit.lineLast = chunk.lineLast;
    hit.snippet =
        base::cutUtf8(disk_.lines(hit.path, chunk.lineFirst,
                                  std::min(chunk.lineLast, chunk.lineFirst + kSnippetLines - 1)),
                      kSnippetBytesMax);
    if (chunk.symbol == 0) return {};
    TRY_ASSIGN(Statement query,
               reading_.database().prepare(
                   "SELECT text FROM sym JOIN name ON name.id = sym.name WHERE sym.id=?"));
    TRY_ASSIGN(const bool hasRow, query.bind(1, chunk.symbol).step());
    if (!hasRow) return {};
    hit.symbol = query.text(0);
    symbol_ = chunk.symbol;
    return {};
}

base::Result<SearchHit> HitMaker::make(const FileScore& file) {
    SearchHit hit;
    symbol_ = 0;
    hit.path = reading_.view().files[size_t(file.file)].path;
    hit.score = file.score;
    hit.reason = file.reason;
    hit.explain = explain(request_, reading_.view(), file);
    if (file.bestChunk >= 0) TRY(addPlace(file.bestChunk, hit));
    return hit;
}

base::Status HitMaker::addCompanions(const FileScore& file, SearchHit& hit) {
    TRY_ASSIGN(hit.companions,
               companionsOf(reading_, *request_.table, {.file = file.file, .symbol = symbol_}));
    return {};
}

}  // namespace

base::Result<std::vector<SearchHit>> search(const Reading& reading,
                                            const std::filesystem::path& root,
                                            std::string_view query, int64_t limit) {
    TRY_ASSIGN(const RankedRequest request, rankRequest(reading, analyseQuery(query), root));
    HitMaker maker(reading, root, request);
    std::vector<SearchHit> hits;
    for (const FileScore& file : request.ranking.files) {
        if (int64_t(hits.size()) >= limit) break;
        TRY_ASSIGN(SearchHit hit, maker.make(file));
        if (hits.size() < kHitsWithCompanions) TRY(maker.addCompanions(file, hit));
        hits.push_back(std::move(hit));
    }
    return hits;
}

}  // namespace moxie::indexer

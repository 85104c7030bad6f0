#include "indexer/ranking/evidence.h"

#include <algorithm>
#include <cmath>

#include "indexer/postings.h"
#include "indexer/ranking/pins.h"

namespace moxie::indexer {
namespace {

class Gatherer {
public:
    Gatherer(const Reading& reading, const RankingTable& table)
        : database_(reading.database()),
          view_(reading.view()),
          table_(table) {}

    base::Status prepare();
    base::Result<WordEvidence> word(const std::string& text);

private:
    base::Status readTexts(const std::string& text, WordEvidence& found);
    base::Status readMessages(const std::string& text, WordEvidence& found);
    void addChunk(int64_t row, int32_t names, int32_t body, WordEvidence& found) const;
    int32_t countFiles(const WordEvidence& found) const;

    const Database& database_;
    const LiveView& view_;
    const RankingTable& table_;
    PostingReader texts_, messages_;
    std::vector<Posting> rows_;
};

base::Status Gatherer::prepare() {
    TRY_ASSIGN(texts_, PostingReader::make(database_, PostingList::chunks));
    TRY_ASSIGN(messages_, PostingReader::make(database_, PostingList::commits));
    return {};
}

void Gatherer::addChunk(int64_t row, int32_t names, int32_t body, WordEvidence& found) const {
    const auto chunk = view_.chunkById.find(row);
    if (chunk == view_.chunkById.end()) return;  // of a tier or blob before
    found.chunks.push_back({chunk->second, names, body});
    const int32_t blob = view_.chunks[size_t(chunk->second)].blob;
    if (found.blobs.empty() || found.blobs.back().at != blob) found.blobs.push_back({blob, 0, 0});
    found.blobs.back().names += names;
    found.blobs.back().body += body;
}

void sortAndMerge(std::vector<WordCounts>& places) {
    std::sort(places.begin(), places.end(),
              [](const WordCounts& a, const WordCounts& b) { return a.at < b.at; });
    size_t kept = 0;
    for (size_t i = 0; i < places.size(); i++) {
        if (kept > 0 && places[kept - 1].at == places[i].at) {
            places[kept - 1].names += places[i].names;
            places[kept - 1].body += places[i].body;
        } else {
            places[kept++] = places[i];
        }
    }
    places.resize(kept);
}

base::Status Gatherer::readTexts(const std::string& text, WordEvidence& found) {
    TRY(texts_.find(text, rows_));
    for (const Posting& posting : rows_)
        addChunk(posting.row, posting.names, posting.body, found);
    sortAndMerge(found.blobs);
    sortAndMerge(found.chunks);
    return {};
}

base::Status Gatherer::readMessages(const std::string& text, WordEvidence& found) {
    TRY(messages_.find(text, rows_));
    for (const Posting& posting : rows_)
        if (const auto commit = table_.commitByRow.find(posting.row);
            commit != table_.commitByRow.end())
            found.past.emplace_back(commit->second, posting.body);
    std::sort(found.past.begin(), found.past.end());
    return {};
}

int32_t Gatherer::countFiles(const WordEvidence& found) const {
    int32_t count = 0;
    std::vector<int32_t> byText;
    for (const WordCounts& blob : found.blobs)
        for (const int32_t file : table_.filesOfBlob[size_t(blob.at)])
            byText.push_back(file);
    std::sort(byText.begin(), byText.end());
    count = int32_t(byText.size());
    for (const PathHit& hit : found.paths)
        if (!std::binary_search(byText.begin(), byText.end(), hit.file)) count++;
    return count;
}

base::Result<WordEvidence> Gatherer::word(const std::string& text) {
    WordEvidence found;
    TRY(readTexts(text, found));
    TRY(readMessages(text, found));
    if (const auto paths = table_.pathWords.find(text); paths != table_.pathWords.end())
        found.paths = paths->second;
    found.files = countFiles(found);
    return found;
}

}  // namespace

int32_t chunkAt(const LiveView& view, int32_t file, int32_t line) {
    const LiveBlob& blob = view.blobs[size_t(view.files[size_t(file)].blob)];
    for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
        if (line >= view.chunks[size_t(c)].lineFirst && line <= view.chunks[size_t(c)].lineLast)
            return c;
    return -1;
}

base::Result<Evidence> gatherEvidence(const Reading& reading, const RankingTable& table,
                                      const Query& query, const std::filesystem::path& root) {
    Evidence evidence;
    Gatherer gatherer(reading, table);
    TRY(gatherer.prepare());
    for (const QueryWord& word : query.words) {
        TRY_ASSIGN(WordEvidence found, gatherer.word(word.text));
        evidence.words.push_back(std::move(found));
    }
    TRY_ASSIGN(evidence.pins, findPins(reading, table, query, evidence.words, root));
    return evidence;
}

}  // namespace moxie::indexer

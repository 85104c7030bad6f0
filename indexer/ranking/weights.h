// The constants of the ranking, in one place so that the retrieval benchmark can try others
// (tests/bench/index/retrieval.sh --tune). Tuned on redis, typeorm, sphinx and fmt only.
#pragma once

namespace moxie::indexer {

struct RankingWeights {
    // Words of a file: BM25F.
    double stem = 5, folder = 15, names = 1, body = 1;
    double wholeStem = 0;  // more for a file whose whole name is the word
    double bPath = 0.75, bNames = 0.2, bBody = 0.5, k1 = 1.6;
    // Functions: BM25 over chunks, the best few summed, each next one times `chunkDecay`.
    double chunkNames = 4, bChunk = 0.75, chunkK1 = 1.2, chunkDecay = 0.15;
    // Messages of past commits: per file, and commit by commit.
    double bHistory = 0.75, historyK1 = 1.2;
    double bCommit = 0.5, commitSpread = 0.4;
    // Words of the request.
    double rest = 0.7;    // that stand after its first line
    double repeat = 0.3;  // more for each time a word comes again
    double pair = 0.4;    // two neighbours written as one identifier
    double rarity = 1;    // power of the inverse document frequency
    // The sum.
    double wordShare = 1, functionShare = 1.2, historyShare = 0.8, commitShare = 0.8;
    double relative = 0.25;  // of the score of the best file of the same name
    double recency = 0;
    double test = 0.5, vendored = 0.6, generated = 0.3, data = 0.6;
    // Pins.
    double path = 2, frame = 2, name = 1, quote = 1;
};

}  // namespace moxie::indexer

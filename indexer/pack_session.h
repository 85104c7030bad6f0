// Keeps what a model was told of a repository true: remembers what a base pack showed, compares it
// with the files on disk before each request, and says as text to be appended what others changed
// since. The base itself is never written again, so the prefix of the prompt stays the same bytes;
// when that costs more than a new base, it says so. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "indexer/context_pack.h"

namespace moxie::indexer {

// What a prompt costs, in any currency.
struct PackPrices {
    double missPerToken = 1, hitPerToken = 0.1;  // not cached, cached
};

struct PackCosts {
    int64_t baseTokens = 0;      // of the base pack, written again as it would be now
    int64_t deltaTokens = 0;     // appended since
    int64_t remainingTurns = 0;  // requests that are still to come, as far as one can say
    PackPrices prices = {};
};

// Whether a new base is due: the deltas are above a fifth of the base, or what it saves in the
// requests to come (delta tokens x turns x hit price) is more than it costs (base x miss price).
bool isNewBaseDue(const PackCosts& costs);

struct PackDelta {
    std::string text;                // to be appended; empty: nothing to say
    int64_t tokens = 0;              // of the text
    std::vector<PackedFile> files;   // what the model believes of them from then on
    std::vector<std::string> paths;  // that changed
};

// For a log: one line and one more for each piece. "" if the path is not plain text; nullopt if it
// is no such line.
std::string toLine(const PackedFile& file);
std::optional<PackedFile> packedFileFromLine(std::string_view line);

// What the model knows of a file's bytes from its own tools, which wrote or showed them.
enum class ModelKnows { nothing, these, others };
using AskModelKnows = std::function<ModelKnows(const std::string& path, std::string_view bytes)>;

class PackSession {
public:
    explicit PackSession(std::filesystem::path root);
    ~PackSession();
    PackSession(PackSession&&) noexcept;
    PackSession& operator=(PackSession&&) noexcept;

    // Of ContextPack::files, or of a delta that was sent: later words replace earlier ones.
    void believe(const std::vector<PackedFile>& files);
    void forgetAll();

    bool isEmpty() const { return files_.empty(); }

    // What changed since in the stretches that the pack shows. A file whose bytes the model knows
    // is passed over and believed from then on. Give `files` to believe() when the text was sent.
    // Long changes are named and not shown. Fails: cancelled. Cost: a stat of each packed file, a
    // reading and parsing of those that changed.
    base::Result<PackDelta> changes(const AskModelKnows& ask,
                                    const std::function<int64_t(std::string_view)>& countTokens,
                                    const std::stop_token& stop);

private:
    struct Parser;

    // What a file looked like when it was last found unchanged.
    struct Looks {
        int64_t bytes = -1, modifiedNs = 0;
        uint64_t inode = 0;
    };

    base::Result<bool> check(PackedFile& file, const AskModelKnows& ask, PackDelta& delta,
                             const std::stop_token& stop);

    std::filesystem::path root_;
    std::map<std::string, PackedFile> files_;  // by path
    std::unordered_map<std::string, Looks> looks_;
    std::unordered_map<std::string, std::string> own_;  // path to the blob that the model last knew
    std::unordered_set<std::string> checked_;           // paths, at least once
    std::unique_ptr<Parser> parser_;
};

}  // namespace moxie::indexer

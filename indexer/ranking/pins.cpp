#include "indexer/ranking/pins.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/file.h"
#include "indexer/words.h"

namespace moxie::indexer {
namespace {

constexpr size_t kPlacesOfNameMax = 30, kPlacesOfPathMax = 20;
constexpr size_t kQuoteFilesMax = 60;  // read for one quoted text
constexpr int64_t kQuotedBytesMax = 2'000'000;

class PinFinder {
public:
    PinFinder(const Reading& reading, const Query& query, const RankingTable& table,
              const std::filesystem::path& root)
        : database_(reading.database()),
          view_(reading.view()),
          query_(query),
          table_(table),
          root_(root) {}

    base::Status addNames();
    void addPaths();
    void addFrames();
    void addQuotes(const std::vector<WordEvidence>& words);

    std::vector<PinPlace> take() { return std::move(pins_); }

private:
    std::vector<int32_t> filesWith(const std::string& quote,
                                   const std::vector<WordEvidence>& words) const;
    const std::string& textOf(int32_t file);

    const Database& database_;
    const LiveView& view_;
    const Query& query_;
    const RankingTable& table_;
    const std::filesystem::path& root_;
    std::vector<PinPlace> pins_;
    std::unordered_map<int32_t, std::string> texts_;
};

// A name that is defined in many places says little about each.
base::Status PinFinder::addNames() {
    if (query_.identifiers.empty()) return {};
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT blob, line_first FROM sym JOIN name ON name.id = sym.name "
                                 "WHERE name.text = ? AND is_declaration = 0"));
    for (const std::string& name : query_.identifiers) {
        std::vector<std::pair<int32_t, int32_t>> places;  // blob, line
        query.bind(1, name);
        while (true) {
            TRY_ASSIGN(const bool hasRow, query.step());
            if (!hasRow) break;
            const auto blob = view_.blobById.find(query.integer(0));
            if (blob != view_.blobById.end())
                places.emplace_back(view_.blobs[size_t(blob->second)].file,
                                    int32_t(query.integer(1)));
        }
        query.reset();
        if (places.empty() || places.size() > kPlacesOfNameMax) continue;
        std::sort(places.begin(), places.end());
        size_t files = 0;
        for (size_t i = 0; i < places.size(); i++)
            files += i == 0 || places[i].first != places[i - 1].first;
        for (const auto& [file, line] : places)
            pins_.push_back({.kind = PinKind::name,
                             .text = name,
                             .file = file,
                             .line = line,
                             .chunk = chunkAt(view_, file, line),
                             .strength = 1.0 / std::sqrt(double(files))});
    }
    return {};
}

void PinFinder::addPaths() {
    for (const std::string& path : query_.paths) {
        const std::vector<int32_t> files = filesNamed(view_, path);
        for (const int32_t file : files)
            pins_.push_back({.kind = PinKind::path,
                             .text = path,
                             .file = file,
                             .strength = 1.0 / std::sqrt(double(files.size()))});
    }
}

void PinFinder::addFrames() {
    for (size_t i = 0; i < query_.frames.size(); i++) {
        const QueryFrame& frame = query_.frames[i];
        const std::vector<int32_t> files = filesNamed(view_, frame.path);
        for (const int32_t file : files) {
            const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(file)].blob)];
            if (frame.line > blob.lines) continue;
            // The frames at the top of a trace are nearer to what went wrong.
            pins_.push_back({.kind = PinKind::frame,
                             .text = view_.files[size_t(file)].path,
                             .file = file,
                             .line = frame.line,
                             .chunk = chunkAt(view_, file, frame.line),
                             .strength = 1.0 / std::sqrt(double(files.size()) * double(i + 1))});
        }
    }
}

// A quoted text can only be where all of its words are.
std::vector<int32_t> PinFinder::filesWith(const std::string& quote,
                                          const std::vector<WordEvidence>& words) const {
    std::vector<int32_t> blobs;
    bool isFirst = true;
    for (const std::string& word : queryWords(quote)) {
        const auto at = std::find_if(query_.words.begin(), query_.words.end(),
                                     [&](const QueryWord& asked) { return asked.text == word; });
        if (at == query_.words.end()) continue;
        const std::vector<WordCounts>& having = words[size_t(at - query_.words.begin())].blobs;
        std::vector<int32_t> kept;
        if (isFirst)
            for (const WordCounts& blob : having)
                kept.push_back(blob.at);
        else
            for (const int32_t blob : blobs)
                if (std::binary_search(
                        having.begin(), having.end(), WordCounts{.at = blob},
                        [](const WordCounts& a, const WordCounts& b) { return a.at < b.at; }))
                    kept.push_back(blob);
        blobs = std::move(kept);
        isFirst = false;
    }
    std::vector<int32_t> files;
    for (const int32_t blob : blobs)
        files.push_back(view_.blobs[size_t(blob)].file);
    std::sort(files.begin(), files.end());
    return files;
}

const std::string& PinFinder::textOf(int32_t file) {
    const auto [at, isNew] = texts_.try_emplace(file);
    if (isNew)
        if (auto text = base::readFile(root_ / view_.files[size_t(file)].path, kQuotedBytesMax))
            at->second = std::move(*text);
    return at->second;
}

void PinFinder::addQuotes(const std::vector<WordEvidence>& words) {
    for (const std::string& quote : query_.quoted) {
        const std::vector<int32_t> files = filesWith(quote, words);
        if (files.size() > kQuoteFilesMax) continue;
        std::vector<PinPlace> found;
        for (const int32_t file : files) {
            const std::string& text = textOf(file);
            const size_t at = text.find(quote);
            if (at == text.npos) continue;
            const auto line =
                1 + int32_t(std::count(text.begin(), text.begin() + int64_t(at), '\n'));
            found.push_back({.kind = PinKind::quote,
                             .text = quote,
                             .file = file,
                             .line = line,
                             .chunk = chunkAt(view_, file, line)});
        }
        for (PinPlace& pin : found) {
            pin.strength = 1.0 / std::sqrt(double(found.size()));
            pins_.push_back(std::move(pin));
        }
    }
}

// "src/a" is meant by "src/a.ts" and "src/a/index.ts".
bool isMeant(std::string_view candidate, std::string_view path) {
    const auto isTail = [&](std::string_view whole) {
        return whole == path || (whole.size() > path.size() && whole.ends_with(path) &&
                                 whole[whole.size() - path.size() - 1] == '/');
    };
    if (isTail(candidate)) return true;
    if (path.find('/') == path.npos) return false;
    const size_t slash = candidate.rfind('/');
    const std::string_view name = candidate.substr(slash + 1);
    if (slash != candidate.npos && (name.starts_with("index.") || name.starts_with("__init__.")))
        return isTail(candidate.substr(0, slash));
    return isTail(candidate.substr(0, slash + 1 + name.find('.')));
}

}  // namespace

std::vector<int32_t> filesNamed(const LiveView& view, std::string_view path) {
    std::vector<int32_t> files;
    while (!path.empty()) {
        for (size_t i = 0; i < view.files.size() && files.size() <= kPlacesOfPathMax; i++)
            if (isMeant(view.files[i].path, path)) files.push_back(int32_t(i));
        if (files.size() > kPlacesOfPathMax) return {};
        if (!files.empty()) return files;
        const size_t slash = path.find('/');
        if (slash == path.npos) break;
        path.remove_prefix(slash + 1);
    }
    return files;
}

base::Result<std::vector<PinPlace>> findPins(const Reading& reading, const RankingTable& table,
                                             const Query& query,
                                             const std::vector<WordEvidence>& words,
                                             const std::filesystem::path& root) {
    PinFinder finder(reading, query, table, root);
    TRY(finder.addNames());
    finder.addPaths();
    finder.addFrames();
    finder.addQuotes(words);
    return finder.take();
}

}  // namespace moxie::indexer

#include "indexer/pack_session.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "indexer/outline/outline.h"
#include "indexer/pack/pieces.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kCheckedBytesMax = 8'000'000;
constexpr size_t kShownBytesMax = 24'000;  // of one file's changes; more is named only
constexpr size_t kNamedMax = 12;           // anchors in one line
constexpr double kDeltaShareMax = 0.2;
// A file changed this lately may change again without its time telling.
constexpr int64_t kFreshNs = 200'000'000;

int64_t nanoseconds(const timespec& time) {
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::string listOf(const std::vector<std::string>& names) {
    std::string out;
    for (size_t i = 0; i < std::min(kNamedMax, names.size()); i++)
        out += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamedMax) out += fmt::format(" and {} more", names.size() - kNamedMax);
    return out;
}

bool standsForMany(const PackedPiece& piece) {
    return piece.isSignature &&
           (piece.anchor == kPublicSignatures || piece.anchor == kAllSignatures ||
            piece.anchor == kDocumentedSignatures);
}

const PieceText* findPiece(const std::vector<PieceText>& pieces, const PackedPiece& wanted) {
    const PieceText* byAnchor = nullptr;
    for (const PieceText& piece : pieces) {
        if (piece.piece == wanted) return &piece;
        if (piece.piece.anchor == wanted.anchor && !byAnchor) byAnchor = &piece;
    }
    return byAnchor;
}

bool hasHash(const std::vector<PieceText>& pieces, uint64_t hash) {
    return std::any_of(pieces.begin(), pieces.end(),
                       [&](const PieceText& piece) { return piece.piece.hash == hash; });
}

// What of a packed file is not so any more, and how it is now.
class Comparison {
public:
    Comparison(const PackedFile& before, const CurrentPieces& now) : before_(before), now_(now) {
        after_ = before;
        after_.blob = now.blob;
        after_.pieces.clear();
        for (const PackedPiece& piece : before.pieces)
            compare(piece, piece.isSignature ? now.signatures : now.chunks);
        if (before.form == PackForm::full) addNew();
    }

    bool isSame() const { return superseded_.empty() && shown_.empty(); }

    const PackedFile& after() const { return after_; }

    std::string text() const {
        std::string out = fmt::format("=== {} (changed)\n", base::toValidUtf8(before_.path));
        if (!superseded_.empty())
            out += fmt::format("Superseded above: {}.\n", listOf(superseded_));
        if (!gone_.empty()) out += fmt::format("Gone or renamed: {}.\n", listOf(gone_));
        size_t bytes = 0;
        for (const PieceText* piece : shown_)
            bytes += piece->text.size();
        if (bytes > kShownBytesMax)
            return out + "The change is long: read the file before you rely on it.\n";
        for (const PieceText* piece : shown_)
            out += fmt::format("--- now: {}\n{}", piece->piece.anchor, piece->text);
        return out;
    }

private:
    void compare(const PackedPiece& piece, const std::vector<PieceText>& pieces) {
        const PieceText* now = findPiece(pieces, piece);
        if (hasHash(pieces, piece.hash) && !standsForMany(piece)) {
            after_.pieces.push_back(piece);  // perhaps under another name
            return;
        }
        if (now && now->piece.hash == piece.hash) {
            after_.pieces.push_back(piece);
            return;
        }
        superseded_.push_back(piece.anchor);
        if (!now) {
            gone_.push_back(piece.anchor);
            return;
        }
        show(*now);
    }

    void show(const PieceText& piece) {
        if (std::find(shown_.begin(), shown_.end(), &piece) != shown_.end()) return;
        shown_.push_back(&piece);
        after_.pieces.push_back(piece.piece);
    }

    // Of a file that is shown as a whole, new stretches too.
    void addNew() {
        for (const PieceText& piece : now_.chunks) {
            const bool isKnown = std::any_of(
                after_.pieces.begin(), after_.pieces.end(), [&](const PackedPiece& known) {
                    return !known.isSignature && known.hash == piece.piece.hash;
                });
            if (!isKnown) show(piece);
        }
    }

    const PackedFile& before_;
    const CurrentPieces& now_;
    PackedFile after_;
    std::vector<std::string> superseded_, gone_;
    std::vector<const PieceText*> shown_;
};

}  // namespace

std::string toLine(const PackedFile& file) {
    const bool isPlain =
        file.path.find_first_of("\r\n") == file.path.npos && base::isValidUtf8(file.path);
    if (!isPlain) return {};
    std::string line = fmt::format("{} {} {}", toString(file.form),
                                   file.blob.empty() ? "-" : file.blob, file.path);
    for (const PackedPiece& piece : file.pieces) {
        std::string anchor = base::toValidUtf8(piece.anchor);
        std::replace(anchor.begin(), anchor.end(), '\n', ' ');
        line += fmt::format("\n{}{:016x} {}", piece.isSignature ? 's' : 't', piece.hash, anchor);
    }
    return line;
}

std::optional<PackedFile> packedFileFromLine(std::string_view line) {
    const std::vector<std::string_view> parts = base::splitLines(line);
    if (parts.empty()) return std::nullopt;
    const size_t blobAt = parts[0].find(' ');
    const size_t pathAt = blobAt == line.npos ? line.npos : parts[0].find(' ', blobAt + 1);
    if (pathAt == line.npos || pathAt + 1 >= parts[0].size()) return std::nullopt;
    const auto form = packFormFromString(parts[0].substr(0, blobAt));
    if (!form) return std::nullopt;
    PackedFile file{.path = std::string(parts[0].substr(pathAt + 1)), .form = *form};
    const std::string_view blob = parts[0].substr(blobAt + 1, pathAt - blobAt - 1);
    if (blob != "-") file.blob = blob;
    for (size_t i = 1; i < parts.size(); i++) {
        const std::string_view part = parts[i];
        PackedPiece piece;
        if (part.size() < 18 || part[17] != ' ' || (part[0] != 's' && part[0] != 't'))
            return std::nullopt;
        const auto parsed = std::from_chars(part.data() + 1, part.data() + 17, piece.hash, 16);
        if (parsed.ec != std::errc() || parsed.ptr != part.data() + 17) return std::nullopt;
        piece.isSignature = part[0] == 's';
        piece.anchor = part.substr(18);
        file.pieces.push_back(std::move(piece));
    }
    return file;
}

struct PackSession::Parser {
    Outliner outliner;
};

bool isNewBaseDue(const PackCosts& costs) {
    if (costs.baseTokens <= 0 || costs.deltaTokens <= 0) return false;
    const auto base = double(costs.baseTokens), delta = double(costs.deltaTokens);
    if (delta > kDeltaShareMax * base) return true;
    const double saved = delta * double(std::max<int64_t>(0, costs.remainingTurns)) *
                         std::max(0.0, costs.prices.hitPerToken);
    return saved > base * std::max(0.0, costs.prices.missPerToken);
}

PackSession::PackSession(std::filesystem::path root)
    : root_(std::move(root)),
      parser_(std::make_unique<Parser>()) {}

PackSession::~PackSession() = default;
PackSession::PackSession(PackSession&&) noexcept = default;
PackSession& PackSession::operator=(PackSession&&) noexcept = default;

void PackSession::believe(const std::vector<PackedFile>& files) {
    for (const PackedFile& file : files) {
        looks_.erase(file.path);
        if (file.pieces.empty() && file.form == PackForm::pathOnly)
            files_.erase(file.path);
        else
            files_[file.path] = file;
    }
}

void PackSession::forgetAll() {
    files_.clear();
    looks_.clear();
}

// True: the file is as believed, or the model knows better.
base::Result<bool> PackSession::check(PackedFile& file, const AskModelKnows& ask, PackDelta& delta,
                                      const std::stop_token& stop) {
    const auto path = root_ / file.path;
    const auto read = base::readFile(path, kCheckedBytesMax);
    if (!read) {
        if (file.form == PackForm::pathOnly) return true;
        delta.files.push_back({.path = file.path});
        delta.text += fmt::format("=== {} (gone)\nEverything of it above is superseded.\n",
                                  base::toValidUtf8(file.path));
        delta.paths.push_back(file.path);
        return false;
    }
    const ModelKnows known = ask ? ask(file.path, *read) : ModelKnows::nothing;
    const bool isFirst = checked_.insert(file.path).second;
    const bool hasSameBytes = hexId(blobHash(*read)) == file.blob;
    if (known == ModelKnows::others && isFirst && hasSameBytes) {
        // It saw another text in an earlier process.
        delta.text += fmt::format("=== {} (changed)\nIt is again as shown above.\n",
                                  base::toValidUtf8(file.path));
        delta.files.push_back(file);
        delta.paths.push_back(file.path);
        return false;
    }
    if (hasSameBytes) {
        if (known == ModelKnows::these) own_[file.path] = file.blob;
        return true;
    }
    TRY_ASSIGN(const CurrentPieces now, currentPieces(parser_->outliner, file.path, *read, stop));
    const Comparison comparison(file, now);
    // Bytes that it knew before it was told of others are news again.
    const bool isOwn = known == ModelKnows::these && own_[file.path] != now.blob;
    if (isOwn || comparison.isSame()) {
        if (isOwn) own_[file.path] = now.blob;
        file = comparison.after();
        return true;
    }
    delta.text += comparison.text();
    delta.files.push_back(comparison.after());
    delta.paths.push_back(file.path);
    return false;
}

base::Result<PackDelta> PackSession::changes(
    const AskModelKnows& ask, const std::function<int64_t(std::string_view)>& countTokens,
    const std::stop_token& stop) {
    PackDelta delta;
    for (auto& [path, file] : files_) {
        if (stop.stop_requested())
            return base::fail(base::Errc::cancelled, "the check of the pack was stopped");
        struct stat info = {};
        Looks now;
        if (::stat((root_ / path).c_str(), &info) == 0)
            now = {info.st_size, nanoseconds(info.st_mtim), uint64_t(info.st_ino)};
        const auto seen = looks_.find(path);
        if (seen != looks_.end() && seen->second.bytes == now.bytes && now.bytes >= 0 &&
            seen->second.modifiedNs == now.modifiedNs && seen->second.inode == now.inode)
            continue;
        TRY_ASSIGN(const bool isTrue, check(file, ask, delta, stop));
        timespec clock = {};
        clock_gettime(CLOCK_REALTIME, &clock);
        if (isTrue && now.bytes >= 0 && nanoseconds(clock) - now.modifiedNs > kFreshNs)
            looks_[path] = now;
    }
    if (delta.text.empty()) return delta;
    delta.text = "Others changed these files since you were shown them:\n" + delta.text;
    if (countTokens) delta.tokens = std::max<int64_t>(0, countTokens(delta.text));
    return delta;
}

}  // namespace moxie::indexer

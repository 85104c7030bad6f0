#include "indexer/postings.h"

#include <algorithm>
#include <array>
#include <memory>

namespace moxie::indexer {
namespace {

constexpr size_t kBlockBytes = 3400;  // a page with its row
constexpr int64_t kJoinedMax = 8;     // segments of like size
constexpr int64_t kSmallSegmentBytes = 64'000;

tl::unexpected<base::Error> damagedPostings() {
    return base::fail(base::Errc::corrupt, "index: the words of a segment are damaged");
}

// 0 for those of single edits, one more for each eight times as much.
int64_t levelOf(int64_t bytes) {
    int64_t level = 0;
    for (int64_t limit = kSmallSegmentBytes; bytes > limit && level < 10; limit *= kJoinedMax)
        level++;
    return level;
}

// Writes one segment, word by word in their order.
class SegmentWriter {
public:
    static base::Result<SegmentWriter> make(const Database& database, PostingList list);

    base::Status add(const BlockEntry& entry);
    base::Status finish();

private:
    base::Status endBlock();

    const Database* database_ = nullptr;
    Statement addBlock_, addFirst_;
    int64_t segment_ = 0, bytes_ = 0;
    std::string block_, first_;
};

base::Result<SegmentWriter> SegmentWriter::make(const Database& database, PostingList list) {
    SegmentWriter writer;
    writer.database_ = &database;
    TRY_ASSIGN(Statement add,
               database.prepare("INSERT INTO segment(list, level, bytes) VALUES(?,0,0)"));
    TRY(add.bind(1, int64_t(list)).run());
    writer.segment_ = database.lastRowId();
    TRY_ASSIGN(writer.addBlock_, database.prepare("INSERT INTO block(data) VALUES(?)"));
    TRY_ASSIGN(writer.addFirst_, database.prepare("INSERT INTO block_first VALUES(?,?,?)"));
    return writer;
}

base::Status SegmentWriter::endBlock() {
    if (block_.empty()) return {};
    appendSeal(block_);
    TRY(addBlock_.bindBlob(1, block_).run());
    TRY(addFirst_.bind(1, segment_).bindBlob(2, first_).bind(3, database_->lastRowId()).run());
    bytes_ += int64_t(block_.size());
    block_.clear();
    return {};
}

// A word with many rows has a block of its own, so that nobody else reads them.
base::Status SegmentWriter::add(const BlockEntry& entry) {
    const size_t size = entry.word.size() + entry.postings.size() + 4;
    if (block_.size() + size > kBlockBytes) TRY(endBlock());
    if (block_.empty()) first_ = entry.word;
    appendEntry(block_, entry);
    return {};
}

base::Status SegmentWriter::finish() {
    TRY(endBlock());
    TRY_ASSIGN(Statement set, database_->prepare("UPDATE segment SET level=?, bytes=? WHERE id=?"));
    return set.bind(1, levelOf(bytes_)).bind(2, bytes_).bind(3, segment_).run();
}

// Reads one segment from its first word to its last.
class SegmentReader {
public:
    static base::Result<std::unique_ptr<SegmentReader>> open(const Database& database, int64_t id);

    bool isAtEnd() const { return isAtEnd_; }

    const BlockEntry& entry() const { return entry_; }

    base::Status next();

private:
    Statement blocks_;
    std::string block_;
    std::string_view rest_;
    BlockEntry entry_;
    bool isAtEnd_ = false;
};

base::Result<std::unique_ptr<SegmentReader>> SegmentReader::open(const Database& database,
                                                                 int64_t id) {
    auto reader = std::make_unique<SegmentReader>();
    TRY_ASSIGN(reader->blocks_,
               database.prepare("SELECT data FROM block_first JOIN block ON block.id = block "
                                "WHERE segment=? ORDER BY first"));
    reader->blocks_.bind(1, id);
    TRY(reader->next());
    return reader;
}

base::Status SegmentReader::next() {
    while (rest_.empty()) {
        TRY_ASSIGN(const bool hasRow, blocks_.step());
        isAtEnd_ = !hasRow;
        if (isAtEnd_) return {};
        block_ = blocks_.text(0);
        rest_ = block_;
        if (!takeSeal(rest_)) return damagedPostings();
    }
    if (!takeEntry(rest_, entry_)) return damagedPostings();
    return {};
}

base::Result<std::vector<int64_t>> segmentsOf(const Database& database, PostingList list) {
    std::vector<int64_t> segments;
    TRY_ASSIGN(const KeptStatement query, database.kept("SELECT id FROM segment WHERE list=?"));
    query->bind(1, int64_t(list));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query->step());
        if (!hasRow) return segments;
        segments.push_back(query->integer(0));
    }
}

void sortByRow(std::span<Posting> postings) {
    const auto isBefore = [](const Posting& a, const Posting& b) { return a.row < b.row; };
    if (!std::is_sorted(postings.begin(), postings.end(), isBefore))
        std::sort(postings.begin(), postings.end(), isBefore);
}

// The numbers of all texts in the order of their bytes. Most differ in their first eight.
std::vector<int32_t> inOrderOfText(const TextTable& table) {
    struct Key {
        uint64_t head = 0;
        int32_t number = 0;
    };

    std::vector<Key> keys;
    keys.reserve(size_t(table.size()));
    for (int32_t i = 0; i < table.size(); i++) {
        std::array<unsigned char, 8> bytes = {};
        const std::string_view text = table.text(i);
        std::copy_n(text.begin(), std::min(text.size(), bytes.size()), bytes.begin());
        uint64_t head = 0;
        for (const unsigned char byte : bytes)
            head = head << 8 | byte;
        keys.push_back({head, i});
    }
    std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
        return a.head != b.head ? a.head < b.head : table.text(a.number) < table.text(b.number);
    });
    std::vector<int32_t> order;
    order.reserve(keys.size());
    for (const Key& key : keys)
        order.push_back(key.number);
    return order;
}

base::Status joinInto(SegmentWriter& writer,
                      std::vector<std::unique_ptr<SegmentReader>>& segments) {
    std::vector<Posting> rows;
    std::string word, packed;
    while (true) {
        std::string_view least;
        bool isFound = false;
        for (const auto& segment : segments) {
            if (segment->isAtEnd() || (isFound && segment->entry().word >= least)) continue;
            least = segment->entry().word;
            isFound = true;
        }
        if (!isFound) return writer.finish();
        word = least;
        rows.clear();
        for (const auto& segment : segments) {
            if (segment->isAtEnd() || segment->entry().word != word) continue;
            if (!decodePostings(segment->entry().postings, rows)) return damagedPostings();
            TRY(segment->next());
        }
        sortByRow(rows);
        TRY(writer.add({word, encodePostings(rows, packed)}));
    }
}

base::Status dropSegments(const Database& database, const std::vector<int64_t>& segments) {
    for (const char* sql :
         {"DELETE FROM block WHERE id IN (SELECT block FROM block_first WHERE segment=?)",
          "DELETE FROM block_first WHERE segment=?", "DELETE FROM segment WHERE id=?"}) {
        TRY_ASSIGN(Statement drop, database.prepare(sql));
        for (const int64_t segment : segments)
            TRY(drop.bind(1, segment).run());
    }
    return {};
}

}  // namespace

void PostingWriter::add(const WordBag& bag, std::span<const int64_t> rows) {
    const TextTable& words = bag.words();
    std::vector<int32_t> numbers(size_t(words.size()), -1);
    for (int32_t piece = 0; piece < int32_t(rows.size()); piece++) {
        if (rows[size_t(piece)] == 0) continue;
        for (const WordCount& count : bag.piece(piece)) {
            int32_t& number = numbers[size_t(count.word)];
            if (number < 0)
                number = words_.add(words.text(count.word), words.hash(count.word)).number;
            hold(number, {rows[size_t(piece)], count.body, count.names});
        }
    }
}

void PostingWriter::add(std::string_view word, const Posting& posting) {
    hold(words_.add(word).number, posting);
}

void PostingWriter::forget() {
    words_.clear();
    held_ = {};
    nHeld_ = lastRow_ = 0;
}

void PostingWriter::hold(int32_t word, const Posting& posting) {
    const int64_t step = posting.row - lastRow_;
    std::array<char, 4 * kVarintBytesMax> bytes;
    char* end = bytes.data();
    for (const uint64_t value : {uint64_t(word), uint64_t(step) << 1 ^ uint64_t(step >> 63),
                                 uint64_t(posting.body), uint64_t(posting.names)})
        end = putVarint(end, value);
    held_.append(bytes.data(), size_t(end - bytes.data()));
    lastRow_ = posting.row;
    nHeld_++;
}

template <class Visit>
void PostingWriter::eachHeld(const Visit& visit) const {
    std::string_view rest = held_;
    int64_t row = 0;
    const auto take = [&] {
        uint64_t value = 0;
        BASE_CHECK(takeVarint(rest, value));
        return value;
    };
    while (!rest.empty()) {
        const auto word = size_t(take());
        const uint64_t step = take();
        row += int64_t(step >> 1) ^ -int64_t(step & 1);
        const auto body = int32_t(take());
        visit(word, Posting{row, body, int32_t(take())});
    }
}

base::Status PostingWriter::writeSegment(const Database& database) {
    const auto count = size_t(words_.size());
    std::vector<int32_t> starts(count + 1, 0);
    eachHeld([&](size_t word, const Posting&) { starts[word + 1]++; });
    for (size_t i = 0; i < count; i++)
        starts[i + 1] += starts[i];
    std::vector<Posting> sorted(static_cast<size_t>(nHeld_));
    std::vector<int32_t> next(starts.begin(), starts.end() - 1);
    eachHeld([&](size_t word, const Posting& posting) { sorted[size_t(next[word]++)] = posting; });
    TRY_ASSIGN(SegmentWriter writer, SegmentWriter::make(database, list_));
    std::string packed;
    for (const int32_t word : inOrderOfText(words_)) {
        const auto first = size_t(starts[size_t(word)]), end = size_t(starts[size_t(word) + 1]);
        const std::span rows = std::span(sorted).subspan(first, end - first);
        sortByRow(rows);
        TRY(writer.add({words_.text(word), encodePostings(rows, packed)}));
    }
    return writer.finish();
}

base::Status PostingWriter::write(const Database& database) {
    if (nHeld_ == 0) return {};
    TRY(writeSegment(database));
    forget();
    return join(database);
}

// Joining may make a segment of a level that then has too many itself.
base::Status PostingWriter::join(const Database& database) const {
    TRY_ASSIGN(Statement crowded,
               database.prepare("SELECT level FROM segment WHERE list=? GROUP BY level "
                                "HAVING count(*) >= ? ORDER BY level LIMIT 1"));
    TRY_ASSIGN(Statement members,
               database.prepare("SELECT id FROM segment WHERE list=? AND level=? ORDER BY id"));
    while (true) {
        crowded.bind(1, int64_t(list_)).bind(2, kJoinedMax);
        TRY_ASSIGN(const bool hasLevel, crowded.step());
        if (!hasLevel) return {};
        const int64_t level = crowded.integer(0);
        crowded.reset();
        std::vector<int64_t> ids;
        std::vector<std::unique_ptr<SegmentReader>> segments;
        members.bind(1, int64_t(list_)).bind(2, level);
        while (true) {
            TRY_ASSIGN(const bool hasRow, members.step());
            if (!hasRow) break;
            ids.push_back(members.integer(0));
        }
        members.reset();
        for (const int64_t id : ids) {
            TRY_ASSIGN(auto segment, SegmentReader::open(database, id));
            segments.push_back(std::move(segment));
        }
        TRY_ASSIGN(SegmentWriter writer, SegmentWriter::make(database, list_));
        TRY(joinInto(writer, segments));
        segments.clear();
        TRY(dropSegments(database, ids));
    }
}

base::Result<PostingReader> PostingReader::make(const Database& database, PostingList list) {
    PostingReader reader;
    reader.database_ = &database;
    TRY_ASSIGN(reader.segments_, segmentsOf(database, list));
    return reader;
}

base::Status PostingReader::find(std::string_view word, std::vector<Posting>& found) {
    found.clear();
    TRY_ASSIGN(const KeptStatement block,
               database_->kept("SELECT data FROM block WHERE id=(SELECT block FROM block_first "
                               "WHERE segment=? AND first<=? ORDER BY first DESC LIMIT 1)"));
    for (const int64_t segment : segments_) {
        TRY_ASSIGN(const bool hasRow, block->bind(1, segment).bindBlob(2, word).step());
        std::string_view rest = hasRow ? block->text(0) : std::string_view();
        if (hasRow && !takeSeal(rest)) return damagedPostings();
        BlockEntry entry;
        while (!rest.empty()) {
            if (!takeEntry(rest, entry)) return damagedPostings();
            if (entry.word > word) break;
            if (entry.word != word) continue;
            if (!decodePostings(entry.postings, found)) return damagedPostings();
            break;
        }
        block->reset();
    }
    sortByRow(found);
    return {};
}

base::Status PostingReader::each(
    const std::function<void(std::string_view, const Posting&)>& visit) {
    std::vector<Posting> rows;
    for (const int64_t id : segments_) {
        TRY_ASSIGN(const auto segment, SegmentReader::open(*database_, id));
        for (; !segment->isAtEnd();) {
            rows.clear();
            if (!decodePostings(segment->entry().postings, rows)) return damagedPostings();
            for (const Posting& posting : rows)
                visit(segment->entry().word, posting);
            TRY(segment->next());
        }
    }
    return {};
}

}  // namespace moxie::indexer

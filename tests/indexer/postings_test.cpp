#include "indexer/postings.h"

#include <fmt/format.h>

#include <map>

#include "indexer/git_library.h"
#include "indexer/schema.h"
#include "indexer/store.h"
#include "indexer/uses.h"
#include "indexer/word_bag.h"
#include "indexer/words.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::indexer;

namespace {

Database emptyIndex() {
    auto database = Database::open(":memory:", Database::Access::readWrite);
    REQUIRE(database);
    REQUIRE(database->execute(kSchema));
    return std::move(*database);
}

}  // namespace

TEST_CASE("a word bag counts what the splitter lists", "[indexer][postings]") {
    const std::string text = "parseList(parse_list, HTTPServer) 解析器 parseList";
    WordBag bag;
    WordCounting counting(bag);
    const int64_t added = counting.addBody(text);
    counting.addNames("parseList");
    counting.endPiece();
    counting.addBody("parseList");
    counting.endPiece();
    std::string list;
    CHECK(added == appendWords(text, list));
    std::map<std::string, int32_t> expected, found;
    for (size_t at = 0; at < list.size();) {
        const size_t end = std::min(list.find(' ', at), list.size());
        expected[list.substr(at, end - at)]++;
        at = end + 1;
    }
    for (const WordCount& count : bag.piece(0)) {
        found[std::string(bag.words().text(count.word))] = count.body;
        CHECK((count.names > 0) ==
              (bag.words().text(count.word) == "pars" || bag.words().text(count.word) == "list" ||
               bag.words().text(count.word) == "parselist"));
    }
    CHECK(found == expected);
    CHECK(bag.piece(1).size() == 3);
}

TEST_CASE("a word is found in every segment, also when they were joined", "[indexer][postings]") {
    const Database database = emptyIndex();
    PostingWriter writer(PostingList::chunks);
    constexpr int64_t kBatches = 100;
    for (int64_t row = 1; row <= kBatches; row++) {
        writer.add("everywhere", {row, int32_t(row), 1});
        for (int i = 0; i < 50; i++)
            writer.add(fmt::format("word{}_{}", i, row), {row, 1, 0});
        REQUIRE(writer.write(database));
    }
    const auto segments = database.integer("SELECT count(*) FROM segment");
    REQUIRE(segments);
    CHECK(*segments < 16);
    auto reader = PostingReader::make(database, PostingList::chunks);
    REQUIRE(reader);
    std::vector<Posting> found;
    REQUIRE(reader->find("everywhere", found));
    REQUIRE(int64_t(found.size()) == kBatches);
    for (int64_t row = 1; row <= kBatches; row++)
        CHECK(found[size_t(row - 1)] == Posting{row, int32_t(row), 1});
    REQUIRE(reader->find("word7_42", found));
    CHECK(found == std::vector<Posting>{{42, 1, 0}});
    REQUIRE(reader->find("nowhere", found));
    CHECK(found.empty());
    int64_t all = 0;
    REQUIRE(reader->each([&](std::string_view, const Posting&) { all++; }));
    CHECK(all == kBatches * 51);
    auto other = PostingReader::make(database, PostingList::commits);
    REQUIRE(other);
    REQUIRE(other->find("everywhere", found));
    CHECK(found.empty());
}

TEST_CASE("uses come out of their packing as they went in, equal ones as one",
          "[indexer][postings]") {
    std::vector<StoredUse> uses = {{7, 102, 0, Role::call, 30, 1, 2},
                                   {3, 0, 9, Role::type, 1, 4, -1},
                                   {7, 102, 0, Role::call, 20, 2, 0},
                                   {7, 101, 5, Role::read, 8, 1, -1}};
    const std::string packed = packUses(uses, 101);
    const auto found = unpackUses(packed);
    REQUIRE(found);
    REQUIRE(found->size() == 3);
    const StoredUse& call = found->back();
    CHECK(call.name == 7);
    CHECK(call.symbol == 102);
    CHECK(call.line == 20);
    CHECK(call.count == 3);
    CHECK(call.arity == 0);
    CHECK(found->front().receiver == 9);
    CHECK(found->front().symbol == 0);
    for (size_t size = 1; size < packed.size(); size++) {
        const auto cut = unpackUses(std::string_view(packed).substr(0, size));
        if (cut)
            CHECK(cut->size() < 3);
        else
            CHECK(cut.error().kind() == base::Errc::corrupt);
    }
}

TEST_CASE("words that the outline step counted are counted again where its rows are gone",
          "[indexer][postings]") {
    const GitLibrary git;
    const std::string text = "int first(int a) {\n    return alpha(a) + beta;\n}\n";
    const BlobHash hash = blobHash(text);
    Outliner outliner;
    const auto outline = parseFile(outliner, "a.c", text, hash, {}, {.step = ParseStep::outline});
    REQUIRE(outline);
    auto whole = parseFile(outliner, "a.c", text, hash, {}, taskAfter(*outline));
    REQUIRE(whole);
    REQUIRE_FALSE(whole->chunks.empty());
    for (const Chunk& chunk : whole->chunks)
        CHECK_FALSE(chunk.isCounted);  // scanner and grammar agree on this text
    CHECK(whole->words.words().size() == 0);

    auto store = Store::open(":memory:");
    REQUIRE(store);
    REQUIRE(store->begin());
    REQUIRE(store->addBlob(*whole));
    for (const Chunk& chunk : whole->chunks)
        CHECK(chunk.isCounted);
    for (const char* word : {"alpha", "beta", "first"}) {
        bool isThere = false;
        for (int32_t i = 0; i < whole->words.words().size(); i++)
            isThere |= whole->words.words().text(i) == word;
        CAPTURE(word);
        CHECK(isThere);
    }
    REQUIRE(store->commit());
}

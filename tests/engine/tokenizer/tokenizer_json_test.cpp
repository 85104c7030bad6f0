#include "engine/tokenizer/tokenizer_json.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/byte_alphabet.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;
using nlohmann::json;

namespace {

using TokenIdList = std::vector<int32_t>;

// All bytes, two merges in both spellings, one special and one added token, a hole in the ids.
json smallFile() {
    json vocabulary;
    for (int byte = 0; byte < 256; ++byte)
        vocabulary[alphabetOfBytes(std::string(1, char(byte)))] = byte;
    vocabulary["ab"] = 256;
    vocabulary["abc"] = 257;
    return {
        {"version", "1.0"},
        {"added_tokens",
         {{{"id", 258}, {"content", "<end>"}, {"special", true}, {"normalized", false}},
          {{"id", 260}, {"content", "<tool>"}, {"special", false}, {"normalized", true}}}},
        {"normalizer", nullptr},
        {"pre_tokenizer",
         {{"type", "Sequence"},
          {"pretokenizers",
           {{{"type", "Digits"}, {"individual_digits", true}},
            {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}}}}},
        {"post_processor", nullptr},
        {"decoder", {{"type", "ByteLevel"}}},
        {"model",
         {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", {"a b", json::array({"ab", "c"})}}}}};
}

base::Result<std::unique_ptr<const Tokenizer>> open(const json& file) {
    return Tokenizer::fromJson(file.dump());
}

void checkRefused(const json& file, base::Errc kind, std::string_view named) {
    const auto tokenizer = open(file);
    CAPTURE(named);
    REQUIRE_FALSE(tokenizer.has_value());
    CHECK(tokenizer.error().kind() == kind);
    CAPTURE(tokenizer.error().message());
    CHECK(tokenizer.error().message().find(named) != std::string::npos);
}

// A folder that is removed again.
class ModelFolder {
public:
    ModelFolder() : path_(std::filesystem::temp_directory_path() / "moxie_tokenizer_json_test") {
        std::filesystem::create_directories(path_);
    }

    ~ModelFolder() { std::filesystem::remove_all(path_); }

    ModelFolder(const ModelFolder&) = delete;
    ModelFolder& operator=(const ModelFolder&) = delete;

    void write(const char* name, const json& content) const {
        std::ofstream(path_ / name) << content.dump();
    }

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a tokenizer.json becomes a tokenizer", "[engine][tokenizer]") {
    const auto tokenizer = open(smallFile());
    if (!tokenizer) FAIL(tokenizer.error().message());
    const Vocabulary& vocabulary = (*tokenizer)->vocabulary();
    CHECK((*tokenizer)->encode("abcab<end>", TextKind::markup) == TokenIdList{257, 256, 258});
    CHECK((*tokenizer)->encode("<tool>", TextKind::markup) == TokenIdList{260});
    CHECK((*tokenizer)->encode("12") == TokenIdList{'1', '2'});
    CHECK(vocabulary.size() == 261);
    CHECK(vocabulary.kind(258) == TokenKind::control);
    CHECK(vocabulary.kind(259) == TokenKind::unused);
    CHECK(vocabulary.kind(260) == TokenKind::userDefined);
    CHECK((*tokenizer)->decode(std::vector<int32_t>{257, 259, 258}) == "abc<end>");
    CHECK_FALSE(vocabulary.beginOfText().has_value());
}

TEST_CASE("a template says which token begins a text", "[engine][tokenizer]") {
    json file = smallFile();
    file["post_processor"] = {{"type", "Sequence"},
                              {"processors",
                               {{{"type", "ByteLevel"}},
                                {{"type", "TemplateProcessing"},
                                 {"single",
                                  {{{"SpecialToken", {{"id", "<end>"}, {"type_id", 0}}}},
                                   {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}}}}}};
    const auto tokenizer = open(file);
    if (!tokenizer) FAIL(tokenizer.error().message());
    CHECK((*tokenizer)->vocabulary().beginOfText() == 258);
    CHECK((*tokenizer)->vocabulary().addsBeginOfText());
    file["post_processor"]["processors"][1]["single"].push_back(
        {{"SpecialToken", {{"id", "<end>"}}}});
    checkRefused(file, base::Errc::unsupported, "template");
}

TEST_CASE("a text is composed where the file says NFC", "[engine][tokenizer]") {
    json file = smallFile();
    file["normalizer"] = {{"type", "NFC"}};
    const auto tokenizer = open(file);
    REQUIRE(tokenizer.has_value());
    CHECK((*tokenizer)->encode("e\u0301") == TokenIdList{0xC3, 0xA9});
    // What stands between special tokens is composed by itself.
    CHECK((*tokenizer)->encode("e<end>\u0301", TextKind::markup) ==
          TokenIdList{'e', 258, 0xCC, 0x81});
    file["normalizer"] = {{"type", "Sequence"}, {"normalizers", json::array()}};
    REQUIRE(open(file).has_value());
    CHECK((*open(file))->encode("e\u0301") == TokenIdList{'e', 0xCC, 0x81});
}

TEST_CASE("what we do not do exactly is refused by name", "[engine][tokenizer]") {
    const auto with = [](const char* pointer, const json& value) {
        json file = smallFile();
        file[json::json_pointer(pointer)] = value;
        return file;
    };
    const auto kind = base::Errc::unsupported;
    checkRefused(with("/model/type", "Unigram"), kind, "Unigram");
    checkRefused(with("/model/byte_fallback", true), kind, "byte_fallback");
    checkRefused(with("/model/dropout", 0.1), kind, "dropout");
    checkRefused(with("/model/unk_token", "ab"), kind, "unk_token");
    checkRefused(with("/model/end_of_word_suffix", "</w>"), kind, "end_of_word_suffix");
    checkRefused(with("/normalizer", {{"type", "NFKC"}}), kind, "NFKC");
    checkRefused(with("/pre_tokenizer", nullptr), kind, "ByteLevel");
    checkRefused(with("/pre_tokenizer", {{"type", "Metaspace"}}), kind, "Metaspace");
    checkRefused(with("/pre_tokenizer", {{"type", "ByteLevel"}}), kind, "add_prefix_space");
    checkRefused(
        with("/pre_tokenizer/pretokenizers/0",
             {{"type", "Split"}, {"pattern", {{"Regex", "x"}}}, {"behavior", "MergedWithNext"}}),
        kind, "MergedWithNext");
    checkRefused(
        with("/pre_tokenizer/pretokenizers/0",
             {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+"}}}, {"behavior", "Isolated"}}),
        kind, "repeats inside");
    checkRefused(with("/decoder", {{"type", "WordPiece"}}), kind, "WordPiece");
    checkRefused(with("/post_processor", {{"type", "BertProcessing"}}), kind, "BertProcessing");
    checkRefused(with("/added_tokens/0/single_word", true), kind, "single_word");
}

TEST_CASE("a tokenizer.json with broken contents is refused", "[engine][tokenizer]") {
    const auto with = [](const char* pointer, const json& value) {
        json file = smallFile();
        file[json::json_pointer(pointer)] = value;
        return file;
    };
    const auto kind = base::Errc::corrupt;
    checkRefused(json::array(), kind, "object");
    checkRefused(with("/model", 3), kind, "model");
    checkRefused(with("/model/vocab", json::object()), kind, "vocab");
    checkRefused(with("/model/vocab/ab", -1), kind, "ab");
    checkRefused(with("/model/vocab/ab", 1LL << 40), kind, "ab");
    checkRefused(with("/model/vocab/ab", 1.5), kind, "1.5");
    checkRefused(with("/model/vocab/ab", 97), kind, "one id 97");
    checkRefused(with("/model/merges", "a b"), kind, "merges");
    checkRefused(with("/model/merges/0", "ab"), kind, "pair");
    checkRefused(with("/model/merges/0", {"a", "b", "c"}), kind, "pair");
    checkRefused(with("/model/merges/0", {"a", "zz"}), kind, "zz");
    checkRefused(with("/added_tokens/0/id", 256), kind, "one id 256");
    checkRefused(with("/added_tokens/0/content", "ab"), kind, "both");
    checkRefused(with("/added_tokens/0/special", "yes"), kind, "special");
    checkRefused(with("/added_tokens", 3), kind, "added_tokens");
    CHECK(Tokenizer::fromJson("{").error().kind() == kind);
    CHECK(Tokenizer::fromJson(std::string(100'000, '[')).error().kind() == kind);
}

TEST_CASE("the files beside tokenizer.json say where texts begin and end", "[engine][tokenizer]") {
    const ModelFolder folder;
    CHECK(Tokenizer::fromFolder(folder.path()).error().kind() == base::Errc::notFound);
    folder.write("tokenizer.json", smallFile());
    REQUIRE(Tokenizer::fromFolder(folder.path()).has_value());
    folder.write(
        "tokenizer_config.json",
        {{"bos_token", "<tool>"}, {"eos_token", {{"content", "<end>"}}}, {"add_bos_token", true}});
    folder.write("generation_config.json", {{"eos_token_id", {257, 258}}});
    const auto tokenizer = Tokenizer::fromFolder(folder.path());
    if (!tokenizer) FAIL(tokenizer.error().message());
    const Vocabulary& vocabulary = (*tokenizer)->vocabulary();
    CHECK(vocabulary.beginOfText() == 260);
    CHECK(vocabulary.addsBeginOfText());
    CHECK(vocabulary.endsGeneration(257));
    CHECK(vocabulary.endsGeneration(258));
    CHECK_FALSE(vocabulary.endsGeneration(256));
    folder.write("generation_config.json", {{"eos_token_id", 9999}});
    CHECK(Tokenizer::fromFolder(folder.path()).error().kind() == base::Errc::corrupt);
    folder.write("generation_config.json", {{"eos_token_id", "<end>"}});
    CHECK(Tokenizer::fromFolder(folder.path()).error().message().find("generation_config.json") !=
          std::string::npos);
    folder.write("generation_config.json", json::object());
    folder.write("tokenizer_config.json", {{"eos_token", "<none>"}});
    CHECK(Tokenizer::fromFolder(folder.path()).error().message().find("<none>") !=
          std::string::npos);
}

namespace {

// One to three random edits of the file, then all that a user of the result may do. The number of
// files that still made a tokenizer.
int openMutations(int rounds, uint32_t state) {
    const std::string original = smallFile().dump();
    const auto next = [&state] { return (state = state * 1664525U + 1013904223U) >> 8; };
    int opened = 0;
    for (int round = 0; round < rounds; ++round) {
        std::string text = original;
        for (uint32_t edits = 1 + next() % 3; edits > 0; --edits) {
            const size_t at = next() % text.size();
            switch (next() % 4) {
                case 0:
                    text[at] = char(next());
                    break;
                case 1:
                    text.erase(at, 1 + next() % 20);
                    break;
                case 2:
                    text.insert(at, text.substr(next() % text.size(), next() % 30));
                    break;
                default:
                    text.resize(std::max<size_t>(at, 1));
                    break;
            }
            if (text.empty()) text = "{";
        }
        const auto tokenizer = Tokenizer::fromJson(text);
        if (!tokenizer) {
            REQUIRE_FALSE(tokenizer.error().message().empty());
            continue;
        }
        ++opened;
        const auto ids = (*tokenizer)->encode("abc 12 <end><tool>\xFF", TextKind::markup);
        for (const int32_t id : ids)
            REQUIRE(id < (*tokenizer)->vocabulary().size());
        (*tokenizer)->decode(ids);
    }
    return opened;
}

}  // namespace

TEST_CASE("mutated tokenizer files are refused or work", "[engine][tokenizer]") {
    CHECK(openMutations(2000, 5) > 20);
}

TEST_CASE("two hundred thousand mutated tokenizer files are refused or work",
          "[engine][tokenizer][.slow]") {
    CHECK(openMutations(200'000, 6) > 2000);
}

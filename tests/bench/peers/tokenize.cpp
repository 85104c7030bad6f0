// Our side of tokenizer_compare.py: encodes a file and writes what came out as little-endian int32.
//   moxie_tokenize ids|markup MODEL TEXT OUT     token ids; prints the speed. MODEL: .gguf, .json
//   or a folder moxie_tokenize pieces NAME TEXT OUT          end offsets of the pieces of a
//   pre-tokeniser moxie_tokenize bytes MODEL TEXT OUT          no ids: what they decode to again
#include <fmt/format.h>

#include <ctime>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie {

namespace {

// Processor time of this one thread, so that other work on the machine does not count.
double secondsSince(std::clock_t begin) {
    return double(std::clock() - begin) / CLOCKS_PER_SEC;
}

base::Result<std::vector<int32_t>> tokenIds(std::string_view model, std::string_view text,
                                            engine::TextKind kind) {
    const std::clock_t loadBegin = std::clock();
    TRY_ASSIGN(const auto tokenizer, engine::Tokenizer::open(model));
    fmt::print("loaded in {:.3f} s\n", secondsSince(loadBegin));
    std::vector<int32_t> ids;
    for (const char* run : {"cold", "warm"}) {
        ids.clear();
        const std::clock_t begin = std::clock();
        tokenizer->encode(text, kind, ids);
        fmt::print("{}: {} bytes, {} tokens, {:.1f} MB/s\n", run, text.size(), ids.size(),
                   double(text.size()) / 1e6 / secondsSince(begin));
    }
    return ids;
}

base::Result<std::vector<int32_t>> pieceEnds(std::string_view name, std::string_view text) {
    const auto* spec = engine::findPreTokenizer(name);
    if (spec == nullptr)
        return base::fail(base::Errc::notFound, fmt::format("no pre-tokeniser {}", name));
    TRY_ASSIGN(const auto preTokenizer, engine::PreTokenizer::make(*spec));
    engine::PreTokenizer::Matcher matcher;
    std::vector<int32_t> ends;
    const std::clock_t begin = std::clock();
    preTokenizer.split(matcher, text, [&](std::string_view piece) {
        ends.push_back(int32_t(piece.data() + piece.size() - text.data()));
    });
    fmt::print("{:.1f} MB/s\n", double(text.size()) / 1e6 / secondsSince(begin));
    return ends;
}

base::Status run(std::string_view what, std::string_view model, std::string_view textPath,
                 std::string_view outPath) {
    TRY_ASSIGN(const auto text, base::readFile(textPath));
    if (what == "bytes") {
        TRY_ASSIGN(const auto tokenizer, engine::Tokenizer::open(model));
        return base::writeFileAtomically(outPath, tokenizer->decode(tokenizer->encode(text)),
                                         base::Durability::renameOnly);
    }
    const auto kind = what == "markup" ? engine::TextKind::markup : engine::TextKind::plain;
    TRY_ASSIGN(const auto numbers,
               what == "pieces" ? pieceEnds(model, text) : tokenIds(model, text, kind));
    const std::string_view bytes(reinterpret_cast<const char*>(numbers.data()),
                                 numbers.size() * sizeof(int32_t));
    return base::writeFileAtomically(outPath, bytes, base::Durability::renameOnly);
}

}  // namespace

}  // namespace moxie

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "usage: moxie_tokenize ids|markup|pieces|bytes MODEL|NAME TEXT OUT\n");
        return 2;
    }
    const auto status = moxie::run(argv[1], argv[2], argv[3], argv[4]);
    if (!status) fmt::print(stderr, "{}\n", status.error().message());
    return status ? 0 : 1;
}

#include "tests/indexer/text_readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "indexer/calls.h"
#include "indexer/existence/edit_check.h"
#include "indexer/existence/import_text.h"
#include "indexer/existence/manifests.h"
#include "indexer/existence/name_places.h"
#include "indexer/existence/ruby_place.h"
#include "indexer/highlight.h"
#include "indexer/links/signature.h"
#include "indexer/outline/evidence.h"
#include "indexer/outline/scanner.h"
#include "indexer/pack/documentation.h"
#include "indexer/pack/pack_text.h"
#include "indexer/pack/pieces.h"
#include "indexer/parsed_file.h"
#include "indexer/query.h"
#include "indexer/words.h"

namespace moxie::testing {
namespace {

using namespace moxie::indexer;

constexpr size_t kSignatureBytesMax = 220;  // 200 and what Ruby's class << self puts before

class Reading {
public:
    Reading(const std::string& path, std::string_view text)
        : path_(path),
          text_(text),
          starts_(lineStarts(text)) {}

    std::string wrong;

    void outlines();
    void parsed();
    void colours();
    void existence();
    void requests();

private:
    void expect(bool isSo, std::string_view what) {
        if (!isSo && wrong.empty()) wrong = what;
    }

    bool isIn(std::string_view part) const {
        const std::less_equal<const char*> before;
        return before(text_.data(), part.data()) &&
               before(part.data() + part.size(), text_.data() + text_.size());
    }

    int32_t lineCount() const { return int32_t(starts_.size()) - 1; }

    bool isLine(int32_t line) const { return line >= 1 && line <= std::max(lineCount(), 1) + 1; }

    void symbolsOf(const Outline& outline, std::string_view who);
    void usesOf(const Outline& outline, std::string_view who);
    void signatureOf(const OutlineSymbol& symbol);
    void chunksOf(const ParsedFile& file);
    void spansOf(const HighlightedText& shown, std::string_view who);

    const std::string& path_;
    const std::string_view text_;
    const std::vector<uint32_t> starts_;
    Outliner outliner_;
    Outline outline_;
};

void Reading::symbolsOf(const Outline& outline, std::string_view who) {
    uint32_t begun = 0;
    for (const OutlineSymbol& symbol : outline.symbols) {
        const auto named = [&](std::string_view what) {
            return fmt::format("{}: {} of symbol {}", who, what, symbol.name);
        };
        expect(!symbol.name.empty(), named("an empty name"));
        expect(isIn(symbol.name), named("a name outside of the text"));
        expect(symbol.parent.empty() || isIn(symbol.parent), named("a parent outside"));
        expect(symbol.byteFirst <= symbol.byteLast, named("a range backwards"));
        expect(symbol.byteLast <= text_.size(), named("a range past the end"));
        expect(symbol.lineFirst <= symbol.lineLast, named("lines backwards"));
        expect(isLine(symbol.lineFirst) && isLine(symbol.lineLast), named("lines outside"));
        if (!who.starts_with("scanner")) expect(symbol.byteFirst >= begun, named("the order"));
        expect(base::isValidUtf8(symbol.signature), named("a signature of invalid text"));
        expect(symbol.signature.size() <= kSignatureBytesMax, named("a long signature"));
        expect(symbol.signature.find('\n') == std::string::npos, named("a signature of lines"));
        begun = symbol.byteFirst;
    }
}

void Reading::usesOf(const Outline& outline, std::string_view who) {
    for (const OutlineReference& use : outline.references) {
        const auto named = [&](std::string_view what) {
            return fmt::format("{}: {} of use {} ({})", who, what, use.name, toString(use.role));
        };
        expect(!use.name.empty(), named("an empty name"));
        expect(isIn(use.name) || use.name == kUnnamedMethods, named("a name outside"));
        expect(use.symbol >= -1 && use.symbol < int32_t(outline.symbols.size()),
               named("an enclosing symbol that is not there"));
        expect(isLine(use.line), named("a line outside"));
        const bool isFact = use.role == Role::typed || use.role == Role::extend ||
                            (use.role == Role::inherit && path_.ends_with(".rb"));
        expect(use.count >= (isFact ? 0 : 1), named("a count"));
        expect(use.arity >= -1, named("an arity"));
    }
    expect(outline.imports.size() == outline.importNames.size(), "imports without names");
}

void Reading::signatureOf(const OutlineSymbol& symbol) {
    for (int world = 0; world <= int(NameWorld::php); world++) {
        const ArgumentRange range = argumentRange(NameWorld(world), symbol.signature, symbol.name);
        expect(range.least >= 0 && range.least <= range.most, "signature: arguments backwards");
        typeOfSignature(NameWorld(world), symbol.signature, symbol.name);
        isOwnMethod(NameWorld(world), symbol.signature);
        takesBlock(NameWorld(world), symbol.signature);
        isFileLocal(NameWorld(world), symbol.signature, symbol.name);
    }
}

void Reading::outlines() {
    const int32_t id = languageOfText(languageOfPath(path_), path_, text_);
    expect(id >= 0 && id < languageCount(), "language: none of the table");
    // Its own rules, and by turns those of others.
    const size_t turn = std::hash<std::string_view>()(text_);
    for (const size_t family : {size_t(language(id).family), turn, turn / 64, turn / 4096})
        symbolsOf(scanOutline(Family(family % kFamilyCount), text_),
                  fmt::format("scanner {}", family % kFamilyCount));
    auto byTree = outliner_.outline(language(id).grammar, text_, {});
    expect(byTree.has_value(), "outline: failed");
    if (!byTree) return;
    symbolsOf(*byTree, "outline");
    usesOf(*byTree, "outline");
    auto merged = outliner_.outline(language(id), text_, {});
    if (!merged) return;
    symbolsOf(*merged, "merged outline");
    usesOf(*merged, "merged outline");
    outline_ = std::move(*merged);
    size_t asked = 0;
    for (const OutlineSymbol& symbol : outline_.symbols) {
        signatureOf(symbol);
        const std::string said = documentationOf(text_, starts_, symbol.lineFirst);
        expect(said.size() <= 608, "documentation: too long");  // 600 and a mark
        if (++asked > 3) continue;                              // each is a parse
        const auto calls =
            callsIn(text_, {.path = path_, .name = symbol.name, .lineFirst = symbol.lineFirst}, {});
        expect(calls.has_value(), "calls: failed");
        if (!calls) continue;
        int32_t line = 0;
        for (const CalledName& call : *calls) {
            expect(!call.name.empty() && text_.find(call.name) != text_.npos, "calls: a name");
            expect(isLine(call.line) && call.line >= line, "calls: a line");
            expect(call.count >= 1, "calls: a count");
            line = call.line;
        }
    }
}

void Reading::chunksOf(const ParsedFile& file) {
    int32_t next = 1;
    for (const Chunk& chunk : file.chunks) {
        expect(chunk.lineFirst >= next && chunk.lineLast >= chunk.lineFirst, "chunks: the order");
        expect(chunk.lineLast <= file.lines, "chunks: a line outside");
        expect(chunk.symbol >= -1 && chunk.symbol < int32_t(file.outline.symbols.size()),
               "chunks: a symbol that is not there");
        next = chunk.lineLast + 1;
    }
    expect(file.words.pieces() == int32_t(file.chunks.size()), "chunks: words of others");
}

void Reading::parsed() {
    for (const ParseStep step : {ParseStep::whole, ParseStep::outline}) {
        auto file = parseFile(outliner_, path_, std::string(text_), {}, {}, {.step = step});
        expect(file.has_value(), "parsed file: failed");
        if (!file) return;
        chunksOf(*file);
        std::string last;
        for (const PackSignature& shown : packSignatures(*file)) {
            expect(!shown.name.empty(), "skeleton: an empty name");
            expect(shown.line >= 1 && shown.line <= file->lines + 1, "skeleton: a line outside");
            expect(shown.text.ends_with('\n'), "skeleton: a line without an end");
            expect(base::isValidUtf8(shown.text), "skeleton: invalid text");
        }
        if (!(file->flags & kFlagPending)) continue;
        const auto after =
            parseFile(outliner_, path_, std::string(text_), {}, {}, taskAfter(*file));
        expect(after.has_value(), "parsed file: failed to complete");
        if (after) chunksOf(*after);
    }
    const std::string packed = packedText(text_);
    expect(base::isValidUtf8(packed), "packed text: invalid");
    expect(packed.find('\r') == std::string::npos || text_.find('\r') != text_.npos,
           "packed text: other line ends");
    const auto pieces = currentPieces(outliner_, path_, std::string(text_), {});
    expect(pieces.has_value(), "pieces: failed");
    if (!pieces) return;
    for (const auto* list : {&pieces->chunks, &pieces->signatures})
        for (const PieceText& piece : *list) {
            expect(!piece.piece.anchor.empty(), "pieces: no anchor");
            expect(base::isValidUtf8(piece.text), "pieces: invalid text");
        }
}

void Reading::spansOf(const HighlightedText& shown, std::string_view who) {
    const auto size = int64_t(shown.text().size());
    for (const auto& [begin, end] : {std::pair<int64_t, int64_t>(0, size),
                                     {size / 3, size / 2},
                                     {-5, size + 5},
                                     {size / 2, size / 3}}) {
        int64_t next = std::max<int64_t>(begin, 0);
        for (const TokenSpan& span : shown.spans(begin, end)) {
            expect(span.begin >= next && span.end > span.begin, fmt::format("{}: the order", who));
            expect(span.end <= std::min(end, size), fmt::format("{}: a span outside", who));
            expect(span.kind != TokenKind::text, fmt::format("{}: a span of nothing", who));
            next = span.end;
        }
        const int64_t visits = shown.countVisits(begin, end);
        expect(visits <= 2'000 + 10 * (size + 1), fmt::format("{}: too many visits", who));
    }
    const auto blocks = shown.blocks({});
    expect(blocks.has_value(), fmt::format("{}: no blocks", who));
    if (!blocks) return;
    const auto lines = int32_t(std::count(shown.text().begin(), shown.text().end(), '\n'));
    int32_t head = -1;
    for (const FoldableBlock& block : *blocks) {
        expect(block.head > head, fmt::format("{}: the order of blocks", who));
        expect(block.last > block.head && block.last <= lines,
               fmt::format("{}: a block outside", who));
        head = block.head;
    }
}

void Reading::colours() {
    auto shown = HighlightedText::parse(std::string(text_), grammarOfFile(path_, text_), {});
    expect(shown.has_value(), "colours: failed");
    if (!shown) return;
    spansOf(*shown, "colours");
    const auto size = int64_t(text_.size());
    for (const TextEdit& edit :
         {TextEdit{size / 3, size / 2, ""}, TextEdit{size / 4, size / 4, "{\n("},
          TextEdit{0, size / 5, text_.substr(text_.size() / 2)}}) {
        if (edit.end > int64_t(shown->text().size())) continue;
        expect(shown->edit(edit, {}).has_value(), "colours: an edit failed");
        spansOf(*shown, "colours after an edit");
    }
    expect(!shown->edit({0, int64_t(shown->text().size()) + 1, ""}, {}).has_value(),
           "colours: an edit outside");
}

void Reading::existence() {
    const auto used = usedNames(path_, text_, {});
    expect(used.has_value(), "used names: failed");
    if (used)
        for (const UsedName& use : *used)
            expect(isLine(use.line), "used names: a line outside");
    for (const std::string_view name : identifiersOf(text_))
        expect(isIn(name), "identifiers");
    for (const std::string& target : outline_.imports) {
        NameSet names;
        addImportedNames(text_, target, names);
        for (const std::string_view name : names)
            expect(isIn(name), "imported names: outside");
    }
    size_t asked = 0;
    for (const OutlineReference& use : outline_.references) {
        if (!isIn(use.name)) continue;
        const auto at = size_t(use.name.data() - text_.data());
        const UsePlace place = placeBefore(text_, at);
        expect(place.root.empty() || isIn(place.root), "place: a root outside");
        expect(place.callee.empty() || isIn(place.callee), "place: a callee outside");
        calledWithOnly(text_, at, use.name.size());
        if (++asked > 40) continue;  // each reads the whole text
        isBoundInText(text_, use.name);
        isAssignedMember(text_, use.name);
        isDeclaredInText(text_, use.name);
        isOnlyBareArgument(text_, use.name);
    }
    if (path_.ends_with(".rb")) {
        const RubyText ruby(text_, {});
        for (size_t at = 0; at <= text_.size(); at += 1 + text_.size() / 200)
            for (const BlockCall& call : ruby.placeOf(at, at / 2).blocks)
                expect((call.receiver.empty() || isIn(call.receiver)) &&
                           (call.method.empty() || isIn(call.method)),
                       "Ruby's blocks: a name outside");
    }
    DeclaredPackages packages;
    for (const char* manifest : {"package.json", "Cargo.toml", "go.mod", "requirements.txt",
                                 "Gemfile", "pom.xml", "composer.json"})
        packages.add(manifest, text_);
}

// The text as what a user or a program might paste into a request.
void Reading::requests() {
    const Query query = analyseQuery(text_);
    for (const QueryWord& word : query.words)
        expect(!word.text.empty() && word.count >= 1, "query: a word");
    for (const QueryFrame& frame : query.frames)
        expect(frame.line >= 0 && !(frame.path.empty() && frame.function.empty()),
               "query: a frame of nothing");
    queryWords(text_);
    std::string words;
    const int64_t count = appendWords(text_, words);
    expect(
        count == 0 || count == std::count(words.begin(), words.end(), ' ') + !words.ends_with(' '),
        "words: the count");
    isGeneratedText(text_);
    isMinifiedText(text_);
    for (int32_t line = 0; line < std::min(lineCount(), 400); line++) {
        const size_t begin = starts_[size_t(line)];
        const std::string_view said = text_.substr(begin, starts_[size_t(line) + 1] - begin);
        grammarOfFence(said);
        for (size_t cut = 0; cut <= said.size() && cut < 60; cut += 7) {
            receiverText(said.substr(cut));
            typeText(said.substr(cut));
            typeReceiver(said.substr(cut));
            expect(headOf(said.substr(cut)).size() <= said.size(), "evidence: a head");
            boundNames(said.substr(cut));
        }
    }
}

}  // namespace

std::string firstWrongIn(const std::string& path, const std::string& text) {
    Reading reading(path, text);
    reading.outlines();
    reading.parsed();
    reading.colours();
    reading.existence();
    reading.requests();
    return reading.wrong;
}

}  // namespace moxie::testing

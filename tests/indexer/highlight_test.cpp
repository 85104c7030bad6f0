#include "indexer/highlight.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>

#include "base/file.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::indexer;

namespace {

HighlightedText parsed(std::string text, Grammar grammar) {
    auto made = HighlightedText::parse(std::move(text), grammar, {});
    REQUIRE(made);
    return std::move(*made);
}

std::vector<TokenSpan> allSpans(const HighlightedText& text) {
    return text.spans(0, int64_t(text.text().size()));
}

// "keyword:if op:== ..." without punctuation.
std::string tokensOf(std::string_view text, const std::vector<TokenSpan>& spans) {
    std::string out;
    for (const TokenSpan& span : spans) {
        if (span.kind == TokenKind::punctuation) continue;
        if (!out.empty()) out += ' ';
        out += std::string(toString(span.kind)) + ":";
        out += text.substr(size_t(span.begin), size_t(span.end - span.begin));
    }
    return out;
}

std::string tokens(std::string_view text, std::string_view fence) {
    return tokensOf(text, highlight(text, fence));
}

void checkInOrder(const std::vector<TokenSpan>& spans, int64_t begin, int64_t end) {
    int64_t at = begin;
    for (const TokenSpan& span : spans) {
        REQUIRE(span.begin >= at);
        REQUIRE(span.end > span.begin);
        REQUIRE(span.kind != TokenKind::text);
        at = span.end;
    }
    REQUIRE(at <= end);
}

std::string sample(const std::string& file) {
    auto read = base::readFile(std::string(MOXIE_SOURCE_DIR) + "/tests/data/languages/" + file);
    REQUIRE(read);
    return std::move(*read);
}

constexpr const char* kSamples[] = {"sample.c",  "sample.cpp", "sample.py", "sample.js",
                                    "sample.ts", "sample.go",  "sample.rs", "Sample.java"};

double millisecondsOf(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

// What people and tools do not write: brackets without end, noise, quotes of every kind.
std::vector<std::string> hostileTexts() {
    std::string noise;
    std::mt19937 random(3);
    for (int i = 0; i < 50'000; i++)
        noise += char(random());
    std::string unfinished = "/* ";
    for (int i = 0; i < 20'000; i++)
        unfinished += "\"`'{[(<";
    return {std::string(200'000, '('),
            std::string(200'000, '{'),
            std::string(100'000, '\0'),
            noise,
            unfinished,
            std::string(100'000, '\\'),
            std::string("a\xff\xfe") + noise};
}

}  // namespace

TEST_CASE("C++ is seen as keywords, types, functions, strings and so on", "[indexer]") {
    CHECK(tokens("#include <map>\n", "cpp") == "preprocessor:#include string:<map>");
    CHECK(tokens("#define MAX 3\n", "cpp") == "preprocessor:#define constant:MAX preprocessor:3");
    CHECK(tokens("int main() { return 0; }", "c++") ==
          "type:int function:main keyword:return number:0");
    CHECK(tokens("auto* p = std::make_unique<Foo>(kMax, a->b, a.c());", "cpp") ==
          "keyword:auto op:* variable:p op:= type:std function:make_unique op:< type:Foo op:> "
          "variable:kMax variable:a op:-> property:b variable:a function:c");
    CHECK(tokens("char c = '\\n'; // end", "c") ==
          "type:char variable:c op:= string:' escape:\\n string:' comment:// end");
    CHECK(tokens("void Cart::add(unsigned long n) const { this->n = NULL; goto end; end:; }",
                 "cpp") ==
          "type:void type:Cart function:add type:unsigned long variable:n keyword:const "
          "keyword:this op:-> property:n op:= constant:NULL keyword:goto label:end label:end");
    CHECK(tokens("enum class E { one };", "cpp") ==
          "keyword:enum keyword:class type:E constant:one");
    CHECK(tokens("[[nodiscard]] bool f();", "cpp") ==
          "attribute:[[nodiscard]] type:bool "
          "function:f");
    CHECK(tokens("auto s = R\"(a\"b)\";", "cpp") ==
          "keyword:auto variable:s op:= "
          "string:R\"(a\"b)\"");
}

TEST_CASE("Python is seen with decorators, annotations and format strings", "[indexer]") {
    CHECK(tokens("@app.route('/x')\ndef f(a: int | None = 3) -> List[str]:\n  return self.g(a)\n",
                 "python") ==
          "attribute:@ variable:app function:route string:'/x' keyword:def function:f variable:a "
          "type:int op:| constant:None op:= number:3 op:-> type:List type:str keyword:return "
          "variable:self function:g variable:a");
    CHECK(tokens("class Foo(Bar): x = f'a {b.c!r:>3} \\n'", "py") ==
          "keyword:class type:Foo type:Bar variable:x op:= string:f'a  variable:b property:c "
          "escape:!r string::>3 string:  escape:\\n string:'");
    CHECK(tokens("@property\ndef f(): pass # why", "python3") ==
          "attribute:@property keyword:def function:f keyword:pass comment:# why");
}

TEST_CASE("JavaScript, TypeScript and TSX are seen with tags and templates", "[indexer]") {
    CHECK(tokens("const f = async (a) => `x${a.b}y`;", "js") ==
          "keyword:const variable:f op:= keyword:async variable:a op:=> string:`x op:${ variable:a "
          "property:b string:y`");
    CHECK(tokens("class A<T> { get x(): string { return this.y?.z(1); } }", "ts") ==
          "keyword:class type:A op:< type:T op:> keyword:get function:x type:string keyword:return "
          "keyword:this property:y function:z number:1");
    CHECK(tokens("<a href=\"x\">hi {name}</a>", "tsx") ==
          "tag:<a  attribute:href op:= string:\"x\" tag:> variable:name tag:</a>");
    CHECK(tokens("let r = /ab+/g; new Foo(undefined)", "javascript") ==
          "keyword:let variable:r op:= string:/ab+/g keyword:new type:Foo constant:undefined");
}

TEST_CASE("Go, Rust and Java are seen with what is their own", "[indexer]") {
    CHECK(tokens("package a\nfunc (r *R) F(n int) error { fmt.Println(r.x, `raw`); return nil }",
                 "go") ==
          "keyword:package type:a keyword:func variable:r op:* type:R function:F variable:n "
          "type:int type:error variable:fmt function:Println variable:r property:x string:`raw` "
          "keyword:return constant:nil");
    CHECK(tokens("#[derive(Debug)]\npub fn f<'a>(x: &'a str) -> u8 { println!(\"{}\", X); v[0] }",
                 "rust") ==
          "attribute:#[derive(Debug)] keyword:pub keyword:fn function:f op:< label:'a op:> "
          "variable:x op:& label:'a type:str op:-> type:u8 function:println op:! string:\"{}\" "
          "variable:X variable:v number:0");
    CHECK(tokens("@Override public int f() { System.out.println(\"a\\n\"); return MAX_SIZE; }",
                 "java") ==
          "attribute:@Override keyword:public type:int function:f type:System property:out "
          "function:println string:\"a escape:\\n string:\" keyword:return constant:MAX_SIZE");
}

TEST_CASE("a fence names its language in many ways", "[indexer]") {
    CHECK(grammarOfFence("C++") == Grammar::cpp);
    CHECK(grammarOfFence("ts {1,3}") == Grammar::typescript);
    CHECK(grammarOfFence("rust,ignore") == Grammar::rust);
    CHECK(grammarOfFence("cpp:src/a.cpp") == Grammar::cpp);
    CHECK(grammarOfFence("h") == Grammar::c);
    CHECK(grammarOfFence("jsx") == Grammar::javascript);
    CHECK(grammarOfFence("") == Grammar::none);
    CHECK(grammarOfFence("text") == Grammar::none);
    CHECK(grammarOfFence("../../etc") == Grammar::none);
    CHECK(highlight("some words", "text").empty());
    CHECK(grammarOfFile("a/b.h", "class X {\n};\nnamespace y {}\n") == Grammar::cpp);
    CHECK(grammarOfFile("tool", "#!/usr/bin/env python3\n") == Grammar::python);
}

TEST_CASE("a part of a text has the spans that the whole has there", "[indexer]") {
    const std::string file = GENERATE(from_range(std::begin(kSamples), std::end(kSamples)));
    CAPTURE(file);
    const std::string text = sample(file);
    const HighlightedText whole = parsed(text, grammarOfFile(file, text));
    REQUIRE_FALSE(whole.isPlain());
    const std::vector<TokenSpan> all = allSpans(whole);
    checkInOrder(all, 0, int64_t(text.size()));
    CHECK(all.size() > text.size() / 20);
    std::mt19937 random(7);
    for (int round = 0; round < 200; round++) {
        const int64_t begin = int64_t(random() % text.size());
        const int64_t end = std::min<int64_t>(int64_t(text.size()), begin + random() % 300);
        std::vector<TokenSpan> expected;
        for (TokenSpan span : all) {
            span.begin = std::max(span.begin, begin);
            span.end = std::min(span.end, end);
            if (span.begin < span.end) expected.push_back(span);
        }
        CAPTURE(begin, end);
        REQUIRE(whole.spans(begin, end) == expected);
    }
}

TEST_CASE("after edits the spans are those of the new text", "[indexer]") {
    std::string text = sample("sample.cpp");
    HighlightedText edited = parsed(text, Grammar::cpp);
    std::mt19937 random(11);
    constexpr const char* kPieces[] = {"int x = 1;\n", "/* ", "*/", "\"", "}", "f(a, b)", "\n", ""};
    for (int round = 0; round < 100; round++) {
        const int64_t begin = int64_t(random() % (text.size() + 1));
        const int64_t end = std::min<int64_t>(int64_t(text.size()), begin + random() % 12);
        const std::string piece = kPieces[random() % std::size(kPieces)];
        REQUIRE(edited.edit({.begin = begin, .end = end, .text = piece}, {}));
        text.replace(size_t(begin), size_t(end - begin), piece);
        REQUIRE(edited.text() == text);
        checkInOrder(allSpans(edited), 0, int64_t(text.size()));
    }
    REQUIRE(edited.edit({.begin = 0, .end = int64_t(text.size()), .text = "int f();"}, {}));
    CHECK(allSpans(edited) == allSpans(parsed("int f();", Grammar::cpp)));
    CHECK(edited.edit({.begin = 3, .end = 99, .text = ""}, {}).error().kind() ==
          base::Errc::invalidInput);
    CHECK(edited.text() == "int f();");
}

TEST_CASE("what cannot be highlighted is plain text", "[indexer]") {
    CHECK(HighlightedText().isPlain());
    CHECK(parsed("", Grammar::c).isPlain());
    CHECK(parsed("words", Grammar::none).isPlain());
    CHECK(parsed(std::string(size_t(HighlightedText::kBytesMax) + 1, 'x'), Grammar::c).isPlain());
    CHECK(allSpans(parsed("words", Grammar::none)).empty());
    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = HighlightedText::parse("int x;", Grammar::c, stop.get_token());
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind() == base::Errc::cancelled);
}

TEST_CASE("hostile texts cost no more than their bytes", "[indexer]") {
    for (const std::string& text : hostileTexts()) {
        for (int grammar = 1; grammar < kLinkedGrammarCount; grammar++) {
            CAPTURE(grammar, text.size(), text.substr(0, 8));
            const HighlightedText made = parsed(text, Grammar(grammar));
            const auto size = int64_t(text.size());
            checkInOrder(made.spans(0, size), 0, size);
            constexpr int64_t kRangeBytes = 4'000, kNodesAround = 2'000, kNodesPerByte = 4;
            CHECK(made.countVisits(size / 2, size / 2 + kRangeBytes) <=
                  kNodesAround + kNodesPerByte * kRangeBytes);
        }
    }
}

TEST_CASE("a part of a large file costs as much as the same part of a small one", "[indexer]") {
    const std::string once = sample("sample.cpp");
    const auto copies = [&](int count) {
        std::string text;
        for (int i = 0; i < count; i++)
            text += once;
        return parsed(std::move(text), Grammar::cpp);
    };
    const auto copyBytes = int64_t(once.size());
    const HighlightedText small = copies(5), large = copies(2'000);
    REQUIRE_FALSE(large.isPlain());
    CHECK(large.countVisits(1'000 * copyBytes, 1'002 * copyBytes) <=
          small.countVisits(copyBytes, 3 * copyBytes) + 20);
    CHECK(large.countVisits(copyBytes, copyBytes) == 0);
}

TEST_CASE("a visible part of a hostile text is highlighted within 50 ms", "[.bench][indexer]") {
    double worstMs = 0;
    for (const std::string& text : hostileTexts()) {
        for (int grammar = 1; grammar < kLinkedGrammarCount; grammar++) {
            const HighlightedText made = parsed(text, Grammar(grammar));
            const auto middle = int64_t(text.size()) / 2;
            worstMs =
                std::max(worstMs, millisecondsOf([&] { made.spans(middle, middle + 4'000); }));
        }
    }
    WARN("4 kB of a hostile text, worst " << worstMs << " ms");
    CHECK(worstMs < 50);
}

TEST_CASE("a visible part of a large file is highlighted within half a millisecond",
          "[.bench][indexer]") {
    std::string text;
    while (text.size() < 800'000)
        text += sample("sample.cpp");
    HighlightedText made;
    const double parseMs = millisecondsOf([&] { made = parsed(text, Grammar::cpp); });
    REQUIRE_FALSE(made.isPlain());
    std::vector<double> times;
    for (int64_t at = 0; at + 4'096 < int64_t(text.size()); at += 16'384)
        times.push_back(millisecondsOf([&] { made.spans(at, at + 4'096); }));
    std::sort(times.begin(), times.end());
    const double allMs = millisecondsOf([&] { allSpans(made); });
    const double editMs = millisecondsOf(
        [&] { REQUIRE(made.edit({.begin = 400'000, .end = 400'000, .text = " "}, {})); });
    WARN("parse " << parseMs << " ms, 4 kB median " << times[times.size() / 2] << " ms, worst "
                  << times.back() << " ms, all " << allMs << " ms, one edit " << editMs << " ms");
    CHECK(times[times.size() / 2] <= 0.5);
}

TEST_CASE("functions, suites and long comments can be folded away", "[indexer][highlight]") {
    using Kind = FoldableBlock::Kind;
    const auto blocksOf = [](const char* text, Grammar grammar) {
        auto parsed = HighlightedText::parse(text, grammar, {});
        REQUIRE(parsed);
        return *parsed->blocks({});
    };
    CHECK(blocksOf("// one\n"
                   "int f(int a) {\n"    // 1
                   "    if (a > 0) {\n"  // 2
                   "        a += 1;\n"   // 3
                   "        a += 2;\n"   // 4
                   "    }\n"             // 5
                   "    return a;\n"     // 6
                   "}\n"                 // 7
                   "/* a\n b\n c */\n"   // 8
                   "enum E { a, b };\n",
                   Grammar::cpp) == std::vector<FoldableBlock>{{1, 6, Kind::function},
                                                               {2, 4, Kind::other},
                                                               {8, 10, Kind::other}});
    CHECK(blocksOf("class C:\n"
                   "    def f(self):\n"  // 1
                   "        x = [\n"     // 2
                   "            1,\n"    // 3
                   "            2,\n"    // 4
                   "        ]\n"         // 5
                   "        return x\n"  // 6
                   "\n"
                   "y = 1\n",
                   Grammar::python) == std::vector<FoldableBlock>{{0, 6, Kind::other},
                                                                  {1, 6, Kind::function},
                                                                  {2, 4, Kind::other}});
    CHECK(blocksOf("", Grammar::cpp).empty());
    CHECK(blocksOf("plain { \n\n\n }", Grammar::none).empty());
}

// It took minutes: the way to the node around a block was walked from the root for each.
TEST_CASE("blocks inside of each other are found in time", "[indexer][highlight]") {
    constexpr size_t kDepth = 80'000;
    std::string text;
    for (size_t i = 0; i < kDepth; i++)
        text += "[\n";
    for (size_t i = 0; i < kDepth; i++)
        text += "]\n";
    const auto shown = HighlightedText::parse(text, Grammar::javascript, {});
    REQUIRE(shown);
    REQUIRE_FALSE(shown->isPlain());
    const auto blocks = shown->blocks({});
    REQUIRE(blocks);
    CHECK(blocks->size() >= kDepth - 2);
}

// What the canvas needs to hold: the counted pieces are those that are shown, and the plain text of
// a block is the start of its document.
#include <QTextDocument>

#include "app/desktop/screens/conversation/answer_text.h"
#include "app/desktop/screens/conversation/conversation_source.h"
#include "app/desktop/screens/conversation/hrefs.h"
#include "tests/desktop/conversation/conversation_rig.h"
#include "tests/desktop_logic/random_markdown.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("plain paragraphs are counted as the parser would", "[desktop][conversation]") {
    for (const char* text :
         {"", "one", "one\ntwo\n\nthree", "\n\none\n\n\n\ntwo\n", "one\n---", "one\n===\n",
          "- a\n- b", "a\n- b", "a | b\n--|--\n1 | 2", "1. a\n2. b", "    code", "a\n\n    code",
          "```\nx\n\ny\n```", "<b>x</b>", "[a]: http://x.test", "a\r\n\r\nb",
          "\xE4\xB8\xAD\n\n\xE6\x96\x87"}) {
        CAPTURE(text);
        AnswerText answer;
        answer.show(text, AnswerText::Growth::finished);
        CHECK(countPieces(text) == int32_t(answer.pieces().size()));
    }
}

TEST_CASE("random documents are counted as they are shown", "[desktop][conversation]") {
    std::mt19937 random(7);
    for (int i = 0; i < 400; ++i) {
        const std::string text =
            i % 2 == 0 ? tests::randomMarkdown(random, 12) : tests::randomAnswer(random, 6);
        CAPTURE(text);
        AnswerText answer;
        answer.show(text, AnswerText::Growth::finished);
        CHECK(countPieces(text) == int32_t(answer.pieces().size()));
    }
}

TEST_CASE("a text that grows has the same pieces as the whole", "[desktop][conversation]") {
    std::string text = "# A\n\n";
    for (int i = 0; i < 300; ++i)
        text += "some words of a long paragraph ";
    text += "\n\n```\n";
    for (int i = 0; i < 400; ++i)
        text += "line " + std::to_string(i) + "\n";
    text += "```\n\n- a\n- b\n";
    AnswerText whole, grown;
    whole.show(text, AnswerText::Growth::finished);
    std::vector<AnswerPiece> before;
    for (size_t end = 0; end < text.size(); end += 97) {
        const int64_t same = grown.show(text.substr(0, end), AnswerText::Growth::open);
        for (int64_t i = 0; i < same; ++i)
            REQUIRE(before[size_t(i)] == grown.pieces()[size_t(i)]);
        before = grown.pieces();
    }
    grown.show(text, AnswerText::Growth::finished);
    CHECK(grown.pieces() == whole.pieces());
    CHECK(whole.pieces().size() > 8);  // the paragraph and the code are cut
}

TEST_CASE("the text to find and copy is the start of the document", "[desktop][conversation]") {
    Rig rig;
    rig.play(
        usualTurn("# Head\n\nwords `code` **b**\nmore\\\nlast\n\n- [x] a\n\n| a | b |\n|---|---|\n"
                  "| 1 | `2` |\n\n```cpp\nint a;\n\n```\n\n> q\n\n---\n\n$$x$$"));
    const auto* source = rig.screen.findChild<ConversationSource*>();
    REQUIRE(source != nullptr);
    for (const Density density : {Density::normal, Density::verbose}) {
        rig.screen.setDensity(density);
        for (int64_t block = 0; block < source->blockCount(); ++block) {
            if (source->head(block).fold == Fold::folded) continue;
            QTextDocument document;
            source->compose(block, document, rig.appearance.look());
            CAPTURE(block, document.toPlainText().toStdString(),
                    source->plainText(block).toStdString());
            CHECK(document.toPlainText().startsWith(source->plainText(block)));
        }
    }
}

TEST_CASE("an href keeps any path", "[desktop][conversation]") {
    const QString path = QString::fromUtf8("a b/\xE4\xB8\xAD&c=d?e#f+%41.cpp");
    const MoxieHref href(placeHref(path, 12, 3));
    CHECK(href.verb == "file");
    CHECK(href.value("path") == path);
    CHECK(href.value("line") == "12");
    CHECK(MoxieHref(QStringLiteral("https://x.test/moxie:file")).verb.isEmpty());
}

TEST_CASE("turns that are counted later appear above without moving what one sees",
          "[desktop][conversation]") {
    Rig rig;
    const std::string answer = "- a list\n- with marks\n\n" + std::string(20'000, 'x');
    for (int32_t turn = 1; turn <= 60; ++turn)
        rig.session.apply(usualTurn(answer), turn);
    emit rig.session.reset();
    const int64_t few = rig.canvas->itemCount();
    QApplication::processEvents();
    CHECK(waitUntil([&] { return rig.canvas->itemCount() > few; }));
    CHECK(rig.canvas->isAtEnd());
    const int64_t all = rig.canvas->itemCount();
    CHECK(all % 60 == 0);
    CHECK(rig.canvas->itemText(0) == "fix the tokenizer");
}

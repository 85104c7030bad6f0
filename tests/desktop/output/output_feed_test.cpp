#include "app/desktop/screens/output/output_feed.h"

#include <QSignalSpy>

#include "app/desktop/screens/output/output_rows.h"
#include "app/desktop/screens/output/output_source.h"
#include "app/desktop/text/terminal_text.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/output/fake_outputs.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Fed {
    Fed() {
        application();
        feed = std::make_unique<OutputFeed>(store);
        QObject::connect(feed.get(), &OutputFeed::advanced, feed.get(),
                         [this](const TerminalSnapshot& lines, qint64 first) {
                             source.show(lines, first);
                             ++nAdvanced;
                         });
    }

    bool reaches(OutputFeed::State state) {
        return waitUntil([this, state] { return feed->state() == state; });
    }

    std::shared_ptr<FakeOutputs> store = std::make_shared<FakeOutputs>();
    Appearance appearance;
    OutputSource source = OutputSource(appearance);
    std::unique_ptr<OutputFeed> feed;
    int nAdvanced = 0;
};

}  // namespace

TEST_CASE("the whole output of an ended command is read", "[desktop][output]") {
    Fed it;
    it.store->write("a", "one\ntwo\nthree");
    it.feed->show({.callId = "a"}, CommandPhase::ended);
    REQUIRE(it.reaches(OutputFeed::State::done));
    CHECK(it.source.rowCount() == 3);
    CHECK(it.source.text(2) == QStringLiteral("three"));
    CHECK(it.feed->doneBytes() == 13);
}

TEST_CASE("a running command is followed until it ends", "[desktop][output]") {
    Fed it;
    it.feed->show({.callId = "a"}, CommandPhase::running);
    REQUIRE(it.reaches(OutputFeed::State::waiting));
    CHECK(it.source.rowCount() == 0);
    it.store->write("a", "one\n");
    it.feed->tell(CommandPhase::running);
    REQUIRE(waitUntil([&] { return it.source.rowCount() == 1; }));
    it.store->write("a", "two");  // nobody tells
    REQUIRE(waitUntil([&] { return it.source.rowCount() == 2; }));
    it.store->write("a", "!\n");
    it.feed->tell(CommandPhase::ended);
    REQUIRE(it.reaches(OutputFeed::State::done));
    CHECK(it.source.text(1) == QStringLiteral("two!"));
}

TEST_CASE("a paused feed reads nothing", "[desktop][output]") {
    Fed it;
    it.feed->pause();
    it.store->write("a", "one\n");
    it.feed->show({.callId = "a"}, CommandPhase::ended);
    QTest::qWait(100);
    CHECK(it.nAdvanced == 0);
    it.feed->resume();
    REQUIRE(it.reaches(OutputFeed::State::done));
    CHECK(it.source.rowCount() == 1);
}

TEST_CASE("another command takes the place of one that is read", "[desktop][output]") {
    Fed it;
    it.store->write("long", std::string(8 << 20, 'x'));
    it.store->write("short", "s\n");
    it.feed->show({.callId = "long"}, CommandPhase::ended);
    it.feed->show({.callId = "short"}, CommandPhase::ended);
    REQUIRE(it.reaches(OutputFeed::State::done));
    CHECK(it.source.rowCount() == 1);
    CHECK(it.feed->doneBytes() == 2);
}

TEST_CASE("an output that cannot be read is told", "[desktop][output]") {
    Fed it;
    it.store->fail({base::Errc::io, "the disk is gone"});
    it.feed->show({.callId = "a"}, CommandPhase::ended);
    REQUIRE(it.reaches(OutputFeed::State::error));
    CHECK(it.feed->errorText() == "the disk is gone");
}

TEST_CASE("signals of the source say exactly what changed", "[desktop][output]") {
    application();
    Appearance appearance;
    OutputSource source(appearance);
    std::vector<std::string> told;  // follows only the signals
    const auto reread = [&](qint64 first, qint64 count) {
        for (qint64 row = first; row < first + count; ++row) {
            if (size_t(row) >= told.size()) told.resize(size_t(row) + 1);
            told[size_t(row)] = source.text(row).toStdString();
        }
    };
    QObject::connect(&source, &LineSource::changed, &source, reread);
    QObject::connect(&source, &LineSource::appended, &source,
                     [&](qint64 count) { reread(source.rowCount() - count, count); });
    QObject::connect(&source, &LineSource::reset, &source, [&] {
        told.clear();
        reread(0, source.rowCount());
    });
    TerminalText text({.linesMax = 6, .bytesMax = 1 << 20, .lineCharsMax = 80});
    for (const char* piece : {"on", "e\ntw", "o\rT\n", "\x1b[31mred\x1b[0m\n10 %\r20 %", "\r\x1b[K",
                              "a\nb\nc\nd\n", "e\nf", "\n"}) {
        text.append(piece);
        source.show(text.snapshot(), text.takeFirstChanged());
        REQUIRE(int64_t(told.size()) >= source.rowCount());
        told.resize(size_t(source.rowCount()));
        for (int64_t row = 0; row < source.rowCount(); ++row)
            REQUIRE(told[size_t(row)] == text.text(row));
    }
    CHECK(source.nLeftOut() > 0);
}

TEST_CASE("a row has the theme's colours, and what cannot be read is made readable",
          "[desktop][output]") {
    for (const ThemeId theme :
         {ThemeId::light, ThemeId::dark, ThemeId::contrastLight, ThemeId::contrastDark}) {
        const QRgb surface = colorOf(Role::surface, theme);
        for (const char* sequence : {"\x1b[31m", "\x1b[97m", "\x1b[30m", "\x1b[38;5;16m",
                                     "\x1b[38;5;231m", "\x1b[38;2;1;1;1m", "\x1b[38;2;254;254;254m",
                                     "\x1b[34;44m", "\x1b[7m", "\x1b[38;5;226m", "\x1b[47;37m"}) {
            TerminalText text;
            text.append(std::string(sequence) + "word");
            const LineRow row = rowOf(text.line(0), theme);
            REQUIRE(row.runs.size() == 1);
            const QRgb ground = row.runs[0].background != 0 ? row.runs[0].background : surface;
            CAPTURE(int(theme), sequence + 1);
            CHECK(contrast(row.runs[0].foreground, ground) >= 4.5);
        }
        TerminalText red;
        red.append("\x1b[31mred");
        CHECK(rowOf(red.line(0), theme).runs[0].foreground == terminalColor(1, theme));
    }
}

TEST_CASE("places in an output are links, counted in UTF-16", "[desktop][output]") {
    TerminalText text;
    text.append("\xF0\x9F\x98\x80 \xE5\xB7\xAE src/a b.cpp:12:3: error, see lib/c.h:7");
    const LineRow row = rowOf(text.line(0), ThemeId::light);
    REQUIRE(row.links.size() == 2);
    CHECK(row.text.mid(row.links[1].begin, row.links[1].length) == QStringLiteral("lib/c.h:7"));
    OutputPlace place;
    REQUIRE(placeFromHref(row.links[1].href, place));
    CHECK(place == OutputPlace{QStringLiteral("lib/c.h"), 7, 0});
    CHECK_FALSE(placeFromHref(QStringLiteral("https://a.example"), place));
}

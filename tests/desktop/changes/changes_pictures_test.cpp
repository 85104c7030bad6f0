// Pictures of the changes screen in each state, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_changes "[.pictures]"
#include <QBuffer>
#include <QDir>
#include <QImage>
#include <QMenu>
#include <QPixmap>
#include <QPlainTextEdit>
#include <QToolButton>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/changes/fake_review.h"
#include "tests/desktop/long_texts.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

constexpr const char* kBefore =
    R"(#include "engine/tokenizer/bpe.h"

#include <algorithm>

namespace moxie::engine {

// Joins the pair with the best rank.
int64_t Tokenizer::mergeOnce(std::span<Symbol> symbols) {
    int64_t best = -1;
    for (size_t i = 0; i < pairs_.size(); ++i) {
        if (!isAlive(pairs_[i])) continue;
        if (best < 0 || pairs_[i].rank < pairs_[best].rank) best = i;
    }
    return best;
}

int64_t Tokenizer::countTokens(std::string_view text) const {
    return int64_t(encode(text).size());
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
    std::string text;
    for (const int32_t id : ids)
        text += vocabulary_[id];
    return text;
}

}  // namespace moxie::engine
)";

constexpr const char* kAfter =
    R"(#include "engine/tokenizer/bpe.h"

#include <algorithm>
#include <queue>

namespace moxie::engine {

// Joins the pair with the best rank; the heap knows it without a scan.
int64_t Tokenizer::mergeOnce(std::span<Symbol> symbols) {
    while (!queue_.empty()) {
        const Pair pair = queue_.top();
        queue_.pop();
        if (isAlive(pair)) return merge(symbols, pair);
    }
    return -1;
}

int64_t Tokenizer::countTokens(std::string_view text) const {
    return int64_t(encode(text).size());
}

std::string Tokenizer::decode(std::span<const int32_t> tokens) const {
    std::string text;
    for (const int32_t token : tokens)
        text += vocabulary_[token];
    return text;
}

}  // namespace moxie::engine
)";

FileText chart(int width) {
    QImage picture(width, 160, QImage::Format_RGB32);
    picture.fill(QColor(250, 250, 245));
    for (int x = 0; x < width; ++x)
        for (int y = 159; y > 150 - (x * 7) % 90; --y)
            picture.setPixel(x, y, qRgb(70, 120, 190));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    picture.save(&buffer, "PNG");
    return makeText(bytes.toStdString());
}

std::vector<std::shared_ptr<const ReviewedFile>> files() {
    auto bpe =
        std::make_shared<ReviewedFile>(*reviewedFile("engine/tokenizer/bpe.cpp", kBefore, kAfter));
    bpe->review.hunks.back().author = HunkAuthor::you;
    bpe->review.hunks.front().author = HunkAuthor::other;
    auto stale = std::make_shared<ReviewedFile>(
        *reviewedFile("engine/tokenizer/bpe.h", "int64_t rank = 0;\n", "int32_t rank = 0;\n"));
    stale->review.hunks.front().state = HunkState::stale;
    auto image = std::make_shared<ReviewedFile>();
    image->review.path = "docs/heap.png";
    image->review.kind = FileReview::Kind::binary;
    image->review.hunks.emplace_back();
    image->bytesBefore = 12'300;
    image->bytesNow = 18'600;
    image->review.reviewed = chart(120);
    image->review.now = chart(300);
    auto script = std::make_shared<ReviewedFile>();
    script->review.path = "tools/run.sh";
    script->notes = {{FileNote::nowExecutable, ""}};
    auto large =
        std::make_shared<ReviewedFile>(*reviewedFile("data/golden.json", "{}\n", "{\"a\": 1}\n"));
    large->isLong = true;
    return {large,
            image,
            bpe,
            stale,
            reviewedFile("tests/tokenizer_test.cpp", "", "TEST_CASE(\"heap\") {\n}\n"),
            script};
}

struct Pictures {
    Pictures() : screen(model, appearance, registry) {
        appearance.applyTo(application());
        model.now_.points = {{"b2b2b2b2", "before review", 1'800'000'100'000, false},
                             {"a1a1a1a1", "before turn 2", 1'800'000'050'000, true},
                             {"c3c3c3c3", "before turn 1", 1'800'000'000'000, true}};
        model.now_.canUndo = true;
    }

    void save(const QString& name) {
        for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
            QApplication::processEvents();
        CHECK(clippedTexts(screen) == "");
        if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
        const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
        QDir().mkpath(folder);
        CHECK(screen.grab().save(folder + QStringLiteral("/changes-") + name + prefix +
                                 QStringLiteral(".png")));
    }

    void press(Qt::Key key) { QTest::keyClick(QApplication::focusWidget(), key); }

    void all() {
        auto& diff = *screen.findChild<LineCanvas*>("changes.diff");
        model.set(ReviewModel::State::empty);
        save("empty");
        model.set(ReviewModel::State::loading);
        save("loading");
        model.set(ReviewModel::State::error, "read index: file ends at 812 of 4096 bytes");
        save("error");
        model.set(files());
        diff.setFocus();
        screen.showFile("engine/tokenizer/bpe.cpp");
        press(Qt::Key_J);
        press(Qt::Key_J);
        QTest::qWait(60);  // for the colours
        save("ready");
        press(Qt::Key_V);
        save("sides");
        screen.showFile("docs/heap.png");
        QTest::qWait(60);
        save("picture");
        screen.showFile("engine/tokenizer/bpe.cpp");
        press(Qt::Key_V);
        press(Qt::Key_G);
        save("base");
        press(Qt::Key_Escape);
        press(Qt::Key_C);
        QTest::keyClicks(QApplication::focusWidget(), "Say why popping a dead pair is safe.");
        save("comment");
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);
        emit model.rejectedAll(3);
        screen.showFile("engine/tokenizer/bpe.h");
        save("stale");
        screen.findChild<QToolButton*>("changes.more")->menu()->actions()[5]->trigger();
        save("points");
        press(Qt::Key_Escape);
        ApplyPreview& preview = model.preview_;
        preview.path = "engine/tokenizer/bpe.cpp";
        preview.ways = {ApplyWay::fitting, ApplyWay::wholeFile, ApplyWay::atEnd};
        preview.way = ApplyWay::fitting;
        preview.before = makeText(kBefore);
        preview.after = makeText(kAfter);
        preview.file = reviewedFile(preview.path, kBefore, kAfter);
        screen.showCode({kAfter, "cpp", {preview.path, "engine/tokenizer/bpe.h"}});
        QTest::qWait(60);
        save("apply");
        press(Qt::Key_Escape);
    }

    FakeReview model;
    Appearance appearance;
    ActionRegistry registry;
    ChangesScreen screen;
    QString prefix;
};

}  // namespace

TEST_CASE("pictures of the changes screen", "[.pictures]") {
    application();
    Translations translations;
    for (const char* language : {"en", "zh"}) {
        translations.use(QLatin1String(language));
        for (const auto& [choice, theme] :
             {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
              std::pair{ThemeChoice::contrastDark, "contrast"}}) {
            Pictures pictures;
            pictures.appearance.setChoice(choice);
            pictures.prefix = QStringLiteral("-%1-%2").arg(language, theme);
            showActive(pictures.screen, {1100, 700});
            pictures.all();
        }
    }
    translations.use(QStringLiteral("en"));
    Pictures narrow;
    narrow.appearance.setTextPercent(150);
    narrow.prefix = QStringLiteral("-narrow");
    showActive(narrow.screen, {560, 640});
    narrow.all();
}

TEST_CASE("the changes screen has room for longer texts", "[desktop][changes][l10n]") {
    application();
    const LongTexts longTexts;
    Pictures pictures;
    pictures.prefix = QStringLiteral("-long");
    showActive(pictures.screen, {560, 640});
    pictures.all();
}

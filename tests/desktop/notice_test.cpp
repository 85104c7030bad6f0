// One strip for all notices of a window, pictures on their way into messages, and drawn icons.
#include "app/desktop/shell/notice.h"

#include <QImage>
#include <QLabel>
#include <QTemporaryDir>
#include <QToolButton>

#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/shell/picture.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/icons.h"
#include "engine/chat_images.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"

namespace moxie::desktop::testing {
namespace {

struct StripRig {
    QApplication& app = application();
    Appearance appearance;
    QWidget window;
    NoticeStrip strip = NoticeStrip(appearance, &window);
    QWidget* one = new QWidget(&window);
    QWidget* inside = new QWidget(new QWidget(&window));

    StripRig() { strip.serve(window); }

    QToolButton* button(const char* name) const {
        return strip.findChild<QToolButton*>(QLatin1String(name));
    }
};

TEST_CASE("the newest notice is shown, closing it shows the one before", "[desktop][notices]") {
    StripRig rig;
    postNotice(*rig.one, {QStringLiteral("first")});
    postNotice(*rig.inside, {QStringLiteral("second"), NoticeTone::error});
    CHECK(rig.strip.text() == QStringLiteral("second"));
    CHECK(rig.strip.findChild<QLabel*>(QStringLiteral("notices.more"))->text() ==
          QStringLiteral("1 more"));
    rig.button("notices.close")->click();
    CHECK(rig.strip.text() == QStringLiteral("first"));
    rig.button("notices.close")->click();
    CHECK_FALSE(rig.strip.isVisibleTo(&rig.window));
}

TEST_CASE("who posts again takes the place of its own notice, or withdraws it",
          "[desktop][notices]") {
    StripRig rig;
    postNotice(*rig.one, {QStringLiteral("old")});
    postNotice(*rig.one, {QStringLiteral("new")});
    rig.button("notices.close")->click();
    CHECK(rig.strip.text().isEmpty());
    postNotice(*rig.one, {QStringLiteral("again")});
    withdrawNotice(*rig.one);
    CHECK(rig.strip.text().isEmpty());
    withdrawNotice(*rig.inside);  // which never posted any
}

TEST_CASE("a choice runs once, and goes with whoever offered it", "[desktop][notices]") {
    StripRig rig;
    int nRun = 0;
    const auto offer = [&](QWidget& from) {
        postNotice(from, {QStringLiteral("done"),
                          NoticeTone::quiet,
                          {{"undo", QStringLiteral("Undo"), [&] { ++nRun; }}}});
    };
    offer(*rig.one);
    rig.button("notices.undo")->click();
    CHECK(nRun == 1);
    CHECK(rig.strip.text().isEmpty());
    offer(*rig.one);
    delete rig.one;
    CHECK(rig.strip.text().isEmpty());
    CHECK(rig.button("notices.undo") == nullptr);
}

TEST_CASE("a picture is sent as it is if that can be, else smaller", "[desktop][pictures]") {
    application();
    QTemporaryDir folder;
    QImage small(40, 20, QImage::Format_RGB32);
    small.fill(Qt::blue);
    const QString jpeg = folder.filePath(QStringLiteral("a.jpg"));
    REQUIRE(small.save(jpeg));
    const auto kept = readPicture(jpeg);
    REQUIRE(kept);
    CHECK(kept->image.mediaType == "image/jpeg");
    CHECK(kept->name == QStringLiteral("a.jpg"));
    CHECK(thumbnailOf(kept->image).size() == QSize(40, 20));
    QImage large(5'000, 1'000, QImage::Format_RGB32);
    large.fill(Qt::green);
    const QString png = folder.filePath(QStringLiteral("b.png"));
    REQUIRE(large.save(png));
    const auto shrunk = readPicture(png);
    REQUIRE(shrunk);
    QImage sent;
    REQUIRE(sent.loadFromData(bytesOf(shrunk->image)));
    CHECK(sent.size() == QSize(kPictureEdgeMax, 400));
    CHECK(engine::checkImage(shrunk->image));
    CHECK_FALSE(readPicture(folder.filePath(QStringLiteral("missing.png"))));
    CHECK(thumbnailOf({"image/png", "bm8gcGljdHVyZQ=="}).isNull());
}

TEST_CASE("every icon draws something within its square, in the ink of the theme",
          "[desktop][theme]") {
    application();
    Appearance appearance;
    for (int shape = 0; shape < kIconCount; ++shape) {
        CAPTURE(shape);
        const QIcon made = icon(IconShape(shape), Role::text, appearance);
        const QImage image = made.pixmap(32, 32).toImage();
        int nInked = 0, nAtEdge = 0;
        for (int y = 0; y < 32; ++y)
            for (int x = 0; x < 32; ++x) {
                const bool isInked = qAlpha(image.pixel(x, y)) > 40;
                nInked += isInked ? 1 : 0;
                nAtEdge += isInked && (x == 0 || y == 0 || x == 31 || y == 31) ? 1 : 0;
            }
        CHECK(nInked > 30);
        CHECK(nAtEdge == 0);
    }
}

}  // namespace
}  // namespace moxie::desktop::testing

#include "app/desktop/screens/changes/picture_pane.h"

#include <QBuffer>
#include <QEvent>
#include <QHBoxLayout>
#include <QImageReader>
#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <array>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kPictureSideMax = 1'024;  // shown smaller anyway
constexpr int kPaneHeight = 220;

constexpr std::array<const char*, 8> kSuffixes = {"png", "jpg", "jpeg", "gif",
                                                  "bmp", "ico", "webp", "tif"};

struct Decoded {
    QImage picture;
    QSize size;  // in the file
};

Decoded decoded(const FileText& bytes) {
    if (bytes == nullptr) return {};
    QByteArray data = QByteArray::fromRawData(bytes->data(), qsizetype(bytes->size()));
    QBuffer buffer(&data);
    QImageReader reader(&buffer);
    Decoded made;
    made.size = reader.size();
    const bool isLarge = std::max(made.size.width(), made.size.height()) > kPictureSideMax;
    if (isLarge)
        reader.setScaledSize(
            made.size.scaled(kPictureSideMax, kPictureSideMax, Qt::KeepAspectRatio));
    made.picture = reader.read();
    if (!made.size.isValid()) made.size = made.picture.size();
    return made;
}

}  // namespace

// One picture with a line about it.
class PictureSide final : public QWidget {
public:
    PictureSide(Appearance& appearance, QWidget* parent)
        : QWidget(parent),
          appearance_(appearance) {}

    void setPicture(const QImage& picture) {
        picture_ = picture;
        update();
    }

    void say(const QString& caption) {
        if (caption == caption_) return;
        caption_ = caption;
        setAccessibleName(caption);
        update();
    }

    Decoded shown;
    FileText bytes;

protected:
    void paintEvent(QPaintEvent*) override {
        const Look& look = appearance_.look();
        QPainter painter(this);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.setFont(look.font(TextRole::small));
        painter.setPen(look.color(Role::textMuted));
        const int line = painter.fontMetrics().height();
        painter.drawText(QRect(0, 0, width(), line), int(Qt::AlignLeft | Qt::AlignVCenter),
                         painter.fontMetrics().elidedText(caption_, Qt::ElideRight, width()));
        const QRect room = rect().adjusted(0, line + grid(1), 0, 0);
        painter.fillRect(room, look.color(Role::sunken));
        if (picture_.isNull()) return;
        const QSize inside = room.size() - QSize(grid(2), grid(2));
        QSize size = picture_.size();
        if (size.width() > inside.width() || size.height() > inside.height())
            size.scale(inside, Qt::KeepAspectRatio);
        QRect place(QPoint(), size);
        place.moveCenter(room.center());
        painter.drawImage(place, picture_);
    }

private:
    Appearance& appearance_;
    QImage picture_;
    QString caption_;
};

PicturePane::PicturePane(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      before_(new PictureSide(appearance, this)),
      now_(new PictureSide(appearance, this)) {
    setObjectName(QStringLiteral("changes.pictures"));
    before_->setObjectName(QStringLiteral("changes.pictures.before"));
    now_->setObjectName(QStringLiteral("changes.pictures.now"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(3));
    layout->addWidget(before_, 1);
    layout->addWidget(now_, 1);
    setFixedHeight(kPaneHeight);
    connect(&appearance_, &Appearance::changed, this, qOverload<>(&QWidget::update));
    hide();
}

PicturePane::~PicturePane() = default;

bool PicturePane::isPicture(const FileReview& file) {
    if (file.kind != FileReview::Kind::binary) return false;
    const QString suffix =
        QString::fromStdString(file.path).section(QLatin1Char('.'), -1).toLower();
    return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                       [&](const char* known) { return suffix == QLatin1String(known); });
}

void PicturePane::showPictures(const FileReview& file) {
    const bool isShown =
        isVisibleTo(parentWidget()) && shownBefore_ == file.reviewed && shownNow_ == file.now;
    if (isShown) return;
    shownBefore_ = file.reviewed;
    shownNow_ = file.now;
    decode(*before_, shownBefore_);
    decode(*now_, shownNow_);
    show();
}

void PicturePane::clear() {
    hide();
    shownBefore_.reset();
    shownNow_.reset();
}

void PicturePane::decode(PictureSide& side, const FileText& bytes) {
    side.bytes = bytes;
    side.shown = {};
    side.setPicture({});
    retranslate();
    if (bytes == nullptr) return;
    worker_.run(
        *this, [bytes](const std::stop_token&) { return decoded(bytes); },
        [this, &side, bytes](const Decoded& made) {
            if (side.bytes != bytes) return;
            side.shown = made;
            side.setPicture(made.picture);
            retranslate();
        });
}

void PicturePane::retranslate() {
    const auto about = [](const PictureSide& side) {
        return tr("%1 × %2, %3", "width, height, bytes of a picture")
            .arg(side.shown.size.width())
            .arg(side.shown.size.height())
            .arg(QLocale().formattedDataSize(qint64(side.bytes->size())));
    };
    const bool hasBefore = before_->bytes && !before_->shown.picture.isNull();
    const bool hasNow = now_->bytes && !now_->shown.picture.isNull();
    before_->say(hasBefore                   ? tr("Before: %1").arg(about(*before_))
                 : before_->bytes == nullptr ? tr("Before: no picture")
                                             : tr("Before: cannot be shown"));
    now_->say(hasNow                   ? tr("Now: %1").arg(about(*now_))
              : now_->bytes == nullptr ? tr("Now: no picture")
                                       : tr("Now: cannot be shown"));
}

void PicturePane::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

void PicturePane::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, 0, width(), 0);
}

}  // namespace moxie::desktop

#include "app/desktop/shell/picture.h"

#include <fmt/format.h>

#include <QBuffer>
#include <QFile>
#include <QFileInfo>
#include <QImageReader>
#include <algorithm>
#include <array>
#include <utility>

#include "engine/chat_images.h"

namespace moxie::desktop {

namespace {

constexpr qint64 kFileBytesMax = 64 << 20;
constexpr int kPixelsEdgeMax = 20'000;  // a longer one is a bomb
constexpr int kJpegQuality = 88;

struct Format {
    const char* qt;
    const char* mediaType;  // nullptr: models do not take it as it is
};

constexpr std::array kFormats = {Format{"png", "image/png"},   Format{"jpeg", "image/jpeg"},
                                 Format{"jpg", "image/jpeg"},  Format{"gif", "image/gif"},
                                 Format{"webp", "image/webp"}, Format{"bmp", nullptr}};

const Format* formatOf(const QByteArray& name) {
    const auto found = std::find_if(kFormats.begin(), kFormats.end(),
                                    [&](const Format& format) { return name == format.qt; });
    return found == kFormats.end() ? nullptr : &*found;
}

QSize fitted(QSize size, int edge) {
    return std::max(size.width(), size.height()) <= edge
               ? size
               : size.scaled(edge, edge, Qt::KeepAspectRatio).expandedTo({1, 1});
}

QImage smaller(const QImage& image, int edge) {
    const QSize size = fitted(image.size(), edge);
    if (size == image.size()) return image;
    return image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

engine::Image imageOf(const char* mediaType, const QByteArray& bytes) {
    return {.mediaType = mediaType, .base64 = bytes.toBase64().toStdString()};
}

bool isSendable(const engine::Image& image) {
    return engine::checkImage(image).has_value();
}

QByteArray encoded(const QImage& image, const char* format, int quality) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    return image.save(&buffer, format, quality) ? bytes : QByteArray();
}

// A reader of bytes that are what they claim to be by themselves. nullopt: no picture.
bool open(QImageReader& reader, QBuffer& buffer) {
    buffer.open(QIODevice::ReadOnly);
    reader.setDevice(&buffer);
    reader.setDecideFormatFromContent(true);
    reader.setAutoTransform(true);
    const QSize size = reader.size();
    return formatOf(reader.format()) != nullptr && !size.isEmpty() &&
           std::max(size.width(), size.height()) <= kPixelsEdgeMax;
}

}  // namespace

bool isPictureFile(const QString& path) {
    return formatOf(QFileInfo(path).suffix().toLower().toLatin1()) != nullptr;
}

base::Result<Picture> makePicture(const QImage& image) {
    if (image.isNull()) return base::fail(base::Errc::corrupt, "it is no picture");
    Picture picture;
    const QImage sent = smaller(image, kPictureEdgeMax);
    picture.image = imageOf("image/png", encoded(sent, "png", -1));
    // A photograph as PNG is too much; nothing is seen through it.
    if (!isSendable(picture.image))
        picture.image = imageOf("image/jpeg", encoded(sent.convertToFormat(QImage::Format_RGB32),
                                                      "jpeg", kJpegQuality));
    if (!isSendable(picture.image))
        return base::fail(base::Errc::invalidInput, "it cannot be made small enough to be sent");
    picture.thumbnail = smaller(sent, 2 * kThumbnailEdge);
    return picture;
}

base::Result<Picture> readPicture(const QString& path) {
    QFile file(path);
    const auto where = [&](base::Errc kind, const std::string& what) {
        return base::fail(kind, fmt::format("{}: {}", path.toStdString(), what));
    };
    if (!file.open(QIODevice::ReadOnly))
        return where(base::Errc::io, file.errorString().toStdString());
    if (file.size() > kFileBytesMax)
        return where(base::Errc::invalidInput,
                     fmt::format("{} bytes are more than {}", file.size(), kFileBytesMax));
    QByteArray bytes = file.read(kFileBytesMax);
    QBuffer buffer(&bytes);
    QImageReader reader;
    if (!open(reader, buffer))
        return where(base::Errc::corrupt, "it is no picture that Moxie reads");
    const Format* format = formatOf(reader.format());
    const QSize size = reader.size();
    const QImage image = reader.read();
    if (image.isNull()) return where(base::Errc::corrupt, reader.errorString().toStdString());
    auto picture = makePicture(image);
    if (!picture) return where(picture.error().kind(), picture.error().message());
    picture->name = QFileInfo(path).fileName();
    // As it is where that can be sent: nothing is lost, and nothing is made larger.
    const bool isSmall = std::max(size.width(), size.height()) <= kPictureEdgeMax;
    if (format->mediaType != nullptr && isSmall)
        if (engine::Image own = imageOf(format->mediaType, bytes); isSendable(own))
            picture->image = std::move(own);
    return picture;
}

QImage thumbnailOf(const engine::Image& image) {
    QByteArray bytes = bytesOf(image);
    QBuffer buffer(&bytes);
    QImageReader reader;
    if (!open(reader, buffer)) return {};
    reader.setScaledSize(fitted(reader.size(), 2 * kThumbnailEdge));
    return reader.read();
}

QByteArray bytesOf(const engine::Image& image) {
    return QByteArray::fromBase64(
        QByteArray::fromRawData(image.base64.data(), qsizetype(image.base64.size())));
}

}  // namespace moxie::desktop

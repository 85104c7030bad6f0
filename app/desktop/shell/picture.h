// Pictures on their way into a message and back: from a file or the clipboard into what models and
// the event log take, and from there into a small one to look at. What a file says of itself is not
// believed: its bytes decide, and their size is bounded before anything is decoded.
// Threads: any thread. Cost: decodes and encodes, so not the GUI's.
#pragma once
#include <QImage>
#include <QString>

#include "base/result.h"
#include "engine/chat_model.h"

namespace moxie::desktop {

constexpr int kPictureEdgeMax = 2'000;     // longer edges are made shorter, as models do themselves
constexpr int kThumbnailEdge = 160;        // of the longer edge, in device-independent pixels
constexpr int kPicturesOfMessageMax = 10;  // more is a mistake, or a vendor refuses it

struct Picture {
    engine::Image image = {};
    QImage thumbnail = {};
    QString name = {};  // of the file; "": from the clipboard
    bool operator==(const Picture&) const = default;
};

// PNG, JPEG, GIF, WebP and BMP, as far as Qt reads them here.
bool isPictureFile(const QString& path);  // by its ending

// Fails: io; corrupt (no picture); invalidInput (it cannot be made small enough).
base::Result<Picture> readPicture(const QString& path);
base::Result<Picture> makePicture(const QImage& image);

// Null where it is no picture.
QImage thumbnailOf(const engine::Image& image);

// The bytes as the file had them.
QByteArray bytesOf(const engine::Image& image);

}  // namespace moxie::desktop

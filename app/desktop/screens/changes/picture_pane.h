// A changed picture before and after, below the diff. Decoded on a thread of its own.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/core/worker.h"
#include "app/desktop/model/review.h"

namespace moxie::desktop {

class Appearance;
class PictureSide;

class PicturePane final : public QWidget {
    Q_OBJECT

public:
    PicturePane(Appearance& appearance, QWidget* parent);
    ~PicturePane() override;

    // By its name, and if it is no text.
    static bool isPicture(const FileReview& file);
    // Requires: isPicture(file).
    void showPictures(const FileReview& file);
    void clear();

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void decode(PictureSide& side, const FileText& bytes);
    void retranslate();

    Appearance& appearance_;
    PictureSide *before_, *now_;
    FileText shownBefore_, shownNow_;
    Worker worker_;  // last: joined before the rest goes
};

}  // namespace moxie::desktop

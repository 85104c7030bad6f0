// The pictures of the message that is being written: a row of small ones, each with its name, the
// chosen one can be removed. Hidden while there are none. Reading and making small happens on a
// worker; what cannot be read is told in a sentence. Threads: GUI thread only.
#pragma once
#include <QStringList>
#include <QWidget>
#include <memory>
#include <vector>

#include "app/desktop/shell/picture.h"

class QListView;
class QToolButton;

namespace moxie::desktop {

class Appearance;
class Worker;

class PictureStrip final : public QWidget {
    Q_OBJECT

public:
    explicit PictureStrip(Appearance& appearance, QWidget* parent = nullptr);
    ~PictureStrip() override;

    // They come as soon as they are read.
    void addFiles(const QStringList& paths);
    void addImage(const QImage& image);

    bool isEmpty() const;

    // Files that are not read yet.
    bool isReading() const { return nReading_ > 0; }

    // All of them, in order; the strip is empty then.
    std::vector<engine::Image> take();

signals:
    void changed();
    void refused(const QString& sentence);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Model;

    template <class Read>
    void read(Read read);
    void add(base::Result<Picture> picture);
    void removeChosen();
    void update();
    void retranslate();
    void applyLook();

    Appearance& appearance_;
    Model* model_;
    QListView* list_;
    QToolButton* remove_;
    int nReading_ = 0;
    std::unique_ptr<Worker> worker_;  // made when first needed
};

}  // namespace moxie::desktop

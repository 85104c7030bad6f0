// The diff as one reads it: one canvas, or two side by side that scroll as one, with a find bar
// each, in colours. Knows rows, not what one decides about them. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/canvas/text_place.h"
#include "app/desktop/screens/changes/coloured_texts.h"
#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/moved_hunks.h"

namespace moxie::desktop {

class Appearance;
class FindBar;
class LineCanvas;

class DiffView final : public QWidget {
    Q_OBJECT

public:
    // Both outlive what one does with this.
    DiffView(DiffSource& source, Appearance& appearance, QWidget* parent);

    // The source's options say the same; one canvas or two.
    void showSides(DiffLayout layout);

    // The only one, or the right one.
    LineCanvas& canvas() const { return *now_; }

    // On the side where the caret was moved last.
    TextRange selection() const;
    int64_t caretRow() const;
    void openFind();

signals:
    void selectionChanged();
    void foldWanted(qint64 file);  // Enter or a double click on its head

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void layOut();
    void wire(LineCanvas& own, LineCanvas& other);
    void shareScrollBar();
    void takeCaret(LineCanvas& from, LineCanvas& to);
    void wantColours();
    void lookAtRows();
    void retranslate();

    DiffSource& source_;
    Appearance& appearance_;
    BeforeSource* beforeSource_;
    ColouredTexts* colours_;
    MovedHunks* moved_;
    LineCanvas *before_, *now_;
    LineCanvas* active_;
    FindBar *findBefore_, *find_;
    bool isMirroring_ = false;
};

}  // namespace moxie::desktop

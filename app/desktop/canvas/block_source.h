// What a BlockCanvas shows: blocks of different heights, such as the paragraphs and cards of a
// conversation. A source composes a block into a QTextDocument when it becomes visible; links and
// buttons are anchors in it, their href comes back in Canvas::linkActivated.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>

#include "app/desktop/theme/look.h"

class QTextDocument;

namespace moxie::desktop {

enum class BlockFrame : uint8_t { plain, user, card, quiet, attention, failure };
enum class Fold : uint8_t { none, open, folded };

struct BlockHead {
    QString title = {};   // empty: no head row
    QString detail = {};  // at the right end of the head row: time, state
    QString spoken = {};  // what a screen reader says before the text: "Answer", "You"
    BlockFrame frame = BlockFrame::plain;
    Fold fold = Fold::none;  // folded: only the head is shown
    int indent = 0;
    int gapAbove = 1;  // in steps of the grid
};

class BlockSource : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual int64_t blockCount() const = 0;
    virtual BlockHead head(int64_t block) const = 0;
    // For estimated heights; called for every block, so it must be a look-up.
    virtual int64_t textLength(int64_t block) const = 0;
    // The text that compose() writes, paragraphs parted by '\n'. For find and copy.
    virtual QString plainText(int64_t block) const = 0;

    virtual QString markdown(int64_t block) const { return plainText(block); }

    // Writes the block into an empty document whose default font and width are set.
    virtual void compose(int64_t block, QTextDocument& document, const Look& look) const = 0;

    virtual void setFold(int64_t, Fold) {}

signals:
    void changed(qint64 first, qint64 count);
    // `inserted` blocks take the place of `removed` ones.
    void spliced(qint64 first, qint64 removed, qint64 inserted);
    void reset();
};

}  // namespace moxie::desktop

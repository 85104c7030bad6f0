// The buttons of the current hunk, laid over its first visible row at the right. The keys do the
// same, so the bar takes no focus. Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <vector>

class QToolButton;

namespace moxie::desktop {

class Appearance;
class LineCanvas;

class HunkBar final : public QFrame {
    Q_OBJECT

public:
    enum class Wish : uint8_t { accept, reject, edit, comment, stage, why, openEditor };

    struct Offer {
        int nSelectedLines = 0;  // 0: the whole hunk
        bool canEdit = true;     // there are lines
        bool operator==(const Offer&) const = default;
    };

    HunkBar(LineCanvas& canvas, Appearance& appearance);

    void setOffer(const Offer& offer);
    // Rows [first, end) are the hunk's; first < 0: no hunk, hidden.
    void placeAt(int64_t first, int64_t end);

signals:
    void wanted(moxie::desktop::HunkBar::Wish wish);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QToolButton* addButton(const char* name, Wish wish);
    void retranslate();
    void restyle();
    void place();
    void fitInto(int width);

    LineCanvas& canvas_;
    Appearance& appearance_;
    QToolButton *accept_, *reject_, *edit_, *comment_, *more_;
    std::vector<std::pair<Wish, QAction*>> moreActions_;
    Offer offer_;
    int64_t first_ = -1, end_ = -1;
};

}  // namespace moxie::desktop

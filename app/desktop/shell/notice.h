// What just happened, in one sentence, with what can be done about it: "Took back 2 hunks" and
// "Undo". A screen posts it and knows nothing more; the window shows all of them in one strip
// (notice_strip.h). Questions that hold up the agent are no notices, they have their card.
// Threads: GUI thread only.
#pragma once
#include <QEvent>
#include <QString>
#include <functional>
#include <vector>

class QWidget;

namespace moxie::desktop {

enum class NoticeTone : uint8_t { quiet, warning, error };

struct NoticeChoice {
    const char* name = "";  // the button is "notices.NAME"
    QString text = {};
    std::function<void()> run = {};  // empty: only closes
};

struct Notice {
    QString sentence = {};
    NoticeTone tone = NoticeTone::quiet;
    std::vector<NoticeChoice> choices = {};
};

// Takes the place of what `from` posted before; goes away with `from`, whose choices it holds.
// Where no strip serves a parent of `from`, nobody sees it.
void postNotice(QWidget& from, Notice notice);
// What `from` posted does not hold any more.
void withdrawNotice(QWidget& from);

// On its way from a widget up to the one that a strip serves.
class NoticeEvent final : public QEvent {
public:
    NoticeEvent(QWidget& from, Notice notice);

    static Type kind();

    QWidget& from() const { return from_; }

    const Notice& notice() const { return notice_; }  // without a sentence: a withdrawal

private:
    QWidget& from_;
    Notice notice_;
};

}  // namespace moxie::desktop

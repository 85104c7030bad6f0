// The one place of a window for notices: the newest is shown, older ones wait behind it until it is
// closed. It says each to a screen reader once and takes no focus by itself.
// Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <list>
#include <vector>

#include "app/desktop/shell/notice.h"

class QBoxLayout;
class QLabel;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class NoticeStrip final : public QFrame {
    Q_OBJECT

public:
    explicit NoticeStrip(Appearance& appearance, QWidget* parent = nullptr);

    // From now on it shows what `host` and the widgets inside post. Requires: both live equally
    // long, or the strip goes first.
    void serve(QWidget& host);

    // The sentence that is shown; "": none.
    QString text() const;
    // The strip's own, from nobody's widget.
    void tell(Notice notice);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Posted {
        const QObject* from = nullptr;
        Notice notice = {};
    };

    void take(QObject& from, const Notice& notice);
    void drop(const QObject* from);
    void closeShown();
    void dropButtons();
    void showNewest();
    void fold();
    void retranslate();
    void restyle();

    Appearance& appearance_;
    QLabel* sign_;
    QLabel* label_;
    QBoxLayout *body_,
        *choices_;  // the sentence and the choices; below each other where it is narrow
    QLabel* more_;
    QToolButton* close_;
    std::vector<QToolButton*> buttons_;  // of choices_
    std::list<Posted> posted_;           // the newest first
};

}  // namespace moxie::desktop

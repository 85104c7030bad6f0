// One sentence at the foot of the sidebar about what was just done, with a way back or choices
// where there are some. It stays until it is closed or the next one comes. Threads: GUI thread
// only.
#pragma once
#include <QFrame>
#include <functional>
#include <vector>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace moxie::desktop {

class Appearance;

class NoticeBar final : public QFrame {
    Q_OBJECT

public:
    enum class Tone : uint8_t { quiet, error };

    struct Choice {
        const char* name = "";  // the button is "sessions.notice.NAME"
        QString text = {};
        std::function<void()> run = {};
    };

    explicit NoticeBar(Appearance& appearance, QWidget* parent = nullptr);

    void say(const QString& sentence, Tone tone);
    // With a button "Undo" that calls `undo` and closes the bar.
    void sayUndoable(const QString& sentence, std::function<void()> undo);

    // A question in place; each choice closes the bar.
    void ask(const QString& sentence, const std::vector<Choice>& choices);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void applyLook();
    void dropChoices();

    Appearance& appearance_;
    QLabel* text_;
    QToolButton* undo_;
    QToolButton* close_;
    QVBoxLayout* choices_;
    std::vector<QToolButton*> buttons_;  // of choices_
    std::function<void()> run_;
    Tone tone_ = Tone::quiet;
};

}  // namespace moxie::desktop

// One sentence at the foot of the sidebar about what was just done, with a way back where there is
// one. It stays until it is closed or the next one comes. Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <functional>

class QLabel;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class NoticeBar final : public QFrame {
    Q_OBJECT

public:
    enum class Tone : uint8_t { quiet, error };

    explicit NoticeBar(Appearance& appearance, QWidget* parent = nullptr);

    void say(const QString& sentence, Tone tone);
    // With a button "Undo" that calls `undo` and closes the bar.
    void sayUndoable(const QString& sentence, std::function<void()> undo);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void applyLook();

    Appearance& appearance_;
    QLabel* text_;
    QToolButton* undo_;
    QToolButton* close_;
    std::function<void()> run_;
    Tone tone_ = Tone::quiet;
};

}  // namespace moxie::desktop

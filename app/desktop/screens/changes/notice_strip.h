// One line about what just happened, or a question, with its buttons: in place, never modal.
// Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class NoticeStrip final : public QFrame {
    Q_OBJECT

public:
    enum class Tone : uint8_t { quiet, warning };

    struct Choice {
        const char* name = "";  // the button is "STRIP.name"
        QString text = {};
        std::function<void()> run = {};  // empty: only closes
    };

    // `name`: objectName of the strip; its text is "NAME.text".
    NoticeStrip(const QString& name, Appearance& appearance, QWidget* parent);

    // Takes the place of the notice before. A button to close it is always there.
    void tell(Tone tone, const QString& sentence, const std::vector<Choice>& choices);

    QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();

    Appearance& appearance_;
    QLabel* label_;
    QHBoxLayout* layout_;
    std::vector<QPushButton*> buttons_;
    Tone tone_ = Tone::quiet;
};

}  // namespace moxie::desktop

// The small editor under the diff: the user's own lines for a hunk, or a comment on it. Ctrl+Enter
// takes it, Escape leaves. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class LinesEditor final : public QWidget {
    Q_OBJECT

public:
    enum class Purpose : uint8_t { lines, comment };

    LinesEditor(Appearance& appearance, QWidget* parent);

    // `title`: the hunk, "bpe.cpp lines 41 to 47".
    void open(Purpose purpose, const QString& title, const QString& text);
    void close();

    bool isOpen() const { return isVisibleTo(parentWidget()); }

    Purpose purpose() const { return purpose_; }

signals:
    void accepted(const QString& text);
    void closed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void restyle();
    void take();

    Appearance& appearance_;
    QLabel* head_;
    QPlainTextEdit* text_;
    QPushButton *ok_, *cancel_;
    Purpose purpose_ = Purpose::lines;
    QString title_;
};

}  // namespace moxie::desktop

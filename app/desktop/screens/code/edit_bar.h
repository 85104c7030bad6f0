// The small editor under the text of the viewer, for a few lines. Ctrl+Enter writes them, Escape
// leaves. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class EditBar final : public QWidget {
    Q_OBJECT

public:
    EditBar(Appearance& appearance, QWidget* parent);

    // `title`: "Lines 3 to 7".
    void open(const QString& title, const QString& lines);
    void close();
    // Stays open, so that nothing typed is lost.
    void sayProblem(const QString& sentence);

    QString lines() const;

signals:
    void accepted();
    void closed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void restyle();

    Appearance& appearance_;
    QLabel* head_;
    QPlainTextEdit* text_;
    QPushButton *ok_, *cancel_;
    QString title_, problem_;
};

}  // namespace moxie::desktop

// The strip in which one types a line to go to. Hidden until open(). Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QLineEdit;

namespace moxie::desktop {

class LineBar final : public QWidget {
    Q_OBJECT

public:
    explicit LineBar(QWidget* parent);

    void open(int line, int64_t lineCount);

signals:
    void lineWanted(int line, int column);
    void closed();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void close();

    QLabel* label_;
    QLineEdit* line_;
    QLabel* range_;
    int64_t lineCount_ = 0;
};

}  // namespace moxie::desktop

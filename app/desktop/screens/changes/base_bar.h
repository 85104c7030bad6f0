// The strip in which one names the commit, branch or tag to compare with. Hidden until open();
// Escape leaves. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QLineEdit;

namespace moxie::desktop {

class BaseBar final : public QWidget {
    Q_OBJECT

public:
    explicit BaseBar(QWidget* parent);

    void open(const QString& name);

signals:
    void baseChosen(const QString& name);
    void closed();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void close();

    QLabel* label_;
    QLineEdit* name_;
};

}  // namespace moxie::desktop

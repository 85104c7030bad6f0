// What stands in the place of a content that is not there: what it is, a sentence, one action.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class StateNote final : public QWidget {
    Q_OBJECT

public:
    StateNote(Appearance& appearance, const QString& name, QWidget* parent);

    // Without `action` there is no button.
    void say(const QString& title, const QString& sentence, const QString& action = {});

signals:
    void actionWanted();

private:
    void applyLook();

    Appearance& appearance_;
    QLabel* title_;
    QLabel* sentence_;
    QPushButton* action_;
};

}  // namespace moxie::desktop

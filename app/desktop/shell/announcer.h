// The one way to let a screen reader say something that happened: "the answer is ready", never
// single characters. An invisible label of the window carries the last sentence.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

namespace moxie::desktop {

class Announcer final : public QWidget {
    Q_OBJECT

public:
    explicit Announcer(QWidget* window);

    void say(const QString& sentence);
};

}  // namespace moxie::desktop

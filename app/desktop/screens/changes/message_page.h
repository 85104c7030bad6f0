// What stands in the place of the diff while there is none: what it is, a sentence, one action.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;
class ReviewModel;

class MessagePage final : public QWidget {
    Q_OBJECT

public:
    MessagePage(Appearance& appearance, QWidget* parent);

    // Requires: the model has no files to show.
    void explain(const ReviewModel& model);

signals:
    void actionWanted();

private:
    struct Message {
        QString title = {}, text = {}, action = {};
    };

    static Message messageOf(const ReviewModel& model);
    static Message emptyMessage(const ReviewModel& model);
    void restyle();

    Appearance& appearance_;
    QLabel *title_, *text_;
    QPushButton* action_;
};

}  // namespace moxie::desktop

// A short list over the window from which one picks with the keyboard while the focus stays in the
// editor below. It shows what it is given and says what was chosen.
// Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <vector>

#include "app/desktop/screens/composer/suggester.h"

class QKeyEvent;
class QListView;

namespace moxie::desktop {

class Appearance;

class CompletionPopup final : public QFrame {
    Q_OBJECT

public:
    // Lies over `window` and is owned by it.
    CompletionPopup(Appearance& appearance, QWidget& window);

    // Shows `rows` with the first one chosen, above `caret` (in the window). No rows: closes.
    void open(std::vector<Suggestion> rows, QRect caret);
    // True: the key was for the list.
    bool takeKey(const QKeyEvent& event);

signals:
    void chosen(const moxie::desktop::Suggestion& suggestion);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class Model;

    void choose(int row);
    void goTo(int row);
    void place(QRect caret);

    Appearance& appearance_;
    Model* model_;
    QListView* list_;
};

}  // namespace moxie::desktop

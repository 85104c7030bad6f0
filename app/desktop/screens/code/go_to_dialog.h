// "Go to file or symbol": type some letters of a name, or "path:line", ":line" of the open file,
// "@symbol", "in:folder"; Enter goes there, Shift+Enter adds a reference to the message, Escape
// gives the focus back. Lies over the window like the palette, never modal.
// Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <QPointer>

#include "app/desktop/screens/code/code_model.h"

class QLabel;
class QLineEdit;

namespace moxie::desktop {

class Appearance;
class CodeList;

class GoToDialog final : public QFrame {
    Q_OBJECT

public:
    // Lies near the upper edge of `window`. All must outlive the dialog.
    GoToDialog(CodeModel& model, Appearance& appearance, QWidget& window);
    ~GoToDialog() override;

    // With `typed` in the line, such as ":" or "@".
    void open(const QString& typed = {});

signals:
    // An empty path is the file that is open.
    void placeWanted(const moxie::desktop::CodePlace& place);
    void addToMessage(const QString& reference);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void ask();
    void showHits(const CodeQuery& query, const CodeHits& found);
    void showState(const QString& hint);
    void goTo(const CodePlace& place);
    void close();
    void place();
    void retranslate();
    bool handleKey(int key, Qt::KeyboardModifiers modifiers);

    CodeModel& model_;
    Appearance& appearance_;
    QLineEdit* query_;
    CodeList* list_;
    QLabel* state_;  // in the place of the list
    QLabel* keys_;
    QLabel* time_;
    QPointer<QWidget> focusBefore_;
};

}  // namespace moxie::desktop

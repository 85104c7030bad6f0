// The palette: type a few letters of any enabled action, Enter runs it. Keyboard only is enough;
// Escape gives the focus back to where it was. Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <QPointer>

class QAction;
class QLabel;
class QLineEdit;
class QListView;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;

class CommandPalette final : public QFrame {
    Q_OBJECT

public:
    // Lies over `window`, near its upper edge. All must outlive the palette.
    CommandPalette(ActionRegistry& registry, Appearance& appearance, QWidget& window);
    ~CommandPalette() override;

    void open();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Model;

    void close();
    void run(int row);
    void retranslate();
    void fill();
    void place();

    ActionRegistry& registry_;
    Appearance& appearance_;
    QLineEdit* query_;
    QListView* list_;
    QLabel* nothing_;
    Model* model_;
    QPointer<QWidget> focusBefore_;
};

}  // namespace moxie::desktop

// The strip above an output that stays while one scrolls: the command, how it ended and how long it
// took, and one line where something about the output must be said.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/output/command_list.h"

class QLabel;
class QTimer;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class OutputHeader final : public QWidget {
    Q_OBJECT

public:
    // `appearance` outlives it.
    OutputHeader(const Appearance& appearance, QWidget* parent);

    void show(const CommandRow& row);
    // Empty: nothing is to be said.
    void setNote(const QString& sentence);
    // The button sends a selection, so there must be one.
    void allowAdding(bool isAllowed);
    void retranslate();

signals:
    void addWanted();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void layOutAgain();
    void refresh();

    const Appearance& appearance_;
    CommandRow row_;
    QLabel* command_;
    QLabel* state_;
    QLabel* detail_;
    QLabel* note_;
    QToolButton* add_;
    QTimer* tick_;  // while a command runs and one can see it
};

}  // namespace moxie::desktop

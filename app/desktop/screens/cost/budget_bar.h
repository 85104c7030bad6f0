// The strip that says that a budget is nearly or quite used up; of a reached one it offers to
// raise it, to go on with a local model, or to stop. Hidden while there is nothing to say. Never
// modal, and no key answers it by accident: the buttons have no default.
// Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace moxie::desktop {

class Appearance;
class BudgetWatch;

class BudgetBar final : public QWidget {
    Q_OBJECT

public:
    // Both outlive it.
    BudgetBar(BudgetWatch& watch, const Appearance& appearance, QWidget* parent = nullptr);

    // The local model one can go on with, as the user knows it; "": there is none, so it is not
    // offered.
    void setLocalModel(const QString& name);

protected:
    void changeEvent(QEvent* event) override;

private:
    QPushButton* makeButton(const char* name);
    void say(const QString& sentence);
    void showChoices();
    void look();

    BudgetWatch& watch_;
    const Appearance& appearance_;
    QString localModel_;
    QLabel* sign_;
    QLabel* sentence_;
    QPushButton* raise_;
    QPushButton* local_;
    QPushButton* stop_;
    QToolButton* close_;
};

}  // namespace moxie::desktop

// The questions of the running turn that wait for an answer, all on one card. A real widget below
// the canvas and not a block in it: the rule and the reason are edited in place with the user's
// input method, the answers are buttons for every assistive tool, and the card stays in sight
// while one scrolls to see what led to it. (The canvas shows the same call as an attention block.)
//
// Enter never allows anything; the focus starts on the text. For two seconds after a question came
// no answer is taken, so that what one was typing cannot be one.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <string>
#include <vector>

#include "agent/session.h"
#include "app/desktop/session/session_model.h"
#include "base/clock.h"

class QCheckBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;

class PermissionCard final : public QWidget {
    Q_OBJECT

public:
    static constexpr int kProtectionMs = 2'000;

    // All must outlive it. Hidden until there is a question.
    PermissionCard(Appearance& appearance, ActionRegistry& registry, const base::Clock& clock,
                   QWidget* parent = nullptr);

    // Cost: builds the widgets anew when the questions differ from those shown.
    void setQuestions(const std::vector<PendingPermission>& pending);

    // Answers every question that is ticked. Not taken: within two seconds of the last question,
    // or a scope that a ticked question does not offer.
    void answer(agent::PermissionAnswer answer);

    // Opens the line for the reason of a denial.
    void askWhy();

signals:
    void answered(const std::string& callId, const moxie::agent::PermissionReply& reply);

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Row {
        agent::PermissionQuestion question;
        QWidget* widget = nullptr;
        QCheckBox* tick = nullptr;
        QPlainTextEdit* wanted = nullptr;
        QLabel *why = nullptr, *touches = nullptr, *whyOnlyOnce = nullptr, *ruleLabel = nullptr;
        QLineEdit* rule = nullptr;
    };

    Row makeRow(const agent::PermissionQuestion& question);
    void makeButtons();
    void arrangeButtons();
    void retranslate();
    void fitTexts();
    void orderTabs();
    void updateButtons();
    bool isProtected() const;
    bool isOffered(agent::PermissionAnswer answer) const;

    Appearance& appearance_;
    ActionRegistry& registry_;
    const base::Clock& clock_;
    QLabel* title_;
    QVBoxLayout* rowLayout_;
    QGridLayout* buttonLayout_;
    std::vector<QPushButton*> buttons_;  // in the order of permission.1 to 5, then "and say why"
    QLineEdit* reason_;
    QLabel* hint_;
    QTimer* protection_;
    std::vector<Row> rows_;
    int64_t shownMs_ = 0;
};

}  // namespace moxie::desktop

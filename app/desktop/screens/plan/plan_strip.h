// The plan above the message box: one line that opens to the steps. It shows what the log says;
// what the user changes goes to the agent as a wish and is marked as sent until the log has it. In
// plan mode the steps are approved here. Hidden while there is no plan.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <optional>
#include <string>
#include <vector>

#include "app/desktop/screens/plan/plan_rows.h"
#include "app/desktop/session/session_model.h"

class QLabel;
class QListView;
class QToolButton;

namespace moxie::desktop {

class Appearance;
class PlanHeader;

class PlanStrip final : public QWidget {
    Q_OBJECT

public:
    // All must outlive it.
    PlanStrip(SessionModel& session, Appearance& appearance, QWidget* parent = nullptr);

    void open();
    void close();

signals:
    // The tool calls that served a step; never none.
    void callsWanted(const std::vector<std::string>& callIds);
    void fileWanted(const QString& path);
    // The mode is set and, if some steps were left out, the plan is changed; whoever listens
    // tells the agent to go on.
    void approved(const std::vector<moxie::desktop::PlanEntry>& entries);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QToolButton* makeButton(const char* name, void (PlanStrip::*run)());
    void layOut();
    void makeApproval();
    void follow();
    void forgetEdits();
    void showRows();
    std::vector<PlanRow> rowsToShow() const;
    void sendEdits();
    void approve(agent::PermissionMode mode);
    void add();
    void editChosen();
    void moveUp();
    void moveDown();
    void moveChosen(int steps);
    void strikeChosen();
    void wantCalls(const QModelIndex& index);
    void fillFiles();
    void clickRow(const QModelIndex& index);
    bool runKey(const QKeyEvent& event);
    QString blockedReason() const;
    QString summary() const;
    bool isApproving() const;
    void updateTexts();
    void updateButtons();
    void applyLook();

    SessionModel& session_;
    Appearance& appearance_;
    PlanHeader* header_;
    QWidget* body_;
    PlanRows* rows_;
    QListView* list_;
    QLabel* state_;
    QToolButton* add_;
    QToolButton* edit_;
    QToolButton* up_;
    QToolButton* down_;
    QToolButton* strike_;
    QToolButton* files_;  // that the chosen step touches, in its menu
    QToolButton* approve_;
    QAction* approveAsking_ = nullptr;
    QAction* approveEditing_ = nullptr;
    std::vector<PlanEntry> logged_;               // as the log said last
    std::optional<std::vector<PlanEntry>> sent_;  // not in the log yet
    bool wasApproving_ = false;
};

}  // namespace moxie::desktop

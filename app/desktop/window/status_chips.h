// The small buttons of the status bar: model, context, index, branch. Each says one number and
// opens what explains it. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QPointer>

class QToolButton;

namespace moxie::desktop {

class CodeModel;
class MainWindow;
class SessionModel;

class StatusChips final : public QObject {
    Q_OBJECT

public:
    // Both outlive it.
    StatusChips(MainWindow& window, CodeModel& code, QObject* parent = nullptr);

    void setSession(SessionModel* session);  // nullptr: none

signals:
    void modelWanted();
    void indexWanted();

private:
    QToolButton* makeChip(const char* name);
    void refresh();
    void showModel();
    void showContext();
    void showIndex();

    CodeModel& code_;
    QPointer<SessionModel> session_;
    MainWindow& window_;
    QToolButton *model_, *context_, *index_;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace moxie::desktop

// Shows in which mode the next turn runs and lets one choose another, each with one line that says
// what it means. Threads: GUI thread only.
#pragma once
#include "agent/session.h"
#include "app/desktop/screens/composer/menu_button.h"

class QActionGroup;

namespace moxie::desktop {

// "Auto-edit", for people.
QString modeTitle(agent::PermissionMode mode);
// "Auto-edit: edits files, asks before commands".
QString modeSentence(agent::PermissionMode mode);

class ModeButton final : public MenuButton {
    Q_OBJECT

public:
    explicit ModeButton(QWidget* parent = nullptr);

    void setMode(agent::PermissionMode mode);

signals:
    void modeChosen(moxie::agent::PermissionMode mode);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    QActionGroup* choices_;
    agent::PermissionMode mode_ = agent::PermissionMode::ask;
};

}  // namespace moxie::desktop

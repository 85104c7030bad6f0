// Step 5: a folder to work in, or the sample repository with a failing test.
// Threads: GUI thread only.
#pragma once
#include "app/desktop/screens/welcome/welcome_page.h"

namespace moxie::desktop {

class StartPage final : public WelcomePage {
    Q_OBJECT

public:
    StartPage(WelcomeModel& model, Appearance& appearance);

    QString title() const override;
    QString lead() const override;
    QString nextText() const override;

signals:
    void folderWanted();
    void demoWanted();

protected:
    void applyLook() override;
    void retranslate() override;

private:
    QPushButton *folder_, *demo_;
    QLabel *folderHelp_, *demoHelp_;
};

}  // namespace moxie::desktop

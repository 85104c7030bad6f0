// Step 1: language and theme, in force with the click. Threads: GUI thread only.
#pragma once
#include <vector>

#include "app/desktop/screens/welcome/welcome_page.h"

class QRadioButton;

namespace moxie::desktop {

class LanguagePage final : public WelcomePage {
    Q_OBJECT

public:
    LanguagePage(WelcomeModel& model, Appearance& appearance);

    QString title() const override;
    QString lead() const override;
    void enter() override;

protected:
    void applyLook() override;
    void retranslate() override;

private:
    struct Option {
        QRadioButton* button;
        const char* word;
    };

    std::vector<Option> addGroup(QWidget& box, const std::vector<const char*>& words,
                                 QString (WelcomeModel::*choose)(const QString&));

    QLabel *languageTitle_, *themeTitle_, *problem_;
    QWidget *languageBox_, *themeBox_;
    std::vector<Option> languages_, themes_;
};

}  // namespace moxie::desktop

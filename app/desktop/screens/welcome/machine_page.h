// Step 2: what this computer can do, measured while one looks, with a verdict for models of each
// size. Threads: GUI thread only.
#pragma once
#include <array>

#include "app/desktop/screens/welcome/welcome_page.h"

namespace moxie::desktop {

class MachinePage final : public WelcomePage {
    Q_OBJECT

public:
    MachinePage(WelcomeModel& model, Appearance& appearance);

    QString title() const override;
    QString lead() const override;
    void enter() override;
    void leave() override;

protected:
    void applyLook() override;
    void retranslate() override;

private:
    struct Row {
        QLabel *name, *value;
    };

    void showFacts();
    void showVerdicts(const MachineFacts& facts);

    std::array<Row, 5> facts_;
    std::array<Row, kModelClasses.size()> verdicts_;
    QLabel *factsTitle_, *verdictsTitle_, *advice_;
};

}  // namespace moxie::desktop

// Step 4: the chosen model answers with 32 tokens, at once, and says how fast it was and what
// memory it took. Threads: GUI thread only.
#pragma once
#include <array>
#include <functional>

#include "app/desktop/screens/welcome/welcome_page.h"

namespace moxie::desktop {

class TestPage final : public WelcomePage {
    Q_OBJECT

public:
    // `choice` is asked each time the page is entered.
    TestPage(WelcomeModel& model, Appearance& appearance, std::function<ModelChoice()> choice);

    QString title() const override;
    QString lead() const override;
    void enter() override;
    void leave() override;

protected:
    void applyLook() override;
    void retranslate() override;

private:
    enum class State : uint8_t { noModel, running, done, failed, cancelled };

    void start();
    void show(const ModelTest& result);
    void showState();

    const std::function<ModelChoice()> choice_;
    State state_ = State::noModel;
    ModelTest result_;
    bool isEntered_ = false;
    int tokens_ = 0;
    QLabel *answer_, *summary_;
    std::array<QLabel*, 4> names_, values_;
    QPushButton* button_;
};

}  // namespace moxie::desktop

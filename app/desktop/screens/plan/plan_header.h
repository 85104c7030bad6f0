// The one line of the plan: how far it is and what is being done, with a thin bar; a button that
// opens and closes the list. Threads: GUI thread only.
#pragma once
#include <QAbstractButton>

namespace moxie::desktop {

class Appearance;

class PlanHeader final : public QAbstractButton {
    Q_OBJECT

public:
    explicit PlanHeader(Appearance& appearance, QWidget* parent = nullptr);

    // Requires: 0 <= nDone <= nSteps.
    void setProgress(int nDone, int nSteps);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Appearance& appearance_;
    int nDone_ = 0, nSteps_ = 0;
};

}  // namespace moxie::desktop

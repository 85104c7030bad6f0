// Code of an answer before it is written: into which file, in which way, and what that would
// change, as a diff. Nothing is written until one says so; then it is a change like the agent's. A
// view over a ReviewModel. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/review_model.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;
class DiffView;

class ApplyPage final : public QWidget {
    Q_OBJECT

public:
    // Both outlive this.
    ApplyPage(ReviewModel& model, Appearance& appearance, QWidget* parent);

    void open(const CodeToApply& code);

signals:
    void left();  // nothing was written

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void layOut();
    void ask(std::optional<ApplyWay> way);
    void take(const ApplyPreview& preview);
    void fillWays();
    QString wayText(ApplyWay way) const;
    QString whyNot() const;
    void retranslate();
    void restyle();

    ReviewModel& model_;
    Appearance& appearance_;
    DiffSource source_;
    QLabel *title_, *pathLabel_, *wayLabel_;
    QComboBox *path_, *way_;
    QLabel* note_;
    DiffView* diff_;
    QPushButton *cancel_, *write_;
    ApplyPreview preview_;
};

}  // namespace moxie::desktop

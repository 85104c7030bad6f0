// The checkpoints of the session, newest first: when, why, and what restoring one will do, asked in
// place. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <vector>

#include "app/desktop/screens/changes/review_model.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class CheckpointPage final : public QWidget {
    Q_OBJECT

public:
    CheckpointPage(Appearance& appearance, QWidget* parent);

    void setPoints(const std::vector<SavedPoint>& points);
    void focusList();
    // One that is not there yet is chosen as soon as it comes.
    void choose(const QString& commit);

signals:
    void restoreWanted(const QString& commit);
    void branchWanted(const QString& commit, const QString& name);
    void left();

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void retranslate();
    void restyle();
    void explain();
    QString titleOf(const SavedPoint& point) const;
    const SavedPoint* chosen() const;

    Appearance& appearance_;
    QLabel* head_;
    QListWidget* list_;
    QLabel* explanation_;
    QPushButton *restore_, *branch_, *back_;
    QLineEdit* branchName_;
    std::vector<SavedPoint> points_;
    std::string wanted_;  // its commit, while it is not among the points
};

}  // namespace moxie::desktop

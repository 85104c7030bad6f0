// The commit panel (S8) without the graph: ticked files, hunks and lines, a message, amend and
// sign-off, hooks with their output, and the way back. A view over a CommitModel. Threads: GUI
// thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/commit/commit_model.h"

class QBoxLayout;
class QCheckBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QTimer;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class CommitFiles;
class CommitMessageEdit;

class CommitScreen final : public QWidget {
    Q_OBJECT

public:
    // All outlive this.
    CommitScreen(CommitModel& model, Appearance& appearance, ActionRegistry& registry,
                 QWidget* parent = nullptr);

signals:
    void committed(const QString& id);  // the review settles what is in it
    void takenBack();
    void fileWanted(const QString& path);  // its changes

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeBranchRow();
    QWidget* makeMessagePage();
    QWidget* makeContent();
    QWidget* makeHookStrip();
    void connectParts();
    void connectModel();
    void retranslate();
    void restyle();
    void foldFoot();

    void takeModel();
    bool isUnwritten() const;
    void showMessage();
    void updateTicks();
    void updateButtons();
    void showObstacle();
    void showHookOutput();
    void suggest();
    void commit();
    void toggleAmend(bool isAmend);
    void refuse(const CommitRefusal& refusal);

    CommitModel& model_;
    Appearance& appearance_;
    QLabel *branch_ = nullptr, *author_ = nullptr;
    QPushButton *newBranch_ = nullptr, *refresh_ = nullptr;
    QLineEdit* branchName_ = nullptr;
    QLabel* obstacle_ = nullptr;  // why nothing can be committed here now
    QStackedWidget* pages_ = nullptr;
    QWidget *messagePage_ = nullptr, *content_ = nullptr;
    QLabel *messageTitle_ = nullptr, *messageText_ = nullptr;
    QBoxLayout *foot_ = nullptr, *boxes_ = nullptr;  // boxes and buttons
    QCheckBox *all_ = nullptr, *amend_ = nullptr, *signOff_ = nullptr, *coAuthor_ = nullptr;
    CommitFiles* files_ = nullptr;
    CommitMessageEdit* message_ = nullptr;
    QPushButton *suggest_ = nullptr, *commit_ = nullptr;
    QWidget* hooks_ = nullptr;
    QLabel* hookName_ = nullptr;
    QPlainTextEdit* hookText_ = nullptr;
    QPushButton* hookStop_ = nullptr;
    QTimer* hookPause_ = nullptr;  // output is shown a few times a second
    QString hookOutput_, runningHook_;
    QString messageBeforeAmend_, template_;
};

}  // namespace moxie::desktop

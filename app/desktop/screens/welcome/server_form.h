// The fields of a model server, with a test. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/welcome/welcome_model.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class ServerForm final : public QWidget {
    Q_OBJECT

public:
    ServerForm(WelcomeModel& model, Appearance& appearance);

    ModelServer server() const;
    // What is missing, as a sentence; empty: nothing.
    QString problem() const;
    void stopTest();

protected:
    void changeEvent(QEvent* event) override;

private:
    QLineEdit* addField(const QString& objectName);
    void retranslate();
    void applyLook();
    void startTest();
    void showTest(const ModelTest& result);
    void showState(const QString& text, bool isProblem);

    WelcomeModel& model_;
    Appearance& appearance_;
    QFormLayout* form_;
    QComboBox* api_;
    QLineEdit *baseUrl_, *modelName_, *keyVariable_, *key_;
    QPushButton* test_;
    QLabel *state_, *keyHint_;
    bool isTesting_ = false, isProblem_ = false;
};

}  // namespace moxie::desktop

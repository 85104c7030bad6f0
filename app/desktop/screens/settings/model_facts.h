// What counts of a model beside its address: its window, its price, whether it takes pictures.
// Shows in grey what is known by the model's name; what one writes takes its place and is kept in
// the settings as data. Local files need none of it. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <nlohmann/json.hpp>
#include <string>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace moxie::desktop {

class ModelFacts final : public QWidget {
    Q_OBJECT

public:
    // `nowMs`: for prices that depend on the time.
    ModelFacts(int64_t nowMs, QWidget* parent);

    // One of the setting's models.
    void show(const nlohmann::json& model);
    void setReadOnly(bool isReadOnly);
    void retranslate();

signals:
    // `model` with other facts.
    void edited(const nlohmann::json& model);
    // From the list of those that are known.
    void modelChosen(const QString& name);

private:
    QLineEdit* addNumber(const char* name);
    void fillKnown();
    void showKnown();
    void takeContext();
    void takePrice();
    void takePictures(int index);

    const int64_t nowMs_;
    nlohmann::json model_ = nlohmann::json::object();
    QFormLayout* form_;
    QLineEdit *context_, *input_, *cached_, *output_;
    QLabel *inputLabel_, *cachedLabel_, *outputLabel_;
    QComboBox* pictures_;
    QToolButton* known_;
    QLabel* hint_;
};

}  // namespace moxie::desktop

// The control for the setting "models": a list in the order they are tried, and the fields of the
// chosen one. A model that is not complete yet is kept here and written when it is. Members that
// have no field (threads, output_tokens_max) are kept as they are. Never shows or takes a key, only
// the name of the variable that holds one. Threads: GUI thread only.
#pragma once
#include <nlohmann/json.hpp>

#include "app/desktop/screens/settings/setting_control.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace moxie::desktop {

class ModelFacts;

class ModelsControl final : public SettingControl {
    Q_OBJECT

public:
    ModelsControl();

    bool isWide() const override { return true; }

    void showValue(const std::string& value) override;
    void retranslate() override;
    void setReadOnly(bool isReadOnly) override;

signals:
    // The first run's way to a model: what fits this computer, downloads, tests.
    void setUpWanted();

private:
    void makeFields();
    QLineEdit* addField(const char* member, const QString& objectName);
    QPushButton* addButton(const QString& objectName, void (ModelsControl::*run)());
    void addServer();
    void addFile();
    void remove();
    void moveUp();
    void moveDown();
    void move(int step);
    void add(nlohmann::json model);
    void fillList(int chosen);
    void showFields();
    void take(const char* member, const QString& text);
    void takeFacts(const nlohmann::json& model);
    void takeKnown(const QString& name);
    void tell();
    int chosen() const;

    nlohmann::json models_ = nlohmann::json::array();
    std::string shown_;  // what the setting was when it was shown last
    QListWidget* list_;
    QPushButton *addServer_, *addFile_, *remove_, *up_, *down_, *setUp_;
    QWidget* fields_;
    QFormLayout* form_;
    QLineEdit *name_, *baseUrl_, *model_, *keyVariable_, *file_;
    QComboBox* api_;
    QLabel* hint_;
    ModelFacts* facts_;
    bool isReadOnly_ = false;
};

}  // namespace moxie::desktop

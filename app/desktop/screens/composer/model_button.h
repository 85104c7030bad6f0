// Shows which model answers and lets one choose another for the next turns of this session.
// Threads: GUI thread only.
#pragma once
#include <QString>
#include <vector>

#include "app/desktop/screens/composer/menu_button.h"

class QActionGroup;

namespace moxie::desktop {

// "qwen3-coder", "local".
struct ModelName {
    QString name = {}, backend = {};
    bool takesImages = false;
    bool operator==(const ModelName&) const = default;
};

// "qwen3-coder · local".
QString modelTitle(const ModelName& model);

class ModelButton final : public MenuButton {
    Q_OBJECT

public:
    explicit ModelButton(QWidget* parent = nullptr);

    // What can be chosen, in the order in which the settings try them.
    void setChoices(std::vector<ModelName> models);
    // By name; "": as the settings say.
    void setChosen(const QString& name);
    // Who answers, empty where that is not known.
    void setShown(const ModelName& model);

signals:
    void modelChosen(const QString& name);
    void settingsWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();
    void addChoice(const QString& text, const QString& name);
    void retranslate();

    QActionGroup* actions_;
    std::vector<ModelName> models_;
    QString chosen_;
    ModelName shown_;
};

}  // namespace moxie::desktop

// The control for the value of one setting: a list to choose from, a number, a switch, a line, a
// list of lines. It shows a value and says what the user made of it; whether that is taken is
// decided elsewhere. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <memory>
#include <string>

namespace moxie::app {
struct Setting;
}

namespace moxie::desktop {

class SettingControl : public QWidget {
    Q_OBJECT

public:
    // True: it wants a line of its own below the title.
    virtual bool isWide() const { return false; }

    // Emits nothing. Requires: a value of the setting's type.
    virtual void showValue(const std::string& json) = 0;

    virtual void retranslate() {}

    virtual void setReadOnly(bool isReadOnly) { setEnabled(!isReadOnly); }

signals:
    void edited(const std::string& json);

protected:
    using QWidget::QWidget;
};

// `name` is what a screen reader says, `objectName` that of the control inside.
// Requires: any type but SettingType::models.
std::unique_ptr<SettingControl> makeSettingControl(const app::Setting& setting,
                                                   const QString& objectName);

}  // namespace moxie::desktop

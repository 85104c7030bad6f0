// One setting in the form: title, what it does, control, a mark and "Reset" where the user changed
// it, what the project makes of it, and what went wrong with the last change. A change is written
// at once. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/shell/settings.h"

class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;
class SettingControl;

class SettingRow final : public QWidget {
    Q_OBJECT

public:
    // All must outlive the row; `title` is one of settingTitles().
    SettingRow(Settings& settings, Appearance& appearance, const SettingTitle& title);

    const SettingTitle& title() const { return title_; }

    // Title, help, group or path hold every word of `query`.
    bool matches(const QString& query) const;
    // The control below the title instead of beside it, where there is little room.
    void setStacked(bool isStacked);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void place();
    void placeControl();
    void limitControl();
    void refresh();
    void applyLook();
    void retranslate();
    void write(const std::string& json);
    void showProblem(const base::Status& status);
    QString shown(const std::string& json) const;

    Settings& settings_;
    Appearance& appearance_;
    const SettingTitle& title_;
    SettingControl* control_;
    QLabel *name_, *help_, *project_, *problem_;
    QPushButton* reset_;
    bool isChanged_ = false, isStacked_ = false;
};

// "desktop.theme" of the context "Settings", in the user's language.
QString settingText(const char* english);

}  // namespace moxie::desktop

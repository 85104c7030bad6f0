// The one owner of the current Look: combines the user's choice of theme and text size with what
// the system asks for, and tells the views when it changes.
// Threads: GUI thread only.
#pragma once
#include <QObject>

#include "app/desktop/theme/look.h"

class QApplication;

namespace moxie::desktop {

enum class ThemeChoice : uint8_t { system, light, dark, contrastLight, contrastDark };

// "system", "light", "dark", "contrast-light", "contrast-dark"; anything else is system.
ThemeChoice themeChoiceFrom(const QString& word);

// What the desktop environment asks for.
struct SystemWish {
    bool isDark = false;
    bool isHighContrast = false;

    bool operator==(const SystemWish&) const = default;
};

class Appearance final : public QObject {
    Q_OBJECT

public:
    explicit Appearance(QObject* parent = nullptr);

    const Look& look() const { return look_; }

    ThemeChoice choice() const { return choice_; }

    void setChoice(ThemeChoice choice);
    void setSystemWish(SystemWish wish);
    void setTextPercent(int percent);

    // Fusion, palette and font now and after each change.
    void applyTo(QApplication& application);

signals:
    void changed();

private:
    void decide();

    Look look_;
    ThemeChoice choice_ = ThemeChoice::system;
    SystemWish wish_;
    int textPercent_ = 100;
};

}  // namespace moxie::desktop

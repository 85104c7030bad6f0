#include "app/desktop/screens/settings/choice_titles.h"

#include <QCoreApplication>
#include <array>

namespace moxie::desktop {

namespace {

struct ChoiceTitle {
    std::string_view path, word;
    const char* title;
};

constexpr auto kChoiceTitles = std::to_array<ChoiceTitle>({
    {"language", "auto", QT_TRANSLATE_NOOP("Choices", "As the system says")},
    {"language", "en", "English"},
    {"language", "zh", "简体中文"},
    {"color", "auto", QT_TRANSLATE_NOOP("Choices", "On a terminal")},
    {"color", "always", QT_TRANSLATE_NOOP("Choices", "Always")},
    {"color", "never", QT_TRANSLATE_NOOP("Choices", "Never")},
    {"mode", "plan", QT_TRANSLATE_NOOP("Choices", "Plan: reads only")},
    {"mode", "ask", QT_TRANSLATE_NOOP("Choices", "Ask before edits and commands")},
    {"mode", "auto-edit", QT_TRANSLATE_NOOP("Choices", "Edit freely, ask before commands")},
    {"mode", "auto", QT_TRANSLATE_NOOP("Choices", "Everything inside the jail")},
    {"sandbox", "required", QT_TRANSLATE_NOOP("Choices", "Required")},
    {"sandbox", "off", QT_TRANSLATE_NOOP("Choices", "Off: commands reach everything")},
    {"effort", "none", QT_TRANSLATE_NOOP("Choices", "None")},
    {"effort", "low", QT_TRANSLATE_NOOP("Choices", "Low")},
    {"effort", "high", QT_TRANSLATE_NOOP("Choices", "High")},
    {"effort", "max", QT_TRANSLATE_NOOP("Choices", "As much as it likes")},
    {"desktop.theme", "system", QT_TRANSLATE_NOOP("Choices", "As the system says")},
    {"desktop.theme", "light", QT_TRANSLATE_NOOP("Choices", "Light")},
    {"desktop.theme", "dark", QT_TRANSLATE_NOOP("Choices", "Dark")},
    {"desktop.theme", "contrast-light", QT_TRANSLATE_NOOP("Choices", "High contrast, light")},
    {"desktop.theme", "contrast-dark", QT_TRANSLATE_NOOP("Choices", "High contrast, dark")},
    {"desktop.density", "summary", QT_TRANSLATE_NOOP("Choices", "Summary")},
    {"desktop.density", "normal", QT_TRANSLATE_NOOP("Choices", "Normal")},
    {"desktop.density", "verbose", QT_TRANSLATE_NOOP("Choices", "Verbose")},
});

}  // namespace

QString choiceTitle(std::string_view settingPath, std::string_view word) {
    for (const ChoiceTitle& known : kChoiceTitles)
        if (known.path == settingPath && known.word == word)
            return QCoreApplication::translate("Choices", known.title);
    return QString::fromUtf8(word.data(), qsizetype(word.size()));
}

}  // namespace moxie::desktop

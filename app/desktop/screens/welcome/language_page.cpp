#include "app/desktop/screens/welcome/language_page.h"

#include <QHBoxLayout>
#include <QRadioButton>
#include <QVBoxLayout>

#include "app/desktop/screens/settings/choice_titles.h"

namespace moxie::desktop {

LanguagePage::LanguagePage(WelcomeModel& model, Appearance& appearance)
    : WelcomePage(model, appearance),
      languageTitle_(makeText(this, QStringLiteral("welcome.language.title"))),
      themeTitle_(makeText(this, QStringLiteral("welcome.theme.title"))),
      problem_(makeText(this, QStringLiteral("welcome.language.problem"))),
      languageBox_(new QWidget(this)),
      themeBox_(new QWidget(this)) {
    problem_->hide();
    languages_ = addGroup(*languageBox_, {"auto", "en", "zh"}, &WelcomeModel::setLanguage);
    themes_ = addGroup(*themeBox_, {"system", "light", "dark", "contrast-light", "contrast-dark"},
                       &WelcomeModel::setTheme);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(grid(12));
    for (const auto& [heading, box] :
         {std::pair{languageTitle_, languageBox_}, std::pair{themeTitle_, themeBox_}}) {
        auto* column = new QVBoxLayout;
        column->setSpacing(grid(3));
        column->addWidget(heading);
        column->addWidget(box);
        column->addStretch();
        columns->addLayout(column);
    }
    columns->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(columns);
    layout->addWidget(problem_);
    layout->addStretch();
    LanguagePage::applyLook();
    LanguagePage::retranslate();
    LanguagePage::enter();
}

std::vector<LanguagePage::Option> LanguagePage::addGroup(
    QWidget& box, const std::vector<const char*>& words,
    QString (WelcomeModel::*choose)(const QString&)) {
    auto* layout = new QVBoxLayout(&box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(3));
    std::vector<Option> options;
    for (const char* word : words) {
        auto* button = new QRadioButton(&box);
        button->setObjectName(QStringLiteral("welcome.choice.") + QLatin1String(word));
        layout->addWidget(button);
        connect(button, &QRadioButton::clicked, this, [this, word, choose] {
            problem_->setText((model_.*choose)(QLatin1String(word)));
            problem_->setVisible(!problem_->text().isEmpty());
        });
        options.push_back({button, word});
    }
    return options;
}

QString LanguagePage::title() const {
    return tr("Welcome to Moxie");
}

QString LanguagePage::lead() const {
    return tr(
        "A few steps and you can work. No account, no telemetry: what you do stays on this "
        "computer unless you choose a model elsewhere.");
}

void LanguagePage::enter() {
    for (const Option& option : languages_)
        option.button->setChecked(model_.language() == QLatin1String(option.word));
    for (const Option& option : themes_)
        option.button->setChecked(model_.theme() == QLatin1String(option.word));
}

void LanguagePage::applyLook() {
    const Look& look = appearance_.look();
    dress(*languageTitle_, look, TextRole::title, Role::text);
    dress(*themeTitle_, look, TextRole::title, Role::text);
    dress(*problem_, look, TextRole::body, Role::error);
}

void LanguagePage::retranslate() {
    languageTitle_->setText(tr("Language"));
    themeTitle_->setText(tr("Theme"));
    for (const Option& option : languages_)
        option.button->setText(choiceTitle("language", option.word));
    for (const Option& option : themes_)
        option.button->setText(choiceTitle("desktop.theme", option.word));
}

}  // namespace moxie::desktop

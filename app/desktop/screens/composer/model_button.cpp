#include "app/desktop/screens/composer/model_button.h"

#include <QActionGroup>
#include <QEvent>
#include <QMenu>
#include <utility>

namespace moxie::desktop {

namespace {

// A name is text of others: "&" in it is no key of the menu.
QString forMenu(QString text) {
    return text.replace(QLatin1Char('&'), QLatin1String("&&"));
}

}  // namespace

QString modelTitle(const ModelName& model) {
    if (model.backend.isEmpty()) return model.name;
    return ModelButton::tr("%1 · %2", "model and backend").arg(model.name, model.backend);
}

ModelButton::ModelButton(QWidget* parent) : MenuButton(parent), actions_(new QActionGroup(this)) {
    setObjectName(QStringLiteral("composer.model"));
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("composer.modelMenu"));
    connect(menu, &QMenu::aboutToShow, this, &ModelButton::fill);
    // Where nothing can be chosen, a click leads to where models are set up.
    connect(this, &QToolButton::clicked, this,
            [this] { models_.empty() ? emit settingsWanted() : showMenu(); });
    retranslate();
}

void ModelButton::setChoices(std::vector<ModelName> models) {
    models_ = std::move(models);
    setMenu(models_.empty() ? nullptr : findChild<QMenu*>(QStringLiteral("composer.modelMenu")));
    setPopupMode(models_.empty() ? QToolButton::DelayedPopup : QToolButton::InstantPopup);
    fill();
    retranslate();
}

void ModelButton::setChosen(const QString& name) {
    if (std::exchange(chosen_, name) != name) fill();
}

void ModelButton::setShown(const ModelName& model) {
    shown_ = model;
    retranslate();
}

void ModelButton::addChoice(const QString& text, const QString& name) {
    QAction* action = menu()->addAction(text);
    action->setCheckable(true);
    action->setChecked(name == chosen_);
    actions_->addAction(action);
    connect(action, &QAction::triggered, this, [this, name] { emit modelChosen(name); });
}

void ModelButton::fill() {
    if (menu() == nullptr) return;
    menu()->clear();
    addChoice(tr("As the settings say: %1").arg(forMenu(modelTitle(models_.front()))), {});
    menu()->addSeparator();
    for (const ModelName& model : models_)
        addChoice(forMenu(modelTitle(model)), model.name);
    menu()->addSeparator();
    QAction* settings = menu()->addAction(tr("Models and backends…"));
    connect(settings, &QAction::triggered, this, &ModelButton::settingsWanted);
}

void ModelButton::retranslate() {
    const QString text = shown_.name.isEmpty() ? tr("Choose a model") : modelTitle(shown_);
    setText(menu() == nullptr ? text
                              : tr("%1 ▾", "a model; the sign says that a menu opens").arg(text));
    setAccessibleName(shown_.name.isEmpty() ? text : tr("Model: %1").arg(text));
    setToolTip(
        menu() == nullptr
            ? accessibleName()
            : tr("%1. Opens the models for the next turns of this session.").arg(accessibleName()));
    if (menu() != nullptr) menu()->setAccessibleName(tr("Models"));
}

void ModelButton::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        fill();
        retranslate();
    }
    MenuButton::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/composer/mode_button.h"

#include <QActionGroup>
#include <QEvent>
#include <QMenu>
#include <array>

namespace moxie::desktop {

namespace {

using agent::PermissionMode;

constexpr std::array kModes = {PermissionMode::plan, PermissionMode::ask, PermissionMode::autoEdit,
                               PermissionMode::autonomous};

}  // namespace

QString modeTitle(PermissionMode mode) {
    switch (mode) {
        case PermissionMode::plan:
            return ModeButton::tr("Plan");
        case PermissionMode::ask:
            return ModeButton::tr("Ask");
        case PermissionMode::autoEdit:
            return ModeButton::tr("Auto-edit");
        case PermissionMode::autonomous:
            return ModeButton::tr("Auto");
    }
    return {};
}

QString modeSentence(PermissionMode mode) {
    switch (mode) {
        case PermissionMode::plan:
            return ModeButton::tr("Plan: reads and plans, changes nothing");
        case PermissionMode::ask:
            return ModeButton::tr("Ask: asks before each edit and each command");
        case PermissionMode::autoEdit:
            return ModeButton::tr("Auto-edit: edits files, asks before commands");
        case PermissionMode::autonomous:
            return ModeButton::tr("Auto: edits and runs commands in the jail without asking");
    }
    return {};
}

ModeButton::ModeButton(QWidget* parent) : MenuButton(parent), choices_(new QActionGroup(this)) {
    setObjectName(QStringLiteral("composer.mode"));
    setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("composer.modeMenu"));
    for (const PermissionMode mode : kModes) {
        QAction* choice = menu->addAction(QString());
        choice->setObjectName(QLatin1String("composer.mode.") +
                              QString::fromStdString(std::string(agent::toString(mode))));
        choice->setCheckable(true);
        choices_->addAction(choice);
        connect(choice, &QAction::triggered, this, [this, mode] { emit modeChosen(mode); });
    }
    setMenu(menu);
    retranslate();
}

void ModeButton::setMode(PermissionMode mode) {
    mode_ = mode;
    retranslate();
}

void ModeButton::retranslate() {
    for (size_t i = 0; i < kModes.size(); ++i) {
        QAction* choice = choices_->actions().at(qsizetype(i));
        choice->setText(modeSentence(kModes[i]));
        choice->setChecked(kModes[i] == mode_);
    }
    setText(tr("%1 ▾", "a mode; the sign says that a menu opens").arg(modeTitle(mode_)));
    setAccessibleName(tr("Mode: %1").arg(modeTitle(mode_)));
    setToolTip(modeSentence(mode_));
    menu()->setAccessibleName(tr("Modes"));
}

void ModeButton::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    MenuButton::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/settings/setting_row.h"

#include <QCoreApplication>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/cli/config.h"
#include "app/desktop/screens/settings/choice_titles.h"
#include "app/desktop/screens/settings/models_control.h"
#include "app/desktop/screens/settings/setting_control.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kControlWidth = 260;

std::unique_ptr<SettingControl> makeControl(const SettingTitle& title) {
    const app::Setting* setting = app::findSetting(title.path);
    BASE_CHECK(setting != nullptr);
    if (setting->type == app::SettingType::models) return std::make_unique<ModelsControl>();
    const auto path = QString::fromUtf8(title.path.data(), qsizetype(title.path.size()));
    return makeSettingControl(*setting, QStringLiteral("settings.") + path);
}

QLabel* wrapped(QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);
    return label;
}

void colour(QLabel& label, const Look& look, Role role) {
    QPalette palette = label.palette();
    palette.setColor(QPalette::WindowText, look.color(role));
    label.setPalette(palette);
}

}  // namespace

QString settingText(const char* english) {
    return QCoreApplication::translate("Settings", english);
}

SettingRow::SettingRow(Settings& settings, Appearance& appearance, const SettingTitle& title)
    : settings_(settings),
      appearance_(appearance),
      title_(title),
      control_(makeControl(title).release()),
      name_(wrapped(this)),
      help_(wrapped(this)),
      project_(wrapped(this)),
      problem_(wrapped(this)),
      reset_(new QPushButton(this)) {
    control_->setParent(this);
    const auto path = QString::fromUtf8(title.path.data(), qsizetype(title.path.size()));
    setObjectName(QStringLiteral("settings.row.") + path);
    problem_->setObjectName(QStringLiteral("settings.problem.") + path);
    project_->setObjectName(QStringLiteral("settings.project.") + path);
    reset_->setObjectName(QStringLiteral("settings.reset.") + path);
    reset_->setFlat(true);
    problem_->hide();
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    place();
    connect(control_, &SettingControl::edited, this, &SettingRow::write);
    connect(reset_, &QPushButton::clicked, this, [this] {
        control_->setFocus();  // the button is about to go
        showProblem(settings_.reset(title_.path));
        refresh();
    });
    connect(&settings_, &Settings::changed, this, &SettingRow::refresh);
    connect(&settings_, &Settings::problemsChanged, this, &SettingRow::refresh);
    connect(&appearance_, &Appearance::changed, this, &SettingRow::applyLook);
    applyLook();
    retranslate();
    refresh();
}

void SettingRow::place() {
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(grid(4), grid(2), 0, grid(2));
    layout->setHorizontalSpacing(grid(4));
    layout->setVerticalSpacing(grid(1));
    layout->setColumnStretch(0, 1);
    // Room for "Reset" also where it is hidden, so that controls stand in one line.
    QSizePolicy policy = reset_->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    reset_->setSizePolicy(policy);
    layout->addWidget(name_, 0, 0);
    layout->addWidget(reset_, 0, 2, Qt::AlignRight | Qt::AlignTop);
    placeControl();
    layout->addWidget(project_, 3, 0, 1, 2);
    layout->addWidget(problem_, 4, 0, 1, 2);
}

void SettingRow::placeControl() {
    auto* layout = static_cast<QGridLayout*>(this->layout());
    layout->removeWidget(help_);
    layout->removeWidget(control_);
    const bool isBelow = isStacked_ || control_->isWide();
    layout->addWidget(help_, 1, 0, 1, isBelow ? 2 : 1);
    if (isBelow)
        layout->addWidget(control_, 2, 0, 1, 2);
    else
        layout->addWidget(control_, 0, 1, 2, 1, Qt::AlignTop);
    limitControl();
}

// Again when fonts or texts change what the control needs.
void SettingRow::limitControl() {
    if (control_->isWide()) return;
    const int usual = kControlWidth * appearance_.look().textPercent() / 100;
    const int width = std::max(usual, control_->minimumSizeHint().width());
    control_->setMinimumWidth(isStacked_ ? 0 : width);
    control_->setMaximumWidth(width);
}

void SettingRow::setStacked(bool isStacked) {
    if (std::exchange(isStacked_, isStacked) != isStacked) placeControl();
}

bool SettingRow::event(QEvent* event) {
    if (event->type() == QEvent::LayoutRequest) limitControl();
    return QWidget::event(event);
}

void SettingRow::applyLook() {
    const Look& look = appearance_.look();
    name_->setFont(look.font(TextRole::title));
    help_->setFont(look.font(TextRole::small));
    project_->setFont(look.font(TextRole::small));
    problem_->setFont(look.font(TextRole::small));
    colour(*help_, look, Role::textMuted);
    colour(*project_, look, Role::info);
    colour(*problem_, look, Role::error);
    placeControl();
    QPalette palette = reset_->palette();
    palette.setColor(QPalette::ButtonText, look.color(Role::link));
    reset_->setPalette(palette);
    update();
}

void SettingRow::retranslate() {
    name_->setText(settingText(title_.title));
    help_->setText(settingText(title_.help));
    reset_->setText(tr("Reset"));
    reset_->setAccessibleName(tr("Reset “%1” to its default").arg(name_->text()));
    control_->retranslate();
    placeControl();
    refresh();
}

QString SettingRow::shown(const std::string& value) const {
    const nlohmann::json parsed = nlohmann::json::parse(value);
    if (parsed.is_string()) return choiceTitle(title_.path, parsed.get<std::string>());
    if (parsed.is_boolean()) return parsed.get<bool>() ? tr("on") : tr("off");
    return QString::fromStdString(value);
}

void SettingRow::refresh() {
    control_->showValue(settings_.userValueJson(title_.path));
    control_->setReadOnly(settings_.isBroken());
    isChanged_ = settings_.isChanged(title_.path);
    reset_->setVisible(isChanged_);
    reset_->setEnabled(!settings_.isBroken());
    const QString name = settingText(title_.title);
    QWidget* inner = control_->focusProxy();
    inner->setAccessibleName(isChanged_ ? tr("%1, changed from the default").arg(name) : name);
    inner->setAccessibleDescription(settingText(title_.help));
    const bool isFromProject = settings_.isFromProject(title_.path);
    project_->setVisible(isFromProject);
    if (isFromProject)
        project_->setText(tr("In this project: %1, from %2.")
                              .arg(shown(settings_.valueJson(title_.path)),
                                   QStringLiteral(".moxie/config.json")));
    update();
}

void SettingRow::write(const std::string& json) {
    const base::Status written = settings_.set(title_.path, json);
    showProblem(written);
    if (written) refresh();  // else what the user typed stays
}

void SettingRow::showProblem(const base::Status& status) {
    problem_->setVisible(!status);
    if (!status) problem_->setText(QString::fromStdString(status.error().message()));
}

bool SettingRow::matches(const QString& query) const {
    const QString all = QString::fromUtf8(title_.path.data(), qsizetype(title_.path.size())) +
                        QLatin1Char(' ') + settingText(title_.group) + QLatin1Char(' ') +
                        settingText(title_.title) + QLatin1Char(' ') + settingText(title_.help);
    for (const QString& word : query.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        if (!all.contains(word, Qt::CaseInsensitive)) return false;
    return true;
}

// A bar at the left of what the user changed; "Reset" says the same in words.
void SettingRow::paintEvent(QPaintEvent*) {
    if (!isChanged_) return;
    QPainter painter(this);
    painter.fillRect(0, grid(2), 3, height() - grid(4), appearance_.look().color(Role::accent));
}

void SettingRow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

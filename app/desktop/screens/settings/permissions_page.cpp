#include "app/desktop/screens/settings/permissions_page.h"

#include <QComboBox>
#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QLocale>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <utility>

#include "app/cli/messages.h"
#include "app/cli/rules.h"
#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/shell/clear_button.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kSessionRole = Qt::UserRole;
constexpr int kDecisionsShown = 500;
constexpr int kRuleRows = 3, kLogRows = 6;

app::Messages sayIn(const Settings& settings) {
    const std::string language = settings.text("language").toStdString();
    return app::Messages(app::languageFromTag(language == "auto" ? "" : language)
                             .value_or(app::languageFromEnvironment()));
}

QTreeWidget* makeTable(QWidget* parent, const QString& objectName) {
    auto* table = new QTreeWidget(parent);
    table->setObjectName(objectName);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setItemDelegate(new RoomyRows(table));
    table->header()->setSectionsMovable(false);
    return table;
}

}  // namespace

PermissionsPage::PermissionsPage(Settings& settings, Appearance& appearance, Worker& worker,
                                 PermissionPlaces places)
    : settings_(settings),
      appearance_(appearance),
      worker_(worker),
      places_(std::move(places)),
      rules_(std::make_unique<app::ProjectRules>()),
      rulesTitle_(makeText(this, QStringLiteral("settings.rules.title"))),
      rulesHelp_(makeText(this, QStringLiteral("settings.rules.help"))),
      rulesProblem_(makeText(this, QStringLiteral("settings.rules.problem"))),
      logTitle_(makeText(this, QStringLiteral("settings.decisions.title"))),
      logState_(makeText(this, QStringLiteral("settings.decisions.state"))),
      rulesList_(makeTable(this, QStringLiteral("settings.rules.list"))),
      logList_(makeTable(this, QStringLiteral("settings.decisions.list"))),
      kind_(new QComboBox(this)),
      rule_(new QLineEdit(this)),
      search_(new QLineEdit(this)),
      add_(makeButton(this, QStringLiteral("settings.rules.add"))),
      remove_(makeButton(this, QStringLiteral("settings.rules.remove"))) {
    setObjectName(QStringLiteral("settings.permissions"));
    kind_->setObjectName(QStringLiteral("settings.rules.kind"));
    rule_->setObjectName(QStringLiteral("settings.rules.rule"));
    search_->setObjectName(QStringLiteral("settings.decisions.search"));
    addClearButton(*search_);
    for (int i = 0; i < 3; ++i)
        kind_->addItem(QString());
    rulesProblem_->hide();
    place();
    connect(add_, &QPushButton::clicked, this, &PermissionsPage::addRule);
    connect(rule_, &QLineEdit::returnPressed, this, &PermissionsPage::addRule);
    connect(remove_, &QPushButton::clicked, this, &PermissionsPage::removeRule);
    connect(rulesList_, &QTreeWidget::itemSelectionChanged, this,
            [this] { remove_->setEnabled(!rulesList_->selectedItems().isEmpty()); });
    connect(search_, &QLineEdit::textChanged, this, &PermissionsPage::showLog);
    connect(logList_, &QTreeWidget::itemActivated, this, [this](const QTreeWidgetItem* item) {
        emit openSessionWanted(item->data(0, kSessionRole).toString());
    });
    connect(&appearance_, &Appearance::changed, this, &PermissionsPage::applyLook);
    applyLook();
    retranslate();
}

PermissionsPage::~PermissionsPage() = default;

void PermissionsPage::place() {
    auto* adding = new QHBoxLayout;
    adding->setSpacing(grid(2));
    adding->addWidget(kind_);
    adding->addWidget(rule_, 1);
    adding->addWidget(add_);
    adding->addWidget(remove_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(2), 0, 0);
    layout->setSpacing(grid(2));
    layout->addWidget(rulesTitle_);
    layout->addWidget(rulesHelp_);
    layout->addWidget(rulesList_);
    layout->addLayout(adding);
    layout->addWidget(rulesProblem_);
    layout->addSpacing(grid(4));
    layout->addWidget(logTitle_);
    layout->addWidget(search_);
    layout->addWidget(logList_, 1);
    layout->addWidget(logState_);
}

void PermissionsPage::applyLook() {
    const Look& look = appearance_.look();
    for (QLabel* title : {rulesTitle_, logTitle_})
        dress(*title, look, TextRole::title, Role::text);
    for (QLabel* quiet : {rulesHelp_, logState_})
        dress(*quiet, look, TextRole::small, Role::textMuted);
    dress(*rulesProblem_, look, TextRole::small, Role::error);
    const int row = fontMetrics().lineSpacing() + grid(3);
    rulesList_->setFixedHeight(kRuleRows * row + grid(8));
    logList_->setMinimumHeight(kLogRows * row + grid(8));
}

void PermissionsPage::retranslate() {
    rulesTitle_->setText(tr("Rules of this project"));
    rulesHelp_->setText(
        places_.repository.empty()
            ? tr("Open a folder to see its rules.")
            : tr("“bash(ctest*)” or “edit(src/*)”: * stands for any text. Deny wins over ask, ask "
                 "over allow. Kept in your settings folder, never in the project."));
    rulesList_->setHeaderLabels({tr("Answer"), tr("Rule")});
    rulesList_->setAccessibleName(rulesTitle_->text());
    kind_->setAccessibleName(tr("Answer of the new rule"));
    kind_->setItemText(int(app::RuleKind::allow), tr("Allow"));
    kind_->setItemText(int(app::RuleKind::ask), tr("Ask"));
    kind_->setItemText(int(app::RuleKind::deny), tr("Deny"));
    rule_->setPlaceholderText(QStringLiteral("bash(ctest*)"));
    rule_->setAccessibleName(tr("New rule"));
    add_->setText(tr("Add"));
    add_->setAccessibleName(tr("Add the rule"));
    remove_->setText(tr("Remove"));
    remove_->setAccessibleName(tr("Remove the chosen rule"));
    logTitle_->setText(tr("Decisions in this project"));
    search_->setPlaceholderText(tr("Search in the decisions"));
    search_->setAccessibleName(search_->placeholderText());
    logList_->setHeaderLabels({tr("Time"), tr("Answer"), tr("Tool"), tr("What"), tr("Rule")});
    logList_->setAccessibleName(logTitle_->text());
    showRules();
    showLog();
}

void PermissionsPage::reload() {
    const bool hasProject = !places_.repository.empty();
    for (QWidget* widget : {static_cast<QWidget*>(kind_), static_cast<QWidget*>(rule_),
                            static_cast<QWidget*>(add_), static_cast<QWidget*>(rulesList_),
                            static_cast<QWidget*>(search_), static_cast<QWidget*>(logList_)})
        widget->setEnabled(hasProject);
    remove_->setEnabled(false);
    if (!hasProject) return;
    worker_.run(
        *this,
        [folder = places_.repository, say = sayIn(settings_)](const std::stop_token&) {
            return app::loadRules(folder, say);
        },
        [this](base::Result<app::ProjectRules> rules) {
            rulesProblem_->setVisible(!rules);
            if (rules)
                *rules_ = *std::move(rules);
            else
                rulesProblem_->setText(QString::fromStdString(rules.error().message()));
            showRules();
        });
    worker_.run(
        *this,
        [places = places_](const std::stop_token& stop) {
            base::SystemClock clock;
            return readDecisions(places.sessionsFolder, places.repository, clock, stop);
        },
        [this](DecisionLog log) {
            log_ = std::move(log);
            isLogRead_ = true;
            showLog();
        });
}

void PermissionsPage::showRules() {
    rulesList_->clear();
    for (const app::RuleKind kind : {app::RuleKind::deny, app::RuleKind::ask, app::RuleKind::allow})
        for (const std::string& rule : rules_->of(kind)) {
            auto* item = new QTreeWidgetItem(
                rulesList_, {kind_->itemText(int(kind)), QString::fromStdString(rule)});
            item->setData(0, Qt::UserRole, int(kind));
        }
    rulesList_->resizeColumnToContents(0);
    remove_->setEnabled(false);
}

void PermissionsPage::changeRules(app::RuleKind kind, const QString& rule,
                                  base::Status (*change)(const std::filesystem::path&,
                                                         app::RuleKind, std::string_view,
                                                         const app::Messages&)) {
    worker_.run(
        *this,
        [=, folder = places_.repository, say = sayIn(settings_), text = rule.toStdString()](
            const std::stop_token&) { return change(folder, kind, text, say); },
        [this](const base::Status& changed) {
            if (changed) {
                rule_->clear();
                return reload();
            }
            rulesProblem_->setText(QString::fromStdString(changed.error().message()));
            rulesProblem_->show();
        });
}

void PermissionsPage::addRule() {
    const QString rule = rule_->text().trimmed();
    if (!rule.isEmpty()) changeRules(app::RuleKind(kind_->currentIndex()), rule, &app::addRule);
}

void PermissionsPage::removeRule() {
    const QList<QTreeWidgetItem*> chosen = rulesList_->selectedItems();
    if (chosen.isEmpty()) return;
    changeRules(app::RuleKind(chosen.front()->data(0, Qt::UserRole).toInt()),
                chosen.front()->text(1), &app::removeRule);
}

void PermissionsPage::showLog() {
    logList_->clear();
    const QString wanted = search_->text().trimmed();
    const std::pair<const char*, QString> words[] = {
        {"once", tr("once")},     {"turn", tr("this turn")}, {"session", tr("this session")},
        {"always", tr("always")}, {"denied", tr("denied")},  {"unavailable", tr("nobody there")},
    };
    int found = 0;
    for (const LoggedDecision& decision : log_.decisions) {
        QString answer = decision.answer;
        for (const auto& [word, text] : words)
            if (answer == QLatin1String(word)) answer = text;
        const QString time = QLocale().toString(QDateTime::fromMSecsSinceEpoch(decision.timeMs),
                                                QLocale::ShortFormat);
        const QStringList cells = {time, answer, decision.tool, decision.summary, decision.rule};
        if (!wanted.isEmpty() &&
            !cells.join(QLatin1Char(' ')).contains(wanted, Qt::CaseInsensitive))
            continue;
        if (++found > kDecisionsShown) continue;
        auto* item = new QTreeWidgetItem(logList_, cells);
        item->setData(0, kSessionRole, decision.sessionId);
        item->setToolTip(3, decision.summary);
    }
    for (int column = 0; column < 3; ++column)
        logList_->resizeColumnToContents(column);
    logList_->setColumnWidth(3, grid(60));
    logState_->setText(places_.repository.empty() ? QString()
                       : !isLogRead_              ? tr("Reading the logs…")
                       : !log_.problem.isEmpty()
                           ? tr("The sessions cannot be read: %1.").arg(log_.problem)
                       : log_.decisions.empty() ? tr("Nothing was asked yet.")
                       : log_.isCut ? tr("Decisions: %1. Older sessions were not read.").arg(found)
                                    : tr("Decisions: %1.").arg(found));
}

void PermissionsPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/settings/settings_screen.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <cstring>

#include "app/desktop/screens/settings/about_page.h"
#include "app/desktop/screens/settings/keymap_page.h"
#include "app/desktop/screens/settings/models_control.h"
#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/screens/settings/permissions_page.h"
#include "app/desktop/screens/settings/privacy_page.h"
#include "app/desktop/screens/settings/setting_row.h"
#include "app/desktop/shell/clear_button.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kListWidth = 200, kFormWidthMax = 800, kFormWidthBeside = 560;
constexpr const char* kPrivacy = QT_TRANSLATE_NOOP("Settings", "Privacy");
constexpr const char* kAbout = QT_TRANSLATE_NOOP("Settings", "About");
constexpr std::string_view kHasOwnPage = "desktop.keys";

}  // namespace

SettingsScreen::SettingsScreen(const SettingsScreenNeeds& needs, QWidget* parent)
    : QWidget(parent),
      settings_(needs.settings),
      appearance_(needs.appearance),
      search_(new QLineEdit(this)),
      list_(new QListWidget(this)),
      scroll_(new QScrollArea(this)),
      nothing_(makeText(this, QStringLiteral("settings.nothing"))) {
    banner_ = makeBanner();
    setObjectName(QStringLiteral("settings"));
    search_->setObjectName(QStringLiteral("settings.search"));
    addClearButton(*search_);
    search_->installEventFilter(this);
    list_->setObjectName(QStringLiteral("settings.groups"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setItemDelegate(new RoomyRows(list_));
    scroll_->setObjectName(QStringLiteral("settings.form"));
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidgetResizable(true);
    scroll_->setFocusPolicy(Qt::NoFocus);
    place();
    makeGroups(needs);
    connect(search_, &QLineEdit::textChanged, this, &SettingsScreen::showContent);
    connect(list_, &QListWidget::currentRowChanged, this, [this] {
        if (search_->text().isEmpty())
            showContent();
        else
            search_->clear();
    });
    connect(&settings_, &Settings::problemsChanged, this, &SettingsScreen::showBanner);
    connect(&appearance_, &Appearance::changed, this, &SettingsScreen::applyLook);
    applyLook();
    retranslate();
    list_->setCurrentRow(0);
    showBanner();
    setFocusProxy(search_);
}

SettingsScreen::~SettingsScreen() = default;

SettingsScreen::Group& SettingsScreen::groupOf(const char* title) {
    const auto known = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
        return std::strcmp(group.title, title) == 0;
    });
    if (known != groups_.end()) return *known;
    Group group;
    group.title = title;
    group.heading =
        makeText(scroll_->widget(), QStringLiteral("settings.heading.") + QLatin1String(title));
    group.heading->setContentsMargins(0, grid(3), 0, grid(1));
    groups_.push_back(std::move(group));
    list_->addItem(QString());
    return groups_.back();
}

void SettingsScreen::makeGroups(const SettingsScreenNeeds& needs) {
    for (const SettingTitle& title : settingTitles()) {
        Group& group = groupOf(title.group);
        if (title.path == kHasOwnPage) continue;
        auto* row = new SettingRow(settings_, appearance_, title);
        row->setParent(scroll_->widget());
        group.rows.push_back(row);
    }
    keymap_ = new KeymapPage(settings_, needs.registry, appearance_);
    permissions_ = new PermissionsPage(settings_, appearance_, worker_,
                                       {needs.repository, needs.sessionsFolder});
    privacy_ = new PrivacyPage(appearance_, worker_, needs.repository);
    about_ = new AboutPage(settings_, appearance_, needs.stalls);
    groupOf("Keys").page = keymap_;
    groupOf("Permissions").page = permissions_;
    groupOf(kPrivacy).page = privacy_;
    groupOf(kAbout).page = about_;
    for (const Group& group : groups_) {
        column_->addWidget(group.heading);
        for (SettingRow* row : group.rows)
            column_->addWidget(row);
        if (group.page != nullptr) column_->addWidget(group.page, 1);
    }
    column_->addStretch(0);
    if (const auto* models = findChild<ModelsControl*>())
        connect(models, &ModelsControl::setUpWanted, this, &SettingsScreen::modelSetUpWanted);
    connect(keymap_, &KeymapPage::printWanted, this, &SettingsScreen::printWanted);
    connect(permissions_, &PermissionsPage::openSessionWanted, this,
            &SettingsScreen::openSessionWanted);
    connect(privacy_, &PrivacyPage::openFolderWanted, this, &SettingsScreen::openFolderWanted);
}

QWidget* SettingsScreen::makeBanner() {
    auto* banner = new QFrame(this);
    banner->setObjectName(QStringLiteral("settings.banner"));
    banner->setAutoFillBackground(true);
    bannerTitle_ = makeText(banner, QStringLiteral("settings.banner.title"));
    bannerText_ = makeText(banner, QStringLiteral("settings.banner.text"));
    openFile_ = makeButton(banner, QStringLiteral("settings.banner.open"));
    auto* texts = new QVBoxLayout;
    texts->setSpacing(grid(1));
    texts->addWidget(bannerTitle_);
    texts->addWidget(bannerText_);
    auto* layout = new QHBoxLayout(banner);
    layout->setContentsMargins(grid(4), grid(3), grid(4), grid(3));
    layout->setSpacing(grid(4));
    layout->addLayout(texts, 1);
    layout->addWidget(openFile_, 0, Qt::AlignTop);
    connect(openFile_, &QPushButton::clicked, this, [this] {
        if (settings_.problemPlaces().empty()) return;
        const SettingsProblem& first = settings_.problemPlaces().front();
        emit openPlace(first.file, first.line);
    });
    return banner;
}

void SettingsScreen::place() {
    auto* content = new QWidget;
    auto* form = new QWidget(content);
    form->setMaximumWidth(kFormWidthMax);
    column_ = new QVBoxLayout(form);
    column_->setContentsMargins(grid(4), grid(1), grid(4), grid(6));
    column_->setSpacing(grid(1));
    column_->addWidget(nothing_);
    auto* across = new QHBoxLayout(content);
    across->setContentsMargins(0, 0, 0, 0);
    across->addWidget(form, 1);
    across->addStretch(0);
    scroll_->setWidget(content);

    auto* left = new QVBoxLayout;
    left->setContentsMargins(grid(3), grid(4), grid(3), grid(3));
    left->setSpacing(grid(3));
    left->addWidget(search_);
    left->addWidget(list_, 1);
    auto* below = new QHBoxLayout;
    below->setSpacing(0);
    below->addLayout(left);
    below->addWidget(scroll_, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(banner_);
    layout->addLayout(below, 1);
}

void SettingsScreen::applyLook() {
    const Look& look = appearance_.look();
    for (const Group& group : groups_)
        dress(*group.heading, look, TextRole::heading2, Role::text);
    dress(*nothing_, look, TextRole::body, Role::textMuted);
    fit();
    scroll_->widget()
        ->findChild<QWidget*>({}, Qt::FindDirectChildrenOnly)
        ->setMaximumWidth(kFormWidthMax * look.textPercent() / 100);
    QPalette palette = list_->palette();
    palette.setColor(QPalette::Base, look.color(Role::window));
    list_->setPalette(palette);
    showBanner();
}

void SettingsScreen::fit() {
    const int percent = appearance_.look().textPercent();
    const int wanted = std::max(kListWidth * percent / 100, list_->sizeHintForColumn(0));
    const int listWidth = std::min(wanted, width() * 3 / 10);
    search_->setFixedWidth(listWidth);
    list_->setFixedWidth(listWidth);
    const bool isNarrow = width() - listWidth < kFormWidthBeside * percent / 100;
    for (const Group& group : groups_)
        for (SettingRow* row : group.rows)
            row->setStacked(isNarrow);
}

void SettingsScreen::resizeEvent(QResizeEvent* event) {
    fit();
    QWidget::resizeEvent(event);
}

void SettingsScreen::retranslate() {
    setAccessibleName(tr("Settings"));
    search_->setPlaceholderText(tr("Search in the settings"));
    search_->setAccessibleName(search_->placeholderText());
    list_->setAccessibleName(tr("Groups of settings"));
    nothing_->setText(tr("No setting fits. Try another word."));
    openFile_->setText(tr("Open file"));
    for (size_t i = 0; i < groups_.size(); ++i) {
        groups_[i].heading->setText(settingText(groups_[i].title));
        list_->item(int(i))->setText(settingText(groups_[i].title));
    }
    fit();
    showBanner();
    showContent();
}

void SettingsScreen::showGroup(const QString& english) {
    for (size_t i = 0; i < groups_.size(); ++i)
        if (english == QLatin1String(groups_[i].title)) list_->setCurrentRow(int(i));
}

void SettingsScreen::showContent() {
    const QString query = search_->text().trimmed();
    const int chosen = list_->currentRow();
    bool hasAny = false;
    for (size_t i = 0; i < groups_.size(); ++i) {
        const Group& group = groups_[i];
        bool isShown = false;
        for (SettingRow* row : group.rows) {
            const bool fits = query.isEmpty() ? int(i) == chosen : row->matches(query);
            row->setVisible(fits);
            isShown |= fits;
        }
        if (group.page != nullptr) {
            const bool isKeymap = group.page == keymap_;
            bool fits = query.isEmpty()
                            ? int(i) == chosen
                            : group.heading->text().contains(query, Qt::CaseInsensitive);
            if (isKeymap)
                fits |= keymap_->setFilter(fits ? QString() : query) > 0 && !query.isEmpty();
            if (fits && !group.page->isVisibleTo(this)) reloadPage(group);
            group.page->setVisible(fits);
            isShown |= fits;
        }
        group.heading->setVisible(isShown);
        hasAny |= isShown;
    }
    if (query.isEmpty())
        list_->setCurrentRow(chosen, QItemSelectionModel::ClearAndSelect);
    else
        list_->clearSelection();
    nothing_->setVisible(!hasAny);
    scroll_->verticalScrollBar()->setValue(0);
}

void SettingsScreen::reloadPage(const Group& group) {
    if (group.page == permissions_) permissions_->reload();
    if (group.page == privacy_) privacy_->reload();
    if (group.page == about_) about_->reload();
}

void SettingsScreen::showBanner() {
    const auto& problems = settings_.problemPlaces();
    banner_->setVisible(!problems.empty());
    if (problems.empty()) return;
    const bool isBroken = settings_.isBroken();
    const Look& look = appearance_.look();
    QPalette palette = banner_->palette();
    palette.setColor(QPalette::Window, look.color(isBroken ? Role::errorSoft : Role::warningSoft));
    banner_->setPalette(palette);
    dress(*bannerTitle_, look, TextRole::title, Role::text);
    dress(*bannerText_, look, TextRole::body, Role::text);
    bannerTitle_->setText(
        isBroken ? tr("Your settings file needs a repair. What was in force stays in force; "
                      "nothing can be changed here until then.")
                 : tr("A part of the project's settings file is not in force."));
    bannerText_->setText(settings_.problems().join(QLatin1Char('\n')));
    openFile_->setAccessibleName(tr("Open the settings file at the line"));
}

bool SettingsScreen::eventFilter(QObject* watched, QEvent* event) {
    if (watched == search_ && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Down) {
        list_->setFocus();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void SettingsScreen::keyPressEvent(QKeyEvent* event) {
    if (event->key() != Qt::Key_Escape) return QWidget::keyPressEvent(event);
    if (search_->text().isEmpty())
        emit closeWanted();
    else
        search_->clear();
}

void SettingsScreen::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/window/main_window.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QMenuBar>
#include <QResizeEvent>
#include <QScreen>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <utility>

#include "app/desktop/shell/announcer.h"
#include "app/desktop/shell/command_palette.h"
#include "app/desktop/shell/key_sheet.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/window/flat_tab_bar.h"

namespace moxie::desktop {

namespace {

constexpr int kBothColumnsWidth = 900, kSidebarWidth = 640;

struct MenuSpec {
    const char* title;
    std::vector<const char*> actions;  // "" is a separator
};

const std::array<MenuSpec, 5>& menus() {
    static const std::array<MenuSpec, 5> specs = {{
        {QT_TRANSLATE_NOOP("MainWindow", "&File"),
         {"folder.open", "session.new", "", "settings.open", "", "app.quit"}},
        {QT_TRANSLATE_NOOP("MainWindow", "&Edit"),
         {"edit.undo", "edit.redo", "", "find.here", "find.next", "find.previous", "session.find"}},
        {QT_TRANSLATE_NOOP("MainWindow", "&View"),
         {"sidebar.toggle", "workbench.toggle", "density.next", "", "text.larger", "text.smaller",
          "text.reset"}},
        {QT_TRANSLATE_NOOP("MainWindow", "&Go"),
         {"go.anywhere", "palette.open", "", "session.next", "composer.focus", "changes.review",
          "terminal.show", "editor.open", "", "area.next", "area.previous"}},
        {QT_TRANSLATE_NOOP("MainWindow", "&Help"), {"help.open", "help.keys", "help.about"}},
    }};
    return specs;
}

QWidget* host(QWidget* parent, const char* name) {
    auto* widget = new QWidget(parent);
    widget->setObjectName(QLatin1String(name));
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    return widget;
}

// A QTabWidget takes a bar of one's own only from inside.
class TabsOf final : public QTabWidget {
public:
    TabsOf(QTabBar* bar, QWidget* parent) : QTabWidget(parent) { setTabBar(bar); }
};

// The first widget inside that takes the focus by Tab.
QWidget* firstFocusable(QWidget* area) {
    if (QWidget* proxy = area->focusProxy(); proxy != nullptr && proxy->isVisibleTo(area))
        return proxy;
    if ((area->focusPolicy() & Qt::TabFocus) != 0) return area;
    for (QWidget* next = area->nextInFocusChain(); next != area; next = next->nextInFocusChain())
        if (area->isAncestorOf(next) && next->isVisibleTo(area) && next->isEnabled() &&
            (next->focusPolicy() & Qt::TabFocus) != 0)
            return next;
    return nullptr;
}

// With the frame that the window manager puts around it, which is known only once it is shown.
bool hasRoomFor(QSize window, QSize screen) {
    const QSize framed = window + QSize(grid(4), grid(12));
    return framed.width() <= screen.width() && framed.height() <= screen.height();
}

}  // namespace

MainWindow::MainWindow(Appearance& appearance, ActionRegistry& registry, QWidget* parent)
    : QMainWindow(parent),
      appearance_(appearance),
      registry_(registry) {
    setObjectName(QStringLiteral("window"));
    // Our own, so that the window may become narrower than its columns side by side.
    setMinimumSize(grid(90), grid(75));
    resize(1280, 800);
    QWidget* centre = host(this, "window.centre");
    auto* column = qobject_cast<QVBoxLayout*>(centre->layout());
    notices_ = new NoticeStrip(appearance, centre);
    notices_->serve(*this);
    column->addWidget(notices_);
    columns_ = new QSplitter(centre);
    columns_->setObjectName(QStringLiteral("window.columns"));
    columns_->setChildrenCollapsible(false);
    columns_->setHandleWidth(grid(1));
    sidebarHost_ = host(columns_, "window.sidebar");
    sidebarHost_->setMinimumWidth(grid(45));
    sessionHost_ = host(columns_, "window.session");
    sessionHost_->setMinimumWidth(grid(80));
    tabs_ = new TabsOf(new FlatTabBar(appearance), columns_);
    tabs_->setObjectName(QStringLiteral("window.workbench"));
    tabs_->setDocumentMode(true);
    tabs_->setMinimumWidth(grid(80));
    tabs_->tabBar()->setObjectName(QStringLiteral("window.tabs"));
    tabs_->tabBar()->setUsesScrollButtons(true);
    columns_->setSizes({260, 560, 460});
    columns_->setStretchFactor(0, 0);
    columns_->setStretchFactor(1, 1);
    columns_->setStretchFactor(2, 1);
    column->addWidget(columns_, 1);
    setCentralWidget(centre);
    statusBar()->setObjectName(QStringLiteral("window.status"));
    statusBar()->setSizeGripEnabled(false);
    announcer_ = new Announcer(this);
    palette_ = new CommandPalette(registry, appearance, *this);
    registry_.attach(ActionContext::window, *this);
    makeMenus();
    connectActions();
    connect(tabs_, &QTabWidget::currentChanged, this, [this] { emit tabShown(currentTab()); });
    connect(&appearance, &Appearance::changed, this, &MainWindow::applyLook);
    retitle();
    applyLook();
}

MainWindow::~MainWindow() = default;

void MainWindow::makeMenus() {
    for (const MenuSpec& spec : menus()) {
        QMenu* menu = menuBar()->addMenu(QString());
        menu->setObjectName(QLatin1String(spec.title));
        for (const char* id : spec.actions) {
            if (*id == '\0')
                menu->addSeparator();
            else
                menu->addAction(&registry_.action(QLatin1String(id)));
        }
    }
}

void MainWindow::connectActions() {
    const auto on = [this](const char* id, std::function<void()> run) {
        registry_.on(QLatin1String(id), *this, std::move(run));
    };
    on("app.quit", [this] { close(); });
    on("palette.open", [this] { palette_->open(); });
    on("help.keys", [this] {
        if (keySheet_ == nullptr) keySheet_ = new KeySheet(registry_, this);
        keySheet_->show();
        keySheet_->raise();
        keySheet_->activateWindow();
    });
    on("sidebar.toggle",
       [this] { setColumnWanted(Column::sidebar, !isColumnVisible(Column::sidebar)); });
    on("workbench.toggle",
       [this] { setColumnWanted(Column::workbench, !isColumnVisible(Column::workbench)); });
    on("area.next", [this] { moveArea(1); });
    on("area.previous", [this] { moveArea(-1); });
}

void MainWindow::place(QWidget*& slot, QWidget* widget, QWidget* host) {
    delete slot;
    slot = widget;
    if (widget != nullptr) host->layout()->addWidget(widget);
}

void MainWindow::setSidebar(QWidget* widget) {
    place(sidebar_, widget, sidebarHost_);
}

void MainWindow::setSession(QWidget* widget) {
    place(session_, widget, sessionHost_);
}

void MainWindow::clearSession() {
    place(session_, nullptr, sessionHost_);
}

void MainWindow::setTab(const QString& id, std::function<QString()> title, QWidget* widget,
                        const QIcon& icon) {
    const QString text = title();
    const auto known = std::find_if(tabList_.begin(), tabList_.end(),
                                    [&](const Tab& tab) { return tab.id == id; });
    if (known == tabList_.end()) {
        tabList_.push_back({id, std::move(title), widget});
        tabs_->addTab(widget, icon, text);
        return;
    }
    const int index = tabs_->indexOf(known->widget);
    const bool wasCurrent = tabs_->currentIndex() == index;
    QWidget* old = known->widget;
    known->widget = widget;
    known->title = std::move(title);
    tabs_->insertTab(index, widget, icon, text);
    if (wasCurrent) tabs_->setCurrentIndex(index);
    delete old;
}

void MainWindow::removeTab(const QString& id) {
    std::erase_if(tabList_, [&](const Tab& tab) {
        if (tab.id != id) return false;
        delete tab.widget;
        return true;
    });
}

void MainWindow::addChip(QWidget* chip) {
    statusBar()->addWidget(chip);
    applyLook();
}

// The status bar speaks quietly.
void MainWindow::applyLook() {
    const Look& look = appearance_.look();
    const auto chips = statusBar()->findChildren<QToolButton*>();
    for (QToolButton* chip : chips)
        chip->setFont(look.font(TextRole::small));
}

void MainWindow::showTab(const QString& id) {
    for (const Tab& tab : tabList_)
        if (tab.id == id) tabs_->setCurrentWidget(tab.widget);
    setColumnWanted(Column::workbench, true);
}

QString MainWindow::currentTab() const {
    for (const Tab& tab : tabList_)
        if (tab.widget == tabs_->currentWidget()) return tab.id;
    return {};
}

bool MainWindow::isColumnVisible(Column column) const {
    const QWidget* widget = column == Column::sidebar   ? sidebarHost_
                            : column == Column::session ? sessionHost_
                                                        : static_cast<const QWidget*>(tabs_);
    return widget->isVisibleTo(columns_);
}

void MainWindow::setColumnWanted(Column column, bool isWanted) {
    if (column == Column::sidebar) wantsSidebar_ = isWanted;
    if (column == Column::workbench) wantsWorkbench_ = isWanted;
    front_ = isWanted ? column : Column::session;
    foldColumns();
}

void MainWindow::showColumn(Column column) {
    front_ = column;
    foldColumns();
}

void MainWindow::foldColumns() {
    const bool sharesWorkbench = width() < kBothColumnsWidth, sharesAll = width() < kSidebarWidth;
    const auto isShown = [&](Column column, bool isWanted, bool takesTurns) {
        return isWanted && (!takesTurns || front_ == column);
    };
    const bool hasSidebar = isShown(Column::sidebar, wantsSidebar_, sharesAll);
    const bool hasWorkbench = isShown(Column::workbench, wantsWorkbench_, sharesWorkbench);
    sidebarHost_->setVisible(hasSidebar);
    tabs_->setVisible(hasWorkbench);
    sessionHost_->setVisible(!(sharesWorkbench && hasWorkbench) && !(sharesAll && hasSidebar));
}

std::vector<QWidget*> MainWindow::areas() const {
    std::vector<QWidget*> found;
    if (isColumnVisible(Column::sidebar) && sidebar_ != nullptr) found.push_back(sidebar_);
    if (isColumnVisible(Column::session) && session_ != nullptr) {
        // A session is made of areas of its own: conversation and message box.
        for (QObject* child : session_->children())
            if (auto* area = qobject_cast<QWidget*>(child);
                area != nullptr && area->property("isArea").toBool() && area->isVisible())
                found.push_back(area);
        if (found.empty() || !session_->isAncestorOf(found.back())) found.push_back(session_);
    }
    if (isColumnVisible(Column::workbench) && tabs_->currentWidget() != nullptr)
        found.push_back(tabs_->currentWidget());
    return found;
}

void MainWindow::moveArea(int step) {
    const std::vector<QWidget*> all = areas();
    if (all.empty()) return;
    const QWidget* focus = QApplication::focusWidget();
    const auto here = std::find_if(all.begin(), all.end(), [&](QWidget* area) {
        return area == focus || (focus != nullptr && area->isAncestorOf(focus));
    });
    const auto count = int(all.size());
    int next = here == all.end() ? (step > 0 ? 0 : count - 1)
                                 : (int(here - all.begin()) + step + count) % count;
    for (int tried = 0; tried < count; ++tried, next = (next + step + count) % count)
        if (QWidget* target = firstFocusable(all[size_t(next)])) {
            target->setFocus(Qt::TabFocusReason);
            return;
        }
}

WindowState MainWindow::state() const {
    WindowState state;
    state.geometry = saveGeometry();
    state.splitters[columns_->objectName()] = columns_->saveState();
    state.workbenchTab = currentTab();
    state.showsSidebar = wantsSidebar_;
    state.showsWorkbench = wantsWorkbench_;
    return state;
}

void MainWindow::restore(const WindowState& state) {
    if (!state.geometry.isEmpty())
        restoreGeometry(state.geometry);
    else if (!hasRoomFor(size(), screen()->availableSize()))
        setWindowState(windowState() | Qt::WindowMaximized);
    columns_->restoreState(state.splitters.value(columns_->objectName()));
    columns_->setChildrenCollapsible(false);
    for (const Tab& tab : tabList_)
        if (tab.id == state.workbenchTab) tabs_->setCurrentWidget(tab.widget);
    wantsSidebar_ = state.showsSidebar;
    wantsWorkbench_ = state.showsWorkbench;
    foldColumns();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    foldColumns();
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retitle();
}

void MainWindow::retitle() {
    const QList<QMenu*> all = menuBar()->findChildren<QMenu*>(Qt::FindDirectChildrenOnly);
    for (QMenu* menu : all)
        if (const QByteArray source = menu->objectName().toUtf8(); !source.isEmpty())
            menu->setTitle(QCoreApplication::translate("MainWindow", source.constData()));
    for (const Tab& tab : tabList_)
        tabs_->setTabText(tabs_->indexOf(tab.widget), tab.title());
    sidebarHost_->setAccessibleName(tr("Sessions"));
    sessionHost_->setAccessibleName(tr("Session"));
    tabs_->setAccessibleName(tr("Workbench"));
    tabs_->tabBar()->setAccessibleName(tr("Tabs of the workbench"));
    statusBar()->setAccessibleName(tr("Status"));
}

}  // namespace moxie::desktop

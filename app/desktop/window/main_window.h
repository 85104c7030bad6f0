// The frame of the window: three columns (sessions, the session, the workbench with its tabs), a
// status bar of small buttons, menus from the action registry. It knows places, not screens: what
// stands where is put in from outside (desk.h). Columns fold by key and by themselves: below 900 px
// the workbench and the session take turns, below 640 px all three. Threads: GUI thread only.
#pragma once
#include <QIcon>
#include <QMainWindow>
#include <QMap>
#include <functional>
#include <vector>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/window_state.h"

class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace moxie::desktop {

class Announcer;
class Appearance;
class CommandPalette;
class KeySheet;
class NoticeStrip;

class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    enum class Column : uint8_t { sidebar, session, workbench };

    // Both must outlive the window.
    MainWindow(Appearance& appearance, ActionRegistry& registry, QWidget* parent = nullptr);
    ~MainWindow() override;

    // Each takes the widget over; what stood there before is deleted at once, so that its actions
    // are free for the new one.
    void setSidebar(QWidget* widget);
    void setSession(QWidget* widget);
    void clearSession();
    // A tab of the workbench under a stable id; `title` is asked again when the language changes.
    // A tab of that id is replaced in its place.
    void setTab(const QString& id, std::function<QString()> title, QWidget* widget,
                const QIcon& icon = {});
    void removeTab(const QString& id);
    void addChip(QWidget* chip);  // status bar, from the left

    void showTab(const QString& id);
    QString currentTab() const;
    bool isColumnVisible(Column column) const;
    void setColumnWanted(Column column, bool isWanted);  // of sidebar and workbench
    // Brings the column to the front where they take turns.
    void showColumn(Column column);

    Announcer& announcer() const { return *announcer_; }

    // Above the columns; shows what anything in the window posts (shell/notice.h).
    NoticeStrip& notices() const { return *notices_; }

    // Splitters and columns; geometry as well.
    WindowState state() const;
    void restore(const WindowState& state);

signals:
    void tabShown(const QString& id);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Tab {
        QString id;
        std::function<QString()> title;
        QWidget* widget = nullptr;
    };

    void makeMenus();
    void connectActions();
    void foldColumns();
    void retitle();
    void applyLook();
    void moveArea(int step);
    std::vector<QWidget*> areas() const;
    void place(QWidget*& slot, QWidget* widget, QWidget* host);

    Appearance& appearance_;
    ActionRegistry& registry_;
    QWidget* sidebarHost_;  // Qt's parents own the widgets
    QWidget* sessionHost_;
    QTabWidget* tabs_;
    QSplitter* columns_;
    NoticeStrip* notices_;
    Announcer* announcer_;
    CommandPalette* palette_;
    KeySheet* keySheet_ = nullptr;
    QWidget* sidebar_ = nullptr;
    QWidget* session_ = nullptr;
    std::vector<Tab> tabList_;
    Column front_ = Column::session;
    bool wantsSidebar_ = true, wantsWorkbench_ = true;
};

}  // namespace moxie::desktop

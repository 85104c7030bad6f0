// The sidebar: all sessions by project, what state each is in, search over all of them, and what
// one does to a session as a whole. It shows the store and asks it; which session the window shows
// is decided outside. Threads: GUI thread only.
#pragma once
#include <QSet>
#include <QString>
#include <QWidget>

#include "app/desktop/session/session_store_model.h"
#include "app/desktop/session/worktrees.h"

class QLabel;
class QLineEdit;
class QModelIndex;
class QPushButton;
class QStackedWidget;
class QTimer;
class QToolButton;

namespace moxie::base {
class Clock;
}

namespace moxie::desktop {

class Appearance;
class FilterRow;
class SearchHits;
class SessionActions;
class SessionTree;
class SessionTreeView;

class SessionsScreen final : public QWidget {
    Q_OBJECT

public:
    // All must outlive it.
    SessionsScreen(SessionStoreModel& store, const base::Clock& clock, Appearance& appearance,
                   QWidget* parent = nullptr);
    ~SessionsScreen() override;

    // The session in the window, "" for none: marked in the tree and as seen in the store.
    void setShown(const QString& id);
    void focusSearch();
    // As if the user chose the next one that needs him after the shown one, else the newest other.
    void chooseNext();
    // Asks what becomes of uncommitted work; removeWorktreeWanted() again.
    void askAboutWorktree(const WorktreeOwner& owner, int nFiles);
    void noteWorktreeRemoved(const WorktreeOwner& owner, const QString& branch);

signals:
    void sessionChosen(const QString& id);
    // After sessionChosen(): a hit of the search stands in this turn.
    void turnWanted(const QString& id, int turn);
    void newSessionWanted();
    // In this folder even if another session works there; in a worktree of its own.
    void newSessionHereWanted();
    void newWorktreeSessionWanted();
    void removeWorktreeWanted(const moxie::desktop::WorktreeOwner& owner,
                              moxie::desktop::Worktrees::Leftover leftover);
    void folderWanted();
    void forkWanted(const QString& id);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    // Where the user was before the tree was built anew.
    struct Place {
        QString id;
        int project = -1, row = -1, scroll = 0;
    };

    void layOut();
    void makeNewMenu();
    void connectWorktrees();
    void noteRemoved(const QString& id, const QString& title);
    void connectParts();
    void refresh();
    void showRows();
    int treeHeight() const;  // of all rows, open
    void showState();
    void showHits(const SessionHits& hits);
    void startSearch(const QString& text);
    Place place() const;
    void goBack(const Place& place);
    void choose(const QModelIndex& index);
    bool runTreeKey(int key);
    bool runSearchKey(int key);
    void retranslate();
    void repaintLists();  // ages and texts
    void applyLook();

    SessionStoreModel& store_;
    const base::Clock& clock_;
    Appearance& appearance_;
    SessionTree* tree_;
    QPushButton* new_;
    QToolButton* newMore_;
    QAction *newHere_ = nullptr, *newWorktree_ = nullptr, *openFolder_ = nullptr;
    QLineEdit* search_;
    FilterRow* filter_;
    QStackedWidget* pages_;
    QWidget* listPage_;
    QWidget* messagePage_;
    QLabel* message_;
    QPushButton* messageAction_;
    SessionTreeView* view_;
    QLabel* nothing_;  // instead of an empty tree
    QLabel* hitsTitle_;
    SearchHits* hits_;
    QTimer* minute_;  // ages; runs while shown
    SessionActions* actions_ = nullptr;
    QSet<QString> collapsed_;  // repositories
    QString shown_;
    SessionHits lastHits_;
    WorktreeOwner removing_;  // of a session that is being deleted
};

}  // namespace moxie::desktop

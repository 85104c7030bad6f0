// The actions of the window as QActions: menus, palette, tooltips, key sheet and settings all read
// them here. Knows the user's keymap. Screens connect to what they can do; an action that nobody
// connected is disabled. Threads: GUI thread only.
#pragma once
#include <QKeySequence>
#include <QObject>
#include <QStringList>
#include <functional>
#include <memory>
#include <vector>

#include "app/desktop/shell/action_table.h"

class QAction;
class QWidget;

namespace moxie::desktop {

struct KeyConflict {
    QString actionId, otherId;
    QKeySequence keys;
};

class ActionRegistry final : public QObject {
    Q_OBJECT

public:
    explicit ActionRegistry(QObject* parent = nullptr);
    ~ActionRegistry() override;

    // Requires: `id` stands in the table.
    QAction& action(QLatin1String id) const;
    const ActionSpec& spec(const QAction& action) const;

    const std::vector<QAction*>& actions() const { return actions_; }

    // Makes the keys of `context` work inside `widget` (for ActionContext::window: its window).
    void attach(ActionContext context, QWidget& widget);
    // Calls `run` while `owner` lives; enables the action.
    void on(QLatin1String id, QObject& owner, std::function<void()> run);

    // Entries "hunk.accept=Y" (no keys: "hunk.accept="); what is not named has its default keys.
    // Entries that cannot be used are left out and returned as sentences.
    QStringList applyKeymap(const QStringList& entries);
    std::vector<KeyConflict> conflicts() const;
    // As the user reads them, "Ctrl+=, Ctrl++"; also of actions whose screen listens itself.
    QString keysText(const QAction& action) const;

signals:
    void keysChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    size_t indexOf(const QAction& action) const;
    void retranslate();
    void updateToolTip(QAction& action) const;
    void setKeys(size_t index, QList<QKeySequence> keys);

    std::vector<QAction*> actions_;          // in the order of the table; children of this
    std::vector<QList<QKeySequence>> keys_;  // also of those whose screen listens itself
    std::vector<int> nOwners_;               // that are connected and live
};

}  // namespace moxie::desktop

// The user's keys as a value: what the setting "desktop.keys" says, and what the actions have where
// it says nothing. One sequence for each action. Threads: GUI thread only.
#pragma once
#include <QKeySequence>
#include <QStringList>
#include <map>
#include <vector>

#include "app/desktop/shell/action_registry.h"

namespace moxie::desktop {

class Keymap {
public:
    // Entries as ActionRegistry::applyKeymap() takes them; others are left out.
    explicit Keymap(const QStringList& entries);

    QStringList entries() const;

    QKeySequence keys(const QString& actionId) const;
    bool isChanged(const QString& actionId) const;

    void set(const QString& actionId, const QKeySequence& keys);
    void reset(const QString& actionId);
    // Gives `actionId` these keys and `otherId` those that `actionId` had.
    void swap(const QString& actionId, const QKeySequence& keys, const QString& otherId);

    // Actions that would answer to `keys`, too, if `actionId` had them.
    QStringList inTheWay(const QString& actionId, const QKeySequence& keys) const;

private:
    std::map<QString, QKeySequence> changed_;  // by action
};

}  // namespace moxie::desktop

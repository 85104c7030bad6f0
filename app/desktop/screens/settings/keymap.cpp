#include "app/desktop/screens/settings/keymap.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

const ActionSpec* specOf(const QString& actionId) {
    const auto all = allActions();
    const auto known = std::find_if(all.begin(), all.end(), [&](const ActionSpec& spec) {
        return actionId == QLatin1String(spec.id);
    });
    return known == all.end() ? nullptr : &*known;
}

QKeySequence defaultKeysOf(const QString& actionId) {
    const ActionSpec* spec = specOf(actionId);
    if (spec == nullptr) return {};
    return QKeySequence::fromString(
        QString::fromLatin1(spec->keys).section(QLatin1Char('|'), 0, 0));
}

}  // namespace

Keymap::Keymap(const QStringList& entries) {
    for (const QString& entry : entries) {
        const QString id = entry.section(QLatin1Char('='), 0, 0).trimmed();
        if (specOf(id) == nullptr || !entry.contains(QLatin1Char('='))) continue;
        changed_[id] = QKeySequence::fromString(entry.section(QLatin1Char('='), 1).trimmed());
    }
}

QStringList Keymap::entries() const {
    QStringList entries;
    for (const auto& [id, keys] : changed_)
        entries << id + QLatin1Char('=') + keys.toString(QKeySequence::PortableText);
    return entries;
}

QKeySequence Keymap::keys(const QString& actionId) const {
    const auto changed = changed_.find(actionId);
    return changed != changed_.end() ? changed->second : defaultKeysOf(actionId);
}

bool Keymap::isChanged(const QString& actionId) const {
    return changed_.contains(actionId);
}

void Keymap::set(const QString& actionId, const QKeySequence& keys) {
    if (keys == defaultKeysOf(actionId))
        changed_.erase(actionId);
    else
        changed_[actionId] = keys;
}

void Keymap::reset(const QString& actionId) {
    changed_.erase(actionId);
}

void Keymap::swap(const QString& actionId, const QKeySequence& keys, const QString& otherId) {
    const QKeySequence before = this->keys(actionId);
    set(actionId, keys);
    set(otherId, before);
}

// Asked of the registry's own rule, with a registry of its own.
QStringList Keymap::inTheWay(const QString& actionId, const QKeySequence& keys) const {
    Keymap tried = *this;
    tried.set(actionId, keys);
    ActionRegistry registry;
    registry.applyKeymap(tried.entries());
    QStringList others;
    for (const KeyConflict& conflict : registry.conflicts()) {
        if (conflict.keys != keys) continue;
        if (conflict.actionId == actionId) others << conflict.otherId;
        if (conflict.otherId == actionId) others << conflict.actionId;
    }
    return others;
}

}  // namespace moxie::desktop

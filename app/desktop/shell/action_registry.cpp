#include "app/desktop/shell/action_registry.h"

#include <QAction>
#include <QCoreApplication>
#include <QEvent>
#include <QWidget>
#include <algorithm>
#include <utility>

#include "base/result.h"

namespace moxie::desktop {

namespace {

QList<QKeySequence> defaultKeys(const ActionSpec& spec) {
    QList<QKeySequence> keys;
    for (const QString& text :
         QString::fromLatin1(spec.keys).split(QLatin1Char('|'), Qt::SkipEmptyParts))
        keys << QKeySequence::fromString(text);
    return keys;
}

bool canMeet(ActionContext one, ActionContext other) {
    return one == other || one == ActionContext::window || other == ActionContext::window;
}

bool isUsable(const QKeySequence& keys) {
    for (int i = 0; i < keys.count(); ++i)
        if (keys[uint(i)].key() == Qt::Key_unknown) return false;
    return keys.count() > 0;
}

}  // namespace

ActionRegistry::ActionRegistry(QObject* parent) : QObject(parent) {
    for (const ActionSpec& spec : allActions()) {
        auto* action = new QAction(this);
        action->setObjectName(QLatin1String(spec.id));
        action->setEnabled(false);
        action->setShortcutContext(spec.context == ActionContext::window
                                       ? Qt::WindowShortcut
                                       : Qt::WidgetWithChildrenShortcut);
        actions_.push_back(action);
        keys_.emplace_back();
        nOwners_.push_back(0);
    }
    applyKeymap({});
    retranslate();
    if (QCoreApplication::instance() != nullptr)
        QCoreApplication::instance()->installEventFilter(this);
}

ActionRegistry::~ActionRegistry() = default;

QAction& ActionRegistry::action(QLatin1String id) const {
    const auto all = allActions();
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const auto& spec) { return id == QLatin1String(spec.id); });
    BASE_CHECK(known != all.end());
    return *actions_[size_t(known - all.begin())];
}

size_t ActionRegistry::indexOf(const QAction& action) const {
    const auto at = std::find(actions_.begin(), actions_.end(), &action);
    BASE_CHECK(at != actions_.end());
    return size_t(at - actions_.begin());
}

const ActionSpec& ActionRegistry::spec(const QAction& action) const {
    return allActions()[indexOf(action)];
}

void ActionRegistry::attach(ActionContext context, QWidget& widget) {
    for (size_t i = 0; i < actions_.size(); ++i)
        if (allActions()[i].context == context && allActions()[i].keysBy == KeysBy::shortcut)
            widget.addAction(actions_[i]);
}

void ActionRegistry::on(QLatin1String id, QObject& owner, std::function<void()> run) {
    QAction& connected = action(id);
    connect(&connected, &QAction::triggered, &owner, [run = std::move(run)] { run(); });
    // The next screen may be there before the one it replaces is gone.
    const size_t index = indexOf(connected);
    ++nOwners_[index];
    connect(&owner, &QObject::destroyed, this,
            [this, index] { actions_[index]->setEnabled(--nOwners_[index] > 0); });
    connected.setEnabled(true);
}

void ActionRegistry::setKeys(size_t index, QList<QKeySequence> keys) {
    if (allActions()[index].keysBy == KeysBy::shortcut) actions_[index]->setShortcuts(keys);
    keys_[index] = std::move(keys);
    updateToolTip(*actions_[index]);
}

// "Accept hunk (A)".
void ActionRegistry::updateToolTip(QAction& action) const {
    const auto& keys = keys_[indexOf(action)];
    action.setToolTip(
        keys.isEmpty() ? action.text()
                       : tr("%1 (%2)", "text and keys of an action")
                             .arg(action.text(), keys.front().toString(QKeySequence::NativeText)));
}

QStringList ActionRegistry::applyKeymap(const QStringList& entries) {
    QStringList problems;
    for (size_t i = 0; i < actions_.size(); ++i)
        setKeys(i, defaultKeys(allActions()[i]));
    for (const QString& entry : entries) {
        const qsizetype equals = entry.indexOf(QLatin1Char('='));
        const QString id = entry.left(equals).trimmed();
        const auto known =
            std::find_if(actions_.begin(), actions_.end(),
                         [&](const QAction* action) { return action->objectName() == id; });
        if (equals <= 0 || known == actions_.end()) {
            problems << tr("There is no action \"%1\".").arg(id);
            continue;
        }
        const QString text = entry.mid(equals + 1).trimmed();
        const QKeySequence keys = QKeySequence::fromString(text);
        const auto index = size_t(known - actions_.begin());
        if (text.isEmpty())
            setKeys(index, {});
        else if (isUsable(keys))
            setKeys(index, {keys});
        else
            problems << tr("\"%1\" is not a key.").arg(text);
    }
    for (const KeyConflict& conflict : conflicts())
        problems << tr("%1 stands for both \"%2\" and \"%3\".")
                        .arg(conflict.keys.toString(QKeySequence::NativeText), conflict.actionId,
                             conflict.otherId);
    emit keysChanged();
    return problems;
}

std::vector<KeyConflict> ActionRegistry::conflicts() const {
    std::vector<KeyConflict> found;
    const auto all = allActions();
    for (size_t i = 0; i < all.size(); ++i)
        for (size_t j = i + 1; j < all.size(); ++j) {
            if (!canMeet(all[i].context, all[j].context)) continue;
            for (const QKeySequence& keys : keys_[i])
                if (keys_[j].contains(keys))
                    found.push_back({actions_[i]->objectName(), actions_[j]->objectName(), keys});
        }
    return found;
}

QString ActionRegistry::keysText(const QAction& action) const {
    QStringList all;
    for (const QKeySequence& keys : keys_[indexOf(action)])
        all << keys.toString(QKeySequence::NativeText);
    return all.join(QStringLiteral(", "));
}

void ActionRegistry::retranslate() {
    for (size_t i = 0; i < actions_.size(); ++i) {
        actions_[i]->setText(QCoreApplication::translate("Actions", allActions()[i].text));
        updateToolTip(*actions_[i]);
    }
}

bool ActionRegistry::eventFilter(QObject* watched, QEvent* event) {
    if (watched == QCoreApplication::instance() && event->type() == QEvent::LanguageChange)
        retranslate();
    return QObject::eventFilter(watched, event);
}

}  // namespace moxie::desktop

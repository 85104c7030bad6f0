#include "app/desktop/screens/settings/keymap_page.h"

#include <QAction>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "app/desktop/screens/settings/key_capture.h"
#include "app/desktop/screens/settings/keymap.h"
#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/key_sheet.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kActionRole = Qt::UserRole;
constexpr int kKeymapRowsShown = 14;

enum Column : int { actionColumn, keysColumn, stateColumn };

QString native(const QKeySequence& keys) {
    return keys.toString(QKeySequence::NativeText);
}

}  // namespace

KeymapPage::KeymapPage(Settings& settings, ActionRegistry& registry, Appearance& appearance)
    : settings_(settings),
      registry_(registry),
      appearance_(appearance),
      list_(new QTreeWidget(this)),
      capture_(new KeyCapture(this)),
      record_(addButton(QStringLiteral("settings.keys.record"), &KeymapPage::startRecording)),
      swap_(addButton(QStringLiteral("settings.keys.swap"), &KeymapPage::swap)),
      keep_(addButton(QStringLiteral("settings.keys.keep"), &KeymapPage::endRecording)),
      remove_(addButton(QStringLiteral("settings.keys.remove"), &KeymapPage::removeKeys)),
      reset_(addButton(QStringLiteral("settings.keys.reset"), &KeymapPage::resetOne)),
      resetAll_(addButton(QStringLiteral("settings.keys.resetAll"), &KeymapPage::resetAll)),
      print_(new QPushButton(this)),
      message_(new QLabel(this)),
      count_(new QLabel(this)) {
    setObjectName(QStringLiteral("settings.keymap"));
    print_->setObjectName(QStringLiteral("settings.keys.print"));
    connect(print_, &QPushButton::clicked, this,
            [this] { emit printWanted(keySheetHtml(registry_)); });
    list_->setObjectName(QStringLiteral("settings.keys.list"));
    list_->setColumnCount(3);
    list_->setRootIsDecorated(false);
    list_->setIndentation(grid(3));
    list_->setItemsExpandable(false);
    list_->setUniformRowHeights(true);
    list_->setItemDelegate(new RoomyRows(list_));
    list_->setSelectionBehavior(QAbstractItemView::SelectRows);
    list_->header()->setSectionsMovable(false);
    list_->header()->setStretchLastSection(true);
    capture_->setObjectName(QStringLiteral("settings.keys.capture"));
    message_->setObjectName(QStringLiteral("settings.keys.message"));
    message_->setWordWrap(true);
    place();
    connect(list_, &QTreeWidget::currentItemChanged, this, &KeymapPage::endRecording);
    connect(list_, &QTreeWidget::itemActivated, this, &KeymapPage::startRecording);
    connect(capture_, &KeyCapture::captured, this, &KeymapPage::take);
    connect(capture_, &KeyCapture::cancelled, this, &KeymapPage::endRecording);
    connect(&registry_, &ActionRegistry::keysChanged, this, &KeymapPage::fill);
    connect(&settings_, &Settings::changed, this, &KeymapPage::fill);
    connect(&settings_, &Settings::problemsChanged, this, &KeymapPage::showState);
    connect(&appearance_, &Appearance::changed, this, &KeymapPage::applyLook);
    applyLook();
    retranslate();
}

QPushButton* KeymapPage::addButton(const QString& objectName, void (KeymapPage::*run)()) {
    auto* button = new QPushButton(this);
    button->setObjectName(objectName);
    connect(button, &QPushButton::clicked, this, run);
    return button;
}

void KeymapPage::place() {
    auto* above = new QHBoxLayout;
    above->setSpacing(grid(2));
    above->addWidget(record_);
    above->addWidget(remove_);
    above->addWidget(reset_);
    above->addStretch();
    auto* all = new QHBoxLayout;
    all->setSpacing(grid(2));
    all->addWidget(resetAll_);
    all->addWidget(print_);
    all->addWidget(count_, 1);
    auto* below = new QHBoxLayout;
    below->setSpacing(grid(2));
    below->addWidget(capture_);
    below->addWidget(message_, 1);
    below->addWidget(swap_);
    below->addWidget(keep_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(2), 0, 0);
    layout->setSpacing(grid(2));
    layout->addWidget(list_, 1);
    layout->addLayout(below);
    layout->addLayout(above);
    layout->addLayout(all);
}

void KeymapPage::applyLook() {
    const Look& look = appearance_.look();
    capture_->setFixedWidth(grid(48) * look.textPercent() / 100);
    list_->setMinimumHeight(kKeymapRowsShown * (list_->fontMetrics().lineSpacing() + grid(1)));
    fill();
}

void KeymapPage::retranslate() {
    list_->setHeaderLabels({tr("Action"), tr("Keys"), tr("State")});
    list_->setAccessibleName(tr("Actions and their keys"));
    record_->setText(tr("Record a key…"));
    remove_->setText(tr("No key"));
    remove_->setAccessibleName(tr("Take the key away from the chosen action"));
    reset_->setText(tr("Reset"));
    reset_->setAccessibleName(tr("Reset the key of the chosen action"));
    resetAll_->setText(tr("Reset all"));
    resetAll_->setAccessibleName(tr("Reset the keys of all actions"));
    print_->setText(tr("Print the sheet…"));
    swap_->setText(tr("Swap"));
    swap_->setAccessibleName(tr("Let the two actions swap their keys"));
    keep_->setText(tr("Leave it"));
    keep_->setAccessibleName(tr("Leave the keys as they were"));
    capture_->setPlaceholderText(tr("Press the new key"));
    capture_->setAccessibleName(tr("New key; Escape gives up"));
    fill();
}

QString KeymapPage::titleOf(const QString& actionId) const {
    return registry_.action(QLatin1String(actionId.toLatin1())).text();
}

int KeymapPage::setFilter(const QString& text) {
    filter_ = text;
    fill();
    int count = 0;
    for (int i = 0; i < list_->topLevelItemCount(); ++i)
        count += list_->topLevelItem(i)->childCount();
    return count;
}

void KeymapPage::fill() {
    const QString chosen = chosenId();
    const Keymap keymap(settings_.list("desktop.keys"));
    const QSignalBlocker quiet(list_);
    list_->clear();
    const Look& look = appearance_.look();
    QTreeWidgetItem* group = nullptr;
    QTreeWidgetItem* again = nullptr;
    const ActionContext* before = nullptr;
    for (const QAction* action : registry_.actions()) {
        const ActionSpec& spec = registry_.spec(*action);
        const QString keys = registry_.keysText(*action), id = action->objectName();
        if (!filter_.isEmpty() && !action->text().contains(filter_, Qt::CaseInsensitive) &&
            !keys.contains(filter_, Qt::CaseInsensitive))
            continue;
        if (before == nullptr || *before != spec.context) {
            before = &spec.context;
            group = new QTreeWidgetItem(
                list_, {QCoreApplication::translate("ActionContexts", contextTitle(spec.context))});
            group->setFirstColumnSpanned(true);
            group->setFlags(Qt::ItemIsEnabled);
            group->setFont(0, look.font(TextRole::title));
        }
        const bool isChanged = keymap.isChanged(id);
        auto* item = new QTreeWidgetItem(
            group, {action->text(), keys, isChanged ? tr("changed") : QString()});
        item->setData(0, kActionRole, id);
        item->setForeground(stateColumn, look.color(Role::textMuted));
        if (isChanged) item->setFont(keysColumn, look.font(TextRole::title));
        if (id == chosen) again = item;
    }
    list_->expandAll();
    list_->setCurrentItem(again);
    list_->resizeColumnToContents(actionColumn);
    list_->resizeColumnToContents(keysColumn);
    list_->setColumnWidth(actionColumn, list_->columnWidth(actionColumn) + grid(6));
    list_->setColumnWidth(keysColumn, list_->columnWidth(keysColumn) + grid(6));
    showState();
}

QString KeymapPage::chosenId() const {
    const QTreeWidgetItem* item = list_->currentItem();
    return item != nullptr ? item->data(0, kActionRole).toString() : QString();
}

void KeymapPage::showState() {
    const QString id = chosenId();
    const Keymap keymap(settings_.list("desktop.keys"));
    const bool mayWrite = !settings_.isBroken();
    const bool isRecording = !recordingFor_.isEmpty(), isAsking = !otherId_.isEmpty();
    record_->setEnabled(mayWrite && !id.isEmpty() && !isRecording);
    remove_->setEnabled(mayWrite && !id.isEmpty() && !keymap.keys(id).isEmpty());
    reset_->setEnabled(mayWrite && keymap.isChanged(id));
    resetAll_->setEnabled(mayWrite && !keymap.entries().isEmpty());
    capture_->setVisible(isRecording);
    swap_->setVisible(isAsking);
    keep_->setVisible(isAsking);
    if (isRecording)
        message_->setText(tr("For “%1”. Escape gives up.").arg(titleOf(recordingFor_)));
    else if (isAsking)
        message_->setText(
            tr("%1 stands for “%2” already.").arg(native(wantedKeys_), titleOf(otherId_)));
    message_->setVisible(isRecording || isAsking || !message_->text().isEmpty());
    const int nChanged = int(keymap.entries().size());
    count_->setText(tr("Changed keys: %1").arg(nChanged));
    count_->setVisible(nChanged > 0);
    count_->setForegroundRole(QPalette::PlaceholderText);
}

void KeymapPage::startRecording() {
    const QString id = chosenId();
    if (id.isEmpty() || settings_.isBroken()) return;
    otherId_.clear();
    recordingFor_ = id;
    capture_->clear();
    showState();
    capture_->setFocus();
}

void KeymapPage::endRecording() {
    const bool hadFocus = capture_->hasFocus() || keep_->hasFocus() || swap_->hasFocus();
    recordingFor_.clear();
    otherId_.clear();
    message_->clear();
    showState();
    if (hadFocus) list_->setFocus();
}

void KeymapPage::take(const QKeySequence& keys) {
    const QString id = recordingFor_;
    Keymap keymap(settings_.list("desktop.keys"));
    const QStringList others = keymap.inTheWay(id, keys);
    endRecording();
    if (others.isEmpty()) {
        keymap.set(id, keys);
        return write(keymap);
    }
    if (others.size() > 1) {
        // One swap could not free it.
        message_->setText(
            tr("%1 stands for several actions already. Choose another key.").arg(native(keys)));
        message_->show();
        return;
    }
    askedFor_ = id;
    otherId_ = others.front();
    wantedKeys_ = keys;
    showState();
    swap_->setFocus();
}

void KeymapPage::swap() {
    Keymap keymap(settings_.list("desktop.keys"));
    keymap.swap(askedFor_, wantedKeys_, otherId_);
    const bool fits = keymap.inTheWay(otherId_, keymap.keys(otherId_)).isEmpty();
    // The other action works elsewhere, where the old key may be taken: then it has none.
    if (!fits) keymap.set(otherId_, {});
    list_->setFocus();
    endRecording();
    write(keymap);
}

void KeymapPage::removeKeys() {
    Keymap keymap(settings_.list("desktop.keys"));
    keymap.set(chosenId(), {});
    write(keymap);
}

void KeymapPage::resetOne() {
    const QString id = chosenId();
    Keymap keymap(settings_.list("desktop.keys"));
    keymap.reset(id);
    // The default may have gone to another action meanwhile: then that one gives it back.
    for (const QString& other : keymap.inTheWay(id, keymap.keys(id)))
        keymap.set(other, {});
    write(keymap);
}

void KeymapPage::resetAll() {
    write(Keymap({}));
}

void KeymapPage::write(const Keymap& keymap) {
    nlohmann::json entries = nlohmann::json::array();
    for (const QString& entry : keymap.entries())
        entries.push_back(entry.toStdString());
    const base::Status written = settings_.set("desktop.keys", entries.dump());
    if (written) registry_.applyKeymap(settings_.list("desktop.keys"));
    message_->setText(written ? QString() : QString::fromStdString(written.error().message()));
    showState();
}

void KeymapPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

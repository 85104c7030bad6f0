#include "app/desktop/canvas/canvas_accessible.h"

#include <QAccessible>
#include <QAccessibleActionInterface>
#include <QAccessibleWidget>
#include <QCoreApplication>
#include <QLocale>
#include <QPointer>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/desktop/canvas/canvas.h"

namespace moxie::desktop {

namespace {

// Interfaces belong to Qt's cache; we keep their ids and give them back.
class OwnedInterfaces {
public:
    OwnedInterfaces() = default;
    OwnedInterfaces(const OwnedInterfaces&) = delete;
    OwnedInterfaces& operator=(const OwnedInterfaces&) = delete;

    ~OwnedInterfaces() { clear(); }

    template <class Make>
    QAccessibleInterface* ensure(int64_t key, Make make) {
        if (const auto known = ids_.find(key); known != ids_.end())
            return QAccessible::accessibleInterface(known->second);
        auto made = make();
        ids_[key] = QAccessible::registerAccessibleInterface(made.get());
        return made.release();  // Qt's cache deletes it
    }

    void keepOnly(ItemRange range) {
        for (auto it = ids_.begin(); it != ids_.end();) {
            if (range.contains(it->first)) {
                ++it;
                continue;
            }
            QAccessible::deleteAccessibleInterface(it->second);
            it = ids_.erase(it);
        }
    }

    void clear() { keepOnly({}); }

private:
    std::map<int64_t, QAccessible::Id> ids_;
};

QRect onScreen(const Canvas& canvas, QRect rect) {
    rect = rect.intersected(canvas.viewport()->rect());
    return {canvas.viewport()->mapToGlobal(rect.topLeft()), rect.size()};
}

class Child : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    Child(Canvas* canvas, int64_t item) : canvas_(canvas), item_(item) {}

    bool isValid() const override { return canvas_ && item_ < canvas_->itemCount(); }

    QObject* object() const override { return nullptr; }

    void setText(QAccessible::Text, const QString&) override {}

    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = 0; i < childCount(); ++i)
            if (QAccessibleInterface* inner = child(i); inner && inner->rect().contains(x, y))
                return inner;
        return nullptr;
    }

    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface && !actionNames().isEmpty()
                   ? static_cast<QAccessibleActionInterface*>(this)
                   : nullptr;
    }

    QStringList keyBindingsForAction(const QString&) const override { return {}; }

protected:
    // Null once the widget is gone.
    Canvas* canvas() const { return canvas_.data(); }

    int64_t item() const { return item_; }

private:
    QPointer<Canvas> canvas_;
    int64_t item_;
};

class ControlChild final : public Child {
public:
    ControlChild(Canvas* canvas, int64_t item, size_t index) : Child(canvas, item), index_(index) {}

    bool isValid() const override { return Child::isValid() && find().has_value(); }

    QAccessibleInterface* parent() const override {
        if (!canvas()) return nullptr;
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(canvas());
        return list ? list->child(int(item() - canvas()->visibleItems().begin)) : nullptr;
    }

    QAccessibleInterface* child(int) const override { return nullptr; }

    int childCount() const override { return 0; }

    int indexOfChild(const QAccessibleInterface*) const override { return -1; }

    QString text(QAccessible::Text kind) const override {
        const auto control = find();
        if (!control) return {};
        if (kind == QAccessible::Name) return control->name;
        if (kind == QAccessible::Value) return control->href;
        return {};
    }

    QRect rect() const override {
        const auto control = find();
        return control ? onScreen(*canvas(), control->rect) : QRect();
    }

    QAccessible::Role role() const override {
        const auto control = find();
        return control && control->kind == CanvasControl::Kind::link ? QAccessible::Link
                                                                     : QAccessible::Button;
    }

    QAccessible::State state() const override {
        QAccessible::State state;
        const auto control = find();
        state.invalid = !control;
        state.focusable = true;
        state.focused = control && canvas()->focusedControl() == ControlPlace{item(), index_};
        state.offscreen = control && !canvas()->isInView(*control);
        state.expandable = control && (control->kind == CanvasControl::Kind::foldOpen ||
                                       control->kind == CanvasControl::Kind::foldClosed);
        state.expanded = control && control->kind == CanvasControl::Kind::foldOpen;
        state.collapsed = control && control->kind == CanvasControl::Kind::foldClosed;
        return state;
    }

    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }

    void doAction(const QString& name) override {
        const auto control = find();
        if (!control) return;
        if (name == pressAction()) canvas()->activate(item(), *control);
        if (name == setFocusAction()) canvas()->setFocusToControl({item(), index_});
    }

private:
    std::optional<CanvasControl> find() const {
        if (!canvas() || !canvas()->visibleItems().contains(item())) return std::nullopt;
        const std::vector<CanvasControl> all = canvas()->controls(item());
        return index_ < all.size() ? std::optional(all[index_]) : std::nullopt;
    }

    size_t index_;
};

class ItemChild final : public Child {
public:
    using Child::Child;

    QAccessibleInterface* parent() const override {
        return canvas() ? QAccessible::queryAccessibleInterface(canvas()) : nullptr;
    }

    int childCount() const override {
        return isValid() && canvas()->visibleItems().contains(item())
                   ? int(canvas()->controls(item()).size())
                   : 0;
    }

    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) return nullptr;
        return controls_.ensure(
            index, [&] { return std::make_unique<ControlChild>(canvas(), item(), size_t(index)); });
    }

    int indexOfChild(const QAccessibleInterface* wanted) const override {
        for (int i = 0; i < childCount(); ++i)
            if (child(i) == wanted) return i;
        return -1;
    }

    QString text(QAccessible::Text kind) const override {
        return isValid() && kind == QAccessible::Name ? canvas()->spokenName(item()) : QString();
    }

    QRect rect() const override {
        return isValid() ? onScreen(*canvas(), canvas()->itemRect(item())) : QRect();
    }

    QAccessible::Role role() const override { return QAccessible::ListItem; }

    QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = true;
        state.readOnly = true;
        state.invalid = !isValid();
        state.focused = isValid() && canvas()->hasFocus() && canvas()->caret().item == item() &&
                        !canvas()->focusedControl();
        return state;
    }

    QStringList actionNames() const override { return {}; }

    void doAction(const QString&) override {}

private:
    mutable OwnedInterfaces controls_;
};

class CanvasList final : public QAccessibleWidget {
public:
    explicit CanvasList(Canvas* canvas) : QAccessibleWidget(canvas, QAccessible::List) {}

    int childCount() const override {
        return canvas() ? int(visible().count() + parts().size()) : 0;
    }

    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) return nullptr;
        const ItemRange range = visible();
        if (index >= range.count())
            return QAccessible::queryAccessibleInterface(parts()[index - range.count()]);
        items_.keepOnly(range);
        const int64_t item = range.begin + index;
        return items_.ensure(item, [&] { return std::make_unique<ItemChild>(canvas(), item); });
    }

    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = 0; i < childCount(); ++i)
            if (QAccessibleInterface* item = child(i); item && item->rect().contains(x, y))
                return item;
        return nullptr;
    }

    int indexOfChild(const QAccessibleInterface* wanted) const override {
        for (int i = 0; i < childCount(); ++i)
            if (child(i) == wanted) return i;
        return -1;
    }

    QAccessibleInterface* focusChild() const override {
        if (!canvas() || !canvas()->hasFocus()) return nullptr;
        const std::optional<ControlPlace> control = canvas()->focusedControl();
        const int64_t item = control ? control->item : canvas()->caret().item;
        QAccessibleInterface* found = child(int(item - visible().begin));
        return control && found != nullptr ? found->child(int(control->index)) : found;
    }

    QString text(QAccessible::Text kind) const override {
        if (kind != QAccessible::Description || !canvas()) return QAccessibleWidget::text(kind);
        const QLocale locale;
        const ItemRange range = visible();
        if (range.count() == 0) return QCoreApplication::translate("Canvas", "empty");
        return QCoreApplication::translate("Canvas", "%1 to %2 of %3")
            .arg(locale.toString(range.begin + 1), locale.toString(range.end),
                 locale.toString(canvas()->itemCount()));
    }

private:
    Canvas* canvas() const { return qobject_cast<Canvas*>(object()); }

    ItemRange visible() const { return canvas()->visibleItems(); }

    // Widgets that stand over the items, such as the buttons of a hunk.
    QList<QWidget*> parts() const {
        QList<QWidget*> found;
        for (const QWidget* host : {static_cast<const QWidget*>(canvas()),
                                    static_cast<const QWidget*>(canvas()->viewport())})
            for (QWidget* part :
                 host->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
                if (part->isVisible() && part != canvas()->viewport() &&
                    !part->objectName().startsWith(QLatin1String("qt_scrollarea")))
                    found.append(part);
        return found;
    }

    mutable OwnedInterfaces items_;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
    auto* canvas = qobject_cast<Canvas*>(object);
    return canvas == nullptr ? nullptr : new CanvasList(canvas);
}

}  // namespace

void installCanvasAccessibility() {
    QAccessible::installFactory(&makeInterface);  // Qt takes the same one once
}

}  // namespace moxie::desktop

// Asks the desktop environment whether it wants dark or high contrast, and follows changes: Qt's
// style hints where Qt knows them (6.5), else the desktop portal over D-Bus, else the lightness of
// the palette Qt found. Never waits: the answer of the portal arrives as an event.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QVariant>

#include "app/desktop/theme/appearance.h"

class QPalette;
class QDBusVariant;

namespace moxie::desktop {

// What a palette says about itself: the text is lighter than the ground.
SystemWish wishFromPalette(const QPalette& palette);

// The values of org.freedesktop.appearance: color-scheme 1 dark, 2 light, 0 no wish; contrast 1
// high. Variants inside variants are opened; anything else changes nothing.
SystemWish wishWith(SystemWish before, const QString& key, const QVariant& value);

class SystemWishWatcher final : public QObject {
    Q_OBJECT

public:
    // Construct before the first Appearance::applyTo: it reads the palette that Qt found.
    explicit SystemWishWatcher(QObject* parent = nullptr);

    SystemWish wish() const { return wish_; }

signals:
    void changed(moxie::desktop::SystemWish wish);

private:
    Q_SLOT void takePortalSetting(const QString& group, const QString& key,
                                  const QDBusVariant& value);
    void askPortal(const QString& key);
    void take(SystemWish wish);

    SystemWish wish_;
};

}  // namespace moxie::desktop

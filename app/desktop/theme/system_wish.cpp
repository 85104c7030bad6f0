#include "app/desktop/theme/system_wish.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QGuiApplication>
#include <QPalette>

#include "app/desktop/shell/qt_compat.h"

namespace moxie::desktop {

namespace {

const auto kService = QStringLiteral("org.freedesktop.portal.Desktop");
const auto kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const auto kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const auto kGroup = QStringLiteral("org.freedesktop.appearance");
const auto kColorScheme = QStringLiteral("color-scheme");
const auto kContrast = QStringLiteral("contrast");
constexpr int kNestedMax = 4;  // the portal answers with two
constexpr int kAnswerMsMax = 2'000;

}  // namespace

SystemWish wishFromPalette(const QPalette& palette) {
    return {.isDark = palette.color(QPalette::WindowText).lightness() >
                      palette.color(QPalette::Window).lightness()};
}

SystemWish wishWith(SystemWish before, const QString& key, const QVariant& value) {
    QVariant inner = value;
    for (int depth = 0; depth < kNestedMax && inner.canConvert<QDBusVariant>(); ++depth)
        inner = inner.value<QDBusVariant>().variant();
    bool isNumber = false;
    const uint number = inner.toUInt(&isNumber);
    if (!isNumber) return before;
    if (key == kColorScheme && (number == 1 || number == 2)) before.isDark = number == 1;
    if (key == kContrast) before.isHighContrast = number == 1;
    return before;
}

SystemWishWatcher::SystemWishWatcher(QObject* parent)
    : QObject(parent),
      wish_(wishFromPalette(QGuiApplication::palette())) {
    if (const auto isDark = styleHintsWantDark()) wish_.isDark = *isDark;
    onStyleHintsChange(this, [this](bool isDark) {
        take({.isDark = isDark, .isHighContrast = wish_.isHighContrast});
    });
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(takePortalSetting(QString, QString, QDBusVariant)));
    askPortal(kColorScheme);
    askPortal(kContrast);
}

void SystemWishWatcher::askPortal(const QString& key) {
    QDBusMessage call =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    call << kGroup << key;
    auto* pending = new QDBusPendingCallWatcher(
        QDBusConnection::sessionBus().asyncCall(call, kAnswerMsMax), this);
    connect(pending, &QDBusPendingCallWatcher::finished, this,
            [this, key](QDBusPendingCallWatcher* finished) {
                const QDBusPendingReply<QDBusVariant> reply = *finished;
                if (!reply.isError()) take(wishWith(wish_, key, reply.value().variant()));
                finished->deleteLater();
            });
}

void SystemWishWatcher::takePortalSetting(const QString& group, const QString& key,
                                          const QDBusVariant& value) {
    if (group == kGroup) take(wishWith(wish_, key, value.variant()));
}

void SystemWishWatcher::take(SystemWish wish) {
    if (wish == wish_) return;
    wish_ = wish;
    emit changed(wish);
}

}  // namespace moxie::desktop

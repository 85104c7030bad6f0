// Everything that differs between Qt 6.4 (the floor) and later versions, and nothing else.
// Threads: GUI thread only.
#pragma once
#include <QAccessible>
#include <QGuiApplication>
#include <QObject>
#include <QStyleHints>
#include <QtGlobal>
#include <functional>
#include <optional>

namespace moxie::desktop {

// What Qt knows of the system's colour scheme; nullopt before 6.5 or when it does not know.
inline std::optional<bool> styleHintsWantDark() {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
    if (scheme != Qt::ColorScheme::Unknown) return scheme == Qt::ColorScheme::Dark;
#endif
    return std::nullopt;
}

inline void onStyleHintsChange([[maybe_unused]] QObject* context,
                               [[maybe_unused]] const std::function<void(bool isDark)>& call) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    QObject::connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, context,
                     [call](Qt::ColorScheme scheme) {
                         if (scheme != Qt::ColorScheme::Unknown)
                             call(scheme == Qt::ColorScheme::Dark);
                     });
#endif
}

// Lets a screen reader say `text`. Before 6.8 there is no announcement, so `speaker`, whose
// accessible name is the text already, raises an alert.
inline void sendAnnouncement(QObject* speaker, [[maybe_unused]] const QString& text) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    QAccessibleAnnouncementEvent event(speaker, text);
#else
    QAccessibleEvent event(speaker, QAccessible::Alert);
#endif
    QAccessible::updateAccessibility(&event);
}

}  // namespace moxie::desktop

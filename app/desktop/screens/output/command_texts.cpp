#include "app/desktop/screens/output/command_texts.h"

#include <QCoreApplication>
#include <QLocale>

namespace moxie::desktop {

namespace {

QString say(const char* text) {
    return QCoreApplication::translate("CommandTexts", text);
}

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kTenSecondsMs = 10'000;

}  // namespace

CommandSign signOf(const CommandRow& row) {
    switch (row.state) {
        case CardState::running:
            return {QChar(0x25CF), Role::info};
        case CardState::asking:
            return {QLatin1Char('?'), Role::warning};
        case CardState::done:
            return {QChar(0x2713), Role::success};
        case CardState::failed:
            return {QChar(0x2717), Role::error};
        case CardState::denied:
        case CardState::interrupted:
            return {QChar(0x2013), Role::textMuted};
    }
    return {};
}

QString stateText(const CommandRow& row) {
    switch (row.state) {
        case CardState::running:
            return say(QT_TRANSLATE_NOOP("CommandTexts", "running"));
        case CardState::asking:
            return say(QT_TRANSLATE_NOOP("CommandTexts", "waits for your permission"));
        case CardState::denied:
            return say(QT_TRANSLATE_NOOP("CommandTexts", "denied"));
        case CardState::interrupted:
            return say(QT_TRANSLATE_NOOP("CommandTexts", "stopped"));
        case CardState::done:
        case CardState::failed:
            break;
    }
    if (row.exitCode >= 0)
        return say(QT_TRANSLATE_NOOP("CommandTexts", "exit %1")).arg(row.exitCode);
    return row.state == CardState::done ? say(QT_TRANSLATE_NOOP("CommandTexts", "done"))
                                        : say(QT_TRANSLATE_NOOP("CommandTexts", "failed"));
}

QString commandDuration(int64_t durationMs) {
    const QLocale locale;
    if (durationMs < kTenSecondsMs)
        return say(QT_TRANSLATE_NOOP("CommandTexts", "%1 s"))
            .arg(locale.toString(double(durationMs) / 1000, 'f', 1));
    if (durationMs < kMinuteMs)
        return say(QT_TRANSLATE_NOOP("CommandTexts", "%1 s"))
            .arg(locale.toString(qlonglong(durationMs / 1000)));
    return say(QT_TRANSLATE_NOOP("CommandTexts", "%1 min %2 s"))
        .arg(locale.toString(qlonglong(durationMs / kMinuteMs)))
        .arg(durationMs % kMinuteMs / 1000);
}

QString commandText(const CommandRow& row) {
    if (row.command.empty()) return say(QT_TRANSLATE_NOOP("CommandTexts", "verification"));
    QString text = QString::fromStdString(row.command);
    text.replace(QLatin1Char('\n'), QChar(0x21B5));
    for (QChar& c : text)
        if (c.unicode() < 0x20) c = QChar(0x2400 + c.unicode());  // the pictures of controls
    return text;
}

QString ownerText(const CommandRow& row) {
    return row.isCheck ? say(QT_TRANSLATE_NOOP("CommandTexts", "check"))
                       : say(QT_TRANSLATE_NOOP("CommandTexts", "agent"));
}

}  // namespace moxie::desktop

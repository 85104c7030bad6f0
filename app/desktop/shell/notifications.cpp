#include "app/desktop/shell/notifications.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QVariantMap>
#include <QWidget>
#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/settings.h"

namespace moxie::desktop {

namespace {

const QString kService = QStringLiteral("org.freedesktop.Notifications");
const QString kPath = QStringLiteral("/org/freedesktop/Notifications");
constexpr int kExpireByServer = -1;
constexpr int kTextCharsMax = 300;
constexpr uchar kUrgencyNormal = 1, kUrgencyCritical = 2;

QDBusMessage callOf(const char* method) {
    return QDBusMessage::createMethodCall(kService, kPath, kService, QLatin1String(method));
}

QString shortened(const std::string& text) {
    QString shown = QString::fromStdString(text).simplified();
    if (shown.size() > kTextCharsMax) shown = shown.left(kTextCharsMax - 1) + QChar(0x2026);
    return shown;
}

std::string_view trimmedEnd(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    return text;
}

// The answer of a turn, where it ends with a question mark (also the Chinese one).
bool isQuestion(std::string_view answer) {
    answer = trimmedEnd(answer);
    return answer.ends_with('?') || answer.ends_with("\xEF\xBC\x9F");
}

std::string answerOf(const Turn& turn) {
    if (turn.answerItem < 0 || turn.answerItem >= turn.items.size()) return {};
    const auto* text = turn.items[turn.answerItem].as<TextItem>();
    return text == nullptr ? std::string() : text->text;
}

std::string lastLineOf(std::string_view text) {
    text = trimmedEnd(text);
    const size_t line = text.rfind('\n');
    return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
}

bool isFailure(agent::EndStatus status) {
    switch (status) {
        case agent::EndStatus::verified:
        case agent::EndStatus::unverified:
        case agent::EndStatus::interrupted:
        case agent::EndStatus::terminated:
            return false;
        default:
            return true;
    }
}

}  // namespace

// ---- the desktop

DesktopNotifier::DesktopNotifier(QObject* parent) : NotificationSink(parent) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(kService, kPath, kService, QStringLiteral("ActionInvoked"), this,
                SLOT(onActionInvoked(quint32, QString)));
    bus.connect(kService, kPath, kService, QStringLiteral("NotificationClosed"), this,
                SLOT(onNotificationClosed(quint32, quint32)));
}

void DesktopNotifier::show(quint64 token, const Notification& notification) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    QVariantMap hints;
    hints.insert(QStringLiteral("urgency"),
                 QVariant::fromValue(notification.isUrgent ? kUrgencyCritical : kUrgencyNormal));
    hints.insert(QStringLiteral("desktop-entry"), QStringLiteral("moxie"));
    QDBusMessage call = callOf("Notify");
    call << QApplication::applicationDisplayName() << quint32(notification.replaces)
         << QStringLiteral("moxie") << notification.title
         << notification.text.toHtmlEscaped()  // a server may read markup
         << QStringList{QStringLiteral("default"), tr("Show")} << hints << kExpireByServer;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, token, watcher] {
        const QDBusPendingReply<quint32> reply = *watcher;
        watcher->deleteLater();
        if (!reply.isError()) emit shown(token, reply.value());
    });
}

void DesktopNotifier::close(uint32_t id) {
    QDBusMessage call = callOf("CloseNotification");
    call << quint32(id);
    QDBusConnection::sessionBus().asyncCall(call);
}

void DesktopNotifier::onActionInvoked(quint32 id, const QString& action) {
    if (action == QLatin1String("default")) emit activated(id);
}

void DesktopNotifier::onNotificationClosed(quint32 id, quint32) {
    emit closed(id);
}

// ---- what is worth one

struct Notifications::Watched {
    SessionModel& session;
    std::set<std::string> askedCalls = {};  // of the permissions that were told or seen
    int64_t nTurnsEnded = 0;
    quint32 id = 0;  // of the notification that is shown; 0: none
};

namespace {

int64_t countEnded(const Conversation& conversation) {
    int64_t count = conversation.turns.size();
    // Only the last turn may be without an end that matters.
    if (count > 0 && !conversation.turns.back().status) --count;
    return count;
}

std::set<std::string> callsOf(const std::vector<PendingPermission>& pending) {
    std::set<std::string> calls;
    for (const PendingPermission& one : pending)
        calls.insert(one.question.callId);
    return calls;
}

}  // namespace

Notifications::Notifications(const QWidget& window, const Settings& settings,
                             NotificationSink& sink, QObject* parent)
    : QObject(parent),
      window_(window),
      settings_(settings),
      sink_(sink) {
    connect(&sink_, &NotificationSink::shown, this, [this](quint64 token, quint32 id) {
        const auto asked = asked_.find(token);
        if (asked == asked_.end()) return sink_.close(id);
        const auto watched = watched_.find(asked->second);
        asked_.erase(asked);
        if (watched != watched_.end()) watched->second->id = id;
    });
    connect(&sink_, &NotificationSink::activated, this, [this](quint32 id) {
        for (const auto& [session, watched] : watched_)
            if (watched->id == id) emit sessionWanted(session->id());
    });
    connect(&sink_, &NotificationSink::closed, this, [this](quint32 id) {
        for (const auto& [session, watched] : watched_)
            if (watched->id == id) watched->id = 0;
    });
}

Notifications::~Notifications() = default;

void Notifications::watch(SessionModel& session) {
    auto& watched = watched_[&session];
    if (watched) return;
    watched = std::make_unique<Watched>(Watched{.session = session});
    watched->askedCalls = callsOf(session.pending());
    watched->nTurnsEnded = countEnded(session.now().conversation);
    Watched& it = *watched;
    connect(&session, &SessionModel::pendingChanged, this, [this, &it] { onPending(it); });
    connect(&session, &SessionModel::changed, this, [this, &it] { onChanged(it); });
    connect(&session, &SessionModel::reset, this, [&it] {  // of history: nothing new
        it.nTurnsEnded = countEnded(it.session.now().conversation);
    });
    connect(&session, &QObject::destroyed, this, [this, &session] { forget(session); });
}

void Notifications::forget(const SessionModel& session) {
    watched_.erase(&session);
    std::erase_if(asked_, [&](const auto& one) { return one.second == &session; });
}

void Notifications::onPending(Watched& watched) {
    const auto& pending = watched.session.pending();
    const auto isNew = [&](const PendingPermission& one) {
        return !watched.askedCalls.contains(one.question.callId);
    };
    const auto fresh = std::find_if(pending.begin(), pending.end(), isNew);
    if (fresh != pending.end())
        tell(watched, {.title = tr("Moxie needs your permission"),
                       .text = shortened(fresh->question.summary),
                       .isUrgent = true});
    watched.askedCalls = callsOf(pending);
    // What was answered elsewhere is no news any more.
    if (pending.empty() && watched.id != 0) sink_.close(std::exchange(watched.id, 0));
}

void Notifications::onChanged(Watched& watched) {
    const Conversation& conversation = watched.session.now().conversation;
    const int64_t nEnded = countEnded(conversation);
    if (std::exchange(watched.nTurnsEnded, nEnded) >= nEnded) return;
    const Turn& turn = conversation.turns[nEnded - 1];
    if (!turn.status) return;
    if (isFailure(*turn.status))
        return tell(watched, {.title = *turn.status == agent::EndStatus::budget
                                           ? tr("Moxie has stopped: the budget is spent")
                                           : tr("Moxie has stopped without finishing"),
                              .text = shortened(turn.reason),
                              .isUrgent = true});
    const std::string answer = answerOf(turn);
    if (isQuestion(answer))
        return tell(watched, {.title = tr("Moxie asks you something"),
                              .text = shortened(lastLineOf(answer))});
    const bool isStopped = *turn.status == agent::EndStatus::interrupted ||
                           *turn.status == agent::EndStatus::terminated;
    if (!isStopped && turn.endedMs - turn.startedMs > kLongTurnMs)
        tell(watched, {.title = tr("Moxie has finished"), .text = shortened(turn.task)});
}

void Notifications::tell(Watched& watched, const Notification& notification) {
    if (window_.isActiveWindow() || !settings_.isOn("desktop.notifications")) return;
    Notification now = notification;
    now.replaces = watched.id;
    asked_[++lastToken_] = &watched.session;
    sink_.show(lastToken_, now);
}

}  // namespace moxie::desktop

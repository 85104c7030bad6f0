// Desktop notifications of what a person who looks elsewhere should know: the agent needs a
// permission, asks something, has finished after a long turn, or has failed. Never of progress, and
// never while the window is the active one. A click brings the session back. Where there is no
// notification service, or the setting "desktop.notifications" is off, nothing happens.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <cstdint>
#include <map>
#include <memory>

class QWidget;

namespace moxie::desktop {

class SessionModel;
class Settings;

struct Notification {
    QString title = {}, text = {};  // plain text
    bool isUrgent = false;          // waits for the user
    uint32_t replaces = 0;          // an earlier one; 0: none
};

// Where notifications go; DesktopNotifier is the real one.
class NotificationSink : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    // `token` comes back in the signals. Nothing waits.
    virtual void show(quint64 token, const Notification& notification) = 0;
    virtual void close(uint32_t id) = 0;

signals:
    void shown(quint64 token, quint32 id);
    void activated(quint32 id);
    void closed(quint32 id);
};

// org.freedesktop.Notifications of the session bus, asked without waiting; silent where it is
// absent.
class DesktopNotifier final : public NotificationSink {
    Q_OBJECT

public:
    explicit DesktopNotifier(QObject* parent = nullptr);

    void show(quint64 token, const Notification& notification) override;
    void close(uint32_t id) override;

private slots:
    void onActionInvoked(quint32 id, const QString& action);
    void onNotificationClosed(quint32 id, quint32 reason);
};

class Notifications final : public QObject {
    Q_OBJECT

public:
    // A turn that took longer is worth a notification at its end.
    static constexpr int64_t kLongTurnMs = 30'000;

    // `window`, `settings` and `sink` outlive it.
    Notifications(const QWidget& window, const Settings& settings, NotificationSink& sink,
                  QObject* parent = nullptr);
    ~Notifications() override;

    // From now on, until the model goes. What is in it already is not told.
    void watch(SessionModel& session);

signals:
    // A notification of this session was clicked.
    void sessionWanted(const QString& id);

private:
    struct Watched;

    void onPending(Watched& watched);
    void onChanged(Watched& watched);
    void tell(Watched& watched, const Notification& notification);
    void forget(const SessionModel& session);

    const QWidget& window_;
    const Settings& settings_;
    NotificationSink& sink_;
    std::map<const SessionModel*, std::unique_ptr<Watched>> watched_;
    std::map<quint64, const SessionModel*> asked_;  // tokens without an id yet
    quint64 lastToken_ = 0;
};

}  // namespace moxie::desktop

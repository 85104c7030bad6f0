// One window per user: the second start hands its wish to the first and ends. The first is found
// through a socket in the runtime folder, and only a peer that answers counts: a socket left by a
// crash is taken over at once, one whose owner hangs is left alone and this start goes on beside
// it. The protocol is one JSON object per line, so that `moxie open` can speak it without Qt:
//   peer:  {"moxie":1}
//   we:    {"do":"open","path":"/x/a.cpp","line":3,"column":1,"ask":"why?"}
//   peer:  {"done":true}
// Nothing waits: outcomes are signals. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <memory>
#include <optional>

class QLocalServer;
class QLocalSocket;
class QLockFile;
class QTimer;

namespace moxie::desktop {

struct OpenRequest {
    QString path = {};  // absolute; a folder, or a file; empty: only show the window
    int line = 0, column = 0;
    QString ask = {};

    bool operator==(const OpenRequest&) const = default;
};

QByteArray toLine(const OpenRequest& request);
// nullopt: not a request.
std::optional<OpenRequest> requestFromLine(const QByteArray& line);

// In the runtime folder of the user; another one for each MOXIE_HOME.
QString defaultSocketPath();

class SingleInstance final : public QObject {
    Q_OBJECT

public:
    enum class Outcome : uint8_t { first, handedOver, besideHangingPeer };

    SingleInstance(QString socketPath, QObject* parent = nullptr);
    ~SingleInstance() override;

    // Call once; `decided` follows within about a second.
    void start(const OpenRequest& request);

signals:
    void decided(moxie::desktop::SingleInstance::Outcome outcome);
    // Of later starts, when we are the first.
    void requested(const moxie::desktop::OpenRequest& request);

private:
    void askPeer();
    void takeOver();
    void serve(QLocalSocket& client);
    void decide(Outcome outcome);

    const QString path_;
    OpenRequest request_;
    QLocalSocket* peer_ = nullptr;
    QLocalServer* server_ = nullptr;
    QTimer* patience_;
    std::unique_ptr<QLockFile> lock_;
    int tries_ = 0;
    bool isDecided_ = false;
};

}  // namespace moxie::desktop

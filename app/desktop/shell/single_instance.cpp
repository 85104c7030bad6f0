#include "app/desktop/shell/single_instance.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalServer>
#include <QLocalSocket>
#include <QLockFile>
#include <QTimer>
#include <algorithm>
#include <utility>

#include "app/cli/window_socket.h"

namespace moxie::desktop {

namespace {

constexpr int kPatienceMs = 1'000;
constexpr int kRetryMs = 30;
constexpr int kTriesMax = 20;
constexpr qint64 kLineBytesMax = 1 << 20;  // a longer question is a file

QByteArray greeting() {
    return "{\"moxie\":1}\n";
}

QByteArray done() {
    return "{\"done\":true}\n";
}

bool isTrue(const QByteArray& line, const QString& key) {
    const QJsonValue value = QJsonDocument::fromJson(line).object()[key];
    return value.toBool() || value.toInt() == 1;
}

}  // namespace

QByteArray toLine(const OpenRequest& request) {
    const QJsonObject json = {
        {QStringLiteral("do"), QStringLiteral("open")}, {QStringLiteral("path"), request.path},
        {QStringLiteral("line"), request.line},         {QStringLiteral("column"), request.column},
        {QStringLiteral("ask"), request.ask},
    };
    return QJsonDocument(json).toJson(QJsonDocument::Compact) + '\n';
}

std::optional<OpenRequest> requestFromLine(const QByteArray& line) {
    const QJsonObject json = QJsonDocument::fromJson(line).object();
    if (json[QStringLiteral("do")].toString() != QLatin1String("open")) return std::nullopt;
    OpenRequest request;
    request.path = json[QStringLiteral("path")].toString();
    if (!request.path.isEmpty() && QDir::isRelativePath(request.path)) return std::nullopt;
    request.line = std::max(0, json[QStringLiteral("line")].toInt());
    request.column = std::max(0, json[QStringLiteral("column")].toInt());
    request.ask = json[QStringLiteral("ask")].toString();
    return request;
}

QString defaultSocketPath() {
    const std::filesystem::path path = app::windowSocketPath();
    QDir().mkpath(QString::fromStdString(path.parent_path().string()));
    return QString::fromStdString(path.string());
}

SingleInstance::SingleInstance(QString socketPath, QObject* parent)
    : QObject(parent),
      path_(std::move(socketPath)),
      patience_(new QTimer(this)) {
    patience_->setSingleShot(true);
    connect(patience_, &QTimer::timeout, this, [this] { decide(Outcome::besideHangingPeer); });
}

SingleInstance::~SingleInstance() {
    if (server_ != nullptr) server_->disconnect(this);
}

void SingleInstance::start(const OpenRequest& request) {
    request_ = request;
    patience_->start(kPatienceMs);
    askPeer();
}

void SingleInstance::askPeer() {
    if (isDecided_) return;
    if (peer_ != nullptr) peer_->deleteLater();
    peer_ = new QLocalSocket(this);
    connect(peer_, &QLocalSocket::errorOccurred, this, [this](QLocalSocket::LocalSocketError) {
        if (isDecided_) return;
        peer_->disconnect(this);
        takeOver();
    });
    connect(peer_, &QLocalSocket::readyRead, this, [this] {
        while (peer_->canReadLine()) {
            const QByteArray line = peer_->readLine(kLineBytesMax);
            if (isTrue(line, QStringLiteral("done"))) return decide(Outcome::handedOver);
            if (isTrue(line, QStringLiteral("moxie"))) peer_->write(toLine(request_));
        }
    });
    peer_->connectToServer(path_);
}

// Only one start may replace a dead socket; the others ask again and find the new owner.
void SingleInstance::takeOver() {
    if (!lock_) lock_ = std::make_unique<QLockFile>(path_ + QStringLiteral(".lock"));
    if (!lock_->tryLock(0)) {
        if (++tries_ > kTriesMax) return decide(Outcome::besideHangingPeer);
        QTimer::singleShot(kRetryMs, this, &SingleInstance::askPeer);
        return;
    }
    QLocalServer::removeServer(path_);
    server_ = new QLocalServer(this);
    server_->setSocketOptions(QLocalServer::UserAccessOption);
    connect(server_, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* client = server_->nextPendingConnection())
            serve(*client);
    });
    const bool isListening = server_->listen(path_);
    lock_->unlock();
    decide(isListening ? Outcome::first : Outcome::besideHangingPeer);
}

void SingleInstance::serve(QLocalSocket& client) {
    connect(&client, &QLocalSocket::disconnected, &client, &QObject::deleteLater);
    connect(&client, &QLocalSocket::readyRead, this, [this, &client] {
        if (!client.canReadLine()) {
            if (client.bytesAvailable() > kLineBytesMax) client.abort();
            return;
        }
        const auto request = requestFromLine(client.readLine(kLineBytesMax));
        if (!request) return client.abort();
        client.write(done());
        client.disconnectFromServer();
        emit requested(*request);
    });
    client.write(greeting());
}

void SingleInstance::decide(Outcome outcome) {
    if (std::exchange(isDecided_, true)) return;
    patience_->stop();
    emit decided(outcome);
}

}  // namespace moxie::desktop

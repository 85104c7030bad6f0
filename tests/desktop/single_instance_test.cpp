#include "app/desktop/shell/single_instance.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QSignalSpy>
#include <QTemporaryDir>

#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

// One start of the program.
struct Start {
    Start(const QString& path, const OpenRequest& request) : instance(path) {
        QObject::connect(&instance, &SingleInstance::decided, &instance,
                         [this](SingleInstance::Outcome decided) { outcome = decided; });
        QObject::connect(&instance, &SingleInstance::requested, &instance,
                         [this](const OpenRequest& got) { requests.push_back(got); });
        instance.start(request);
    }

    bool isDecided() {
        return waitUntil([this] { return outcome.has_value(); });
    }

    SingleInstance instance;
    std::optional<SingleInstance::Outcome> outcome;
    std::vector<OpenRequest> requests;
};

struct Place {
    Place() { application(); }

    QString socket() const { return folder.filePath(QStringLiteral("s")); }

    QTemporaryDir folder;
};

}  // namespace

TEST_CASE("a request is one line and anything else is refused", "[desktop][instance]") {
    const OpenRequest request{.path = QString::fromUtf8("/a/差 b.cpp"),
                              .line = 3,
                              .column = 7,
                              .ask = QStringLiteral("why\nthis?")};
    CHECK(requestFromLine(toLine(request)) == request);
    CHECK(toLine(request).count('\n') == 1);
    for (const char* wrong :
         {"", "{", "[]", "{\"do\":\"quit\"}", "{\"do\":\"open\",\"path\":\"a\"}"})
        CHECK_FALSE(requestFromLine(wrong));
    CHECK(requestFromLine("{\"do\":\"open\",\"line\":-5}")->line == 0);
}

TEST_CASE("the second start hands its wish to the first", "[desktop][instance]") {
    const Place place;
    Start first(place.socket(), {});
    REQUIRE(first.isDecided());
    CHECK(*first.outcome == SingleInstance::Outcome::first);
    const OpenRequest wish{.path = QStringLiteral("/x/a.cpp"), .line = 12};
    Start second(place.socket(), wish);
    REQUIRE(second.isDecided());
    CHECK(*second.outcome == SingleInstance::Outcome::handedOver);
    REQUIRE(waitUntil([&] { return first.requests.size() == 1; }));
    CHECK(first.requests[0] == wish);
}

TEST_CASE("a socket left by a crash is taken over", "[desktop][instance]") {
    const Place place;
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const QByteArray path = place.socket().toLocal8Bit();
    REQUIRE(size_t(path.size()) < sizeof(address.sun_path));
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    ::close(left);  // nobody listens, the file stays
    REQUIRE(QFile::exists(place.socket()));
    Start start(place.socket(), {});
    REQUIRE(start.isDecided());
    CHECK(*start.outcome == SingleInstance::Outcome::first);
}

TEST_CASE("a peer that hangs does not keep us from starting and keeps its socket",
          "[desktop][instance]") {
    const Place place;
    QLocalServer silent;
    REQUIRE(silent.listen(place.socket()));
    Start start(place.socket(), {});
    REQUIRE(start.isDecided());
    CHECK(*start.outcome == SingleInstance::Outcome::besideHangingPeer);
    CHECK(silent.isListening());
    CHECK(QFile::exists(place.socket()));
}

TEST_CASE("of many starts at once exactly one is the first", "[desktop][instance]") {
    const Place place;
    std::vector<std::unique_ptr<Start>> starts;
    for (int i = 0; i < 6; ++i)
        starts.push_back(std::make_unique<Start>(
            place.socket(), OpenRequest{.path = QStringLiteral("/%1").arg(i)}));
    int firsts = 0;
    size_t handedOver = 0, arrived = 0;
    for (const auto& start : starts) {
        REQUIRE(start->isDecided());
        firsts += *start->outcome == SingleInstance::Outcome::first ? 1 : 0;
        handedOver += *start->outcome == SingleInstance::Outcome::handedOver ? 1 : 0;
    }
    CHECK(firsts == 1);
    CHECK(handedOver == 5);
    for (const auto& start : starts)
        arrived += start->requests.size();
    CHECK(arrived == 5);
}

TEST_CASE("garbage from a client is dropped and the next one is served", "[desktop][instance]") {
    const Place place;
    Start first(place.socket(), {});
    REQUIRE(first.isDecided());
    QLocalSocket rude;
    rude.connectToServer(place.socket());
    REQUIRE(waitUntil([&] { return rude.state() == QLocalSocket::ConnectedState; }));
    rude.write("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(waitUntil([&] { return rude.state() == QLocalSocket::UnconnectedState; }));
    Start second(place.socket(), {.path = QStringLiteral("/y")});
    REQUIRE(second.isDecided());
    CHECK(*second.outcome == SingleInstance::Outcome::handedOver);
}

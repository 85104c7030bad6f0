// `moxie open` against a real SingleInstance.
#include <QFile>
#include <QLocalServer>
#include <QProcess>
#include <QTemporaryDir>
#include <memory>
#include <vector>

#include "app/cli/window_socket.h"
#include "app/desktop/shell/single_instance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/temp_home.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Machine {
    Machine() {
        application();
        qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
        QFile file(folder.filePath(QStringLiteral("a.cpp")));
        REQUIRE(file.open(QIODevice::WriteOnly));
    }

    ~Machine() { qunsetenv("XDG_RUNTIME_DIR"); }

    // Runs the command while our own loop goes on.
    int open(const QStringList& arguments, const QStringList& without = {}) {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("MOXIE_LANG"), QStringLiteral("en"));
        for (const QString& name : without)
            environment.remove(name);
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(folder.path());
        process.start(QStringLiteral(MOXIE_COMMAND),
                      QStringList{QStringLiteral("open")} + arguments);
        REQUIRE(waitUntil([&] { return process.state() == QProcess::NotRunning; }));
        said = QString::fromUtf8(process.readAllStandardError());
        return process.exitCode();
    }

    TempHome home;
    QTemporaryDir runtime, folder;
    QString said;
};

struct Window {
    Window() : instance(defaultSocketPath()) {
        QObject::connect(&instance, &SingleInstance::decided, &instance,
                         [this] { isDecided = true; });
        QObject::connect(&instance, &SingleInstance::requested, &instance,
                         [this](const OpenRequest& request) { requests.push_back(request); });
        instance.start({});
        REQUIRE(waitUntil([this] { return isDecided; }));
    }

    SingleInstance instance;
    bool isDecided = false;
    std::vector<OpenRequest> requests;
};

}  // namespace

TEST_CASE("moxie open shows a place in the window that runs", "[desktop][open]") {
    Machine machine;
    Window window;
    const QString path = machine.folder.filePath(QStringLiteral("a.cpp"));
    CHECK(machine.open({QStringLiteral("a.cpp:41:7"), QStringLiteral("--ask"),
                        QString::fromUtf8("why \"这\"?\nreally")}) == 0);
    CHECK(machine.open({QStringLiteral("./a.cpp:9")}) == 0);
    CHECK(machine.open({QStringLiteral(".")}) == 0);
    REQUIRE(window.requests.size() == 3);
    CHECK(window.requests[0] == OpenRequest{path, 41, 7, QString::fromUtf8("why \"这\"?\nreally")});
    CHECK(window.requests[1] == OpenRequest{path, 9, 0, {}});
    CHECK(window.requests[2] == OpenRequest{machine.folder.path(), 0, 0, {}});
}

TEST_CASE("a file whose name ends in a number is a file", "[desktop][open]") {
    Machine machine;
    Window window;
    const QString odd = machine.folder.filePath(QStringLiteral("odd:12"));
    REQUIRE(QFile(odd).open(QIODevice::WriteOnly));
    CHECK(machine.open({QStringLiteral("odd:12")}) == 0);
    CHECK(machine.open({QStringLiteral("odd:12:5")}) == 0);
    REQUIRE(window.requests.size() == 2);
    CHECK(window.requests[0] == OpenRequest{odd, 0, 0, {}});
    CHECK(window.requests[1] == OpenRequest{odd, 5, 0, {}});
}

TEST_CASE("a place that is not there is a usage error", "[desktop][open]") {
    Machine machine;
    CHECK(machine.open({QStringLiteral("b.cpp:1")}) == 2);
    CHECK(machine.said.contains(QStringLiteral("There is no file or folder b.cpp")));
    CHECK(machine.open({}) == 2);
}

TEST_CASE("without a window and without a display the command says so", "[desktop][open]") {
    Machine machine;
    CHECK(machine.open({QStringLiteral("a.cpp:1")},
                       {QStringLiteral("DISPLAY"), QStringLiteral("WAYLAND_DISPLAY"),
                        QStringLiteral("QT_QPA_PLATFORM")}) == 1);
    CHECK(machine.said.contains(QStringLiteral("no display")));
}

TEST_CASE("a window that hangs is told from one that is not there", "[desktop][open]") {
    Machine machine;
    QLocalServer silent;
    REQUIRE(silent.listen(defaultSocketPath()));
    const base::Status sent = app::sendToWindow(app::windowSocketPath(), {.path = "/x"}, 50);
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind() == base::Errc::busy);
    silent.close();
    const base::Status gone = app::sendToWindow(app::windowSocketPath(), {.path = "/x"}, 50);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().kind() == base::Errc::notFound);
}

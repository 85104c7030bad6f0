#include "app/desktop/core/worker.h"

#include <QElapsedTimer>
#include <QThread>
#include <atomic>
#include <semaphore>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("work runs in order on another thread, results come on this one", "[desktop][session]") {
    application();
    QObject receiver;
    Worker worker;
    std::vector<int> results;
    const QThread* const here = QThread::currentThread();
    bool isElsewhere = true, isHere = true;
    for (int n = 0; n < 100; ++n)
        worker.run(
            receiver,
            [&isElsewhere, here, n](const std::stop_token&) {
                isElsewhere = isElsewhere && QThread::currentThread() != here;
                return n;
            },
            [&, here](int result) {
                isHere = isHere && QThread::currentThread() == here;
                results.push_back(result);
            });
    REQUIRE(waitUntil([&] { return results.size() == 100; }));
    CHECK(std::is_sorted(results.begin(), results.end()));
    CHECK(isElsewhere);
    CHECK(isHere);
}

TEST_CASE("a receiver that is gone gets nothing", "[desktop][session]") {
    application();
    QObject other;
    Worker worker;
    bool wasCalled = false, isDone = false;
    {
        QObject receiver;
        worker.run(
            receiver, [](const std::stop_token&) { return 1; }, [&](int) { wasCalled = true; });
    }
    worker.run(
        other, [](const std::stop_token&) { return 2; }, [&](int) { isDone = true; });
    REQUIRE(waitUntil([&] { return isDone; }));
    CHECK_FALSE(wasCalled);
}

TEST_CASE("destroying a worker stops what runs and drops what waits", "[desktop][session]") {
    application();
    QObject receiver;
    std::atomic<int> nBegun = 0;
    std::binary_semaphore begun(0);
    {
        Worker worker;
        const auto untilStopped = [&](const std::stop_token& stop) {
            ++nBegun;
            begun.release();
            while (!stop.stop_requested())
                std::this_thread::yield();
            return 0;
        };
        worker.run(receiver, untilStopped, [](int) {});
        worker.run(receiver, untilStopped, [](int) {});
        begun.acquire();
    }
    CHECK(nBegun == 1);
}

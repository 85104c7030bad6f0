// A folder of sessions with usage events, a fake session and the settings of a home of its own.
#pragma once
#include <QTemporaryDir>
#include <memory>
#include <string>
#include <vector>

#include "agent/event_log.h"
#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/desktop/temp_home.h"
#include "tests/fakes/fake_clock.h"

namespace moxie::desktop::testing {

inline constexpr int64_t kHourMs = 3'600'000;

inline agent::EventBody used(int64_t input, int64_t cached, int64_t output, double sessionUsd,
                             int64_t reasoning = 0) {
    agent::UsageCounted counted;
    counted.usage = {input, cached, output, reasoning};
    counted.costUsd = sessionUsd;
    return counted;
}

inline agent::EventBody answeredBy(const std::string& backend) {
    return agent::ModelAnswering{{"model", backend, "first"}};
}

inline agent::EventBody turnEnded(agent::EndStatus status = agent::EndStatus::verified) {
    return agent::TurnEnded{status, "done", 1, 1'000};
}

struct CostRig {
    CostRig() {
        settings = std::make_unique<Settings>(std::filesystem::path());
        history = std::make_unique<CostHistory>(sessions(), ledgerFile(), clock);
    }

    std::filesystem::path sessions() const { return home.path() / "sessions"; }

    std::filesystem::path ledgerFile() const { return home.path() / "costs.json"; }

    // A stored session that costs `usd` with 1,000 tokens in and 100 out, now.
    std::string store(double usd, const std::string& repository = "/repo") {
        auto log = agent::EventLog::create(sessions(), clock);
        REQUIRE(log);
        agent::SessionStarted started;
        started.repository = repository;
        REQUIRE((*log)->appendAll(1, {started, used(1'000, 400, 100, usd)}));
        return (*log)->sessionId();
    }

    void refresh() {
        bool isDone = false;
        const auto connection = QObject::connect(history.get(), &CostHistory::changed,
                                                 history.get(), [&] { isDone = true; });
        history->refresh();
        REQUIRE(waitUntil([&] { return isDone; }));
        QObject::disconnect(connection);
    }

    void set(const char* path, const char* value) { REQUIRE(settings->set(path, value)); }

    QApplication& app = application();  // before anything of Qt
    TempHome home;
    tests::FakeClock clock;  // 2023-11-14 22:13:20 UTC
    Appearance appearance;
    FakeSession session;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<CostHistory> history;
};

}  // namespace moxie::desktop::testing

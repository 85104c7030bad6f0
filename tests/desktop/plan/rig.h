// A plan strip over a fake session, in a window of its own.
#pragma once
#include <QAbstractItemView>
#include <QVBoxLayout>
#include <QWidget>
#include <string>

#include "app/desktop/screens/plan/plan_strip.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"

namespace moxie::desktop::testing {

// Also writes down the entries of the last wish.
class PlanSession final : public SessionModel {
public:
    PlanSession() {
        connect(&fake, &SessionModel::changed, this, &SessionModel::changed);
        connect(&fake, &SessionModel::statusChanged, this, &SessionModel::statusChanged);
        connect(&fake, &SessionModel::reset, this, &SessionModel::reset);
    }

    void logPlan(const std::string& itemsJson) { fake.apply({agent::PlanChanged{itemsJson}}); }

    FakeSession fake;
    std::vector<PlanEntry> wished;

    State state() const override { return fake.state(); }

    QString errorText() const override { return fake.errorText(); }

    QString id() const override { return fake.id(); }

    QString repository() const override { return fake.repository(); }

    const SessionView& now() const override { return fake.now(); }

    Driver driver() const override { return fake.driver(); }

    QString preparing() const override { return fake.preparing(); }

    agent::PermissionMode mode() const override { return fake.mode(); }

    void setMode(agent::PermissionMode mode) override { fake.setMode(mode); }

    QString chosenModel() const override { return fake.chosenModel(); }

    void setChosenModel(const QString& name) override { fake.setChosenModel(name); }

    void send(const UserMessage& message) override { fake.send(message); }

    void sendNow(const UserMessage& message) override { fake.sendNow(message); }

    const std::vector<QueuedMessage>& queued() const override { return fake.queued(); }

    void editQueued(int64_t id, const QString& text) override { fake.editQueued(id, text); }

    void stop(Stop how) override { fake.stop(how); }

    const std::vector<PendingPermission>& pending() const override { return fake.pending(); }

    void answer(const std::string& callId, const agent::PermissionReply& reply) override {
        fake.answer(callId, reply);
    }

    void changePlan(const std::vector<PlanEntry>& entries) override {
        wished = entries;
        fake.changePlan(entries);
    }
};

inline constexpr const char* kFourSteps =
    R"([{"text":"find the slow loop","status":"done"},)"
    R"({"text":"replace the pair table","status":"in_progress"},)"
    R"({"text":"run the golden texts","status":"pending"},)"
    R"({"text":"write down the numbers","status":"pending"}])";

struct PlanRig {
    PlanRig() {
        auto* layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addStretch(1);
        layout->addWidget(strip);
        showActive(window, {560, 420});
    }

    template <class Part>
    Part* part(const char* name) const {
        auto* found = window.findChild<Part*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found;
    }

    QAbstractItemView* steps() const { return part<QAbstractItemView>("plan.steps"); }

    void choose(int row) const { steps()->setCurrentIndex(steps()->model()->index(row, 0)); }

    QString textAt(int row) const { return steps()->model()->index(row, 0).data().toString(); }

    std::string wished() const {
        std::string all;
        for (const PlanEntry& entry : session.wished)
            all += (all.empty() ? "" : "|") + entry.text;
        return all;
    }

    QApplication& app = application();  // before every widget
    PlanSession session;
    Appearance appearance;
    QWidget window;
    PlanStrip* strip = new PlanStrip(session, appearance, &window);
};

}  // namespace moxie::desktop::testing

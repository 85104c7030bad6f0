// The real WelcomeModel: settings, this computer, model files and servers.
// Threads: GUI thread only; the work is done on threads of its own.
#pragma once
#include <stop_token>
#include <vector>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/welcome/welcome_model.h"

namespace moxie::app {
struct ModelCandidate;
}

namespace moxie::desktop {

class Settings;

// There is no model but the sample, and the user has written no settings: the first run.
bool isFirstRun(const Settings& settings);

class LiveWelcome final : public WelcomeModel {
    Q_OBJECT

public:
    // `settings` must outlive it.
    explicit LiveWelcome(Settings& settings, QObject* parent = nullptr);
    ~LiveWelcome() override;

    QString language() const override;
    QString theme() const override;
    QString setLanguage(const QString& word) override;
    QString setTheme(const QString& word) override;

    const std::optional<MachineFacts>& machine() const override { return machine_; }

    void measure() override;
    void cancelMeasure() override;
    QStringList foundModels() const override;

    QString sampleModel() const override { return sample_; }

    void inspect(const QString& path) override;
    void download(const ModelDownload& wish) override;
    void cancelDownload() override;
    void test(const ModelChoice& choice, int tokens) override;
    void cancelTest() override;
    QString keep(const ModelChoice& choice) override;

private:
    void findModels();
    const app::ModelCandidate* candidate(const QString& name) const;
    QString putFirst(const std::string& modelJson);

    Settings& settings_;
    std::optional<MachineFacts> machine_;
    std::vector<app::ModelCandidate> candidates_;
    QString sample_;
    std::stop_source measuring_{std::nostopstate}, testing_{std::nostopstate},
        downloading_{std::nostopstate};
    int64_t testNumber_ = 0;
    Worker files_, tests_, downloads_;  // last: nothing runs when the rest goes
};

}  // namespace moxie::desktop

// A WelcomeModel that answers what the test says and writes down what was wished.
// Threads: GUI thread only.
#pragma once
#include <string>
#include <vector>

#include "app/desktop/screens/welcome/welcome_model.h"

namespace moxie::desktop::testing {

class FakeWelcome final : public WelcomeModel {
public:
    // In order: "language zh", "theme dark", "measure", "cancelMeasure", "inspect PATH",
    // "test KIND TOKENS", "cancelTest", "keep KIND", "download URL SUM", "cancelDownload".
    std::vector<std::string> wishes;
    QStringList found;
    QString sample = QStringLiteral("/cache/sample.gguf");
    QString keepProblem;
    ModelChoice kept;

    static MachineFacts facts(int64_t gigabytes, double gigabytesPerSecond) {
        MachineFacts facts;
        facts.machine.cpu = "Test CPU 3000";
        facts.machine.kernels = "avx2";
        facts.machine.processors = 8;
        facts.machine.memoryBytes = gigabytes << 30;
        facts.machine.memoryAvailableBytes = (gigabytes << 30) * 3 / 4;
        facts.machine.diskAvailableBytes = int64_t(120) << 30;
        facts.memoryBytesPerSecond = gigabytesPerSecond * 1e9;
        facts.diskBytesPerSecond = 1.2e9;
        return facts;
    }

    void measured(MachineFacts facts) {
        machine_ = std::move(facts);
        emit machineMeasured();
    }

    static std::string name(ModelChoice::Kind kind) {
        static const char* const names[] = {"none", "found", "file", "server", "sample"};
        return names[size_t(kind)];
    }

    // ---- WelcomeModel
    QString language() const override { return language_; }

    QString theme() const override { return theme_; }

    QString setLanguage(const QString& word) override {
        language_ = word;
        wishes.push_back("language " + word.toStdString());
        return {};
    }

    QString setTheme(const QString& word) override {
        theme_ = word;
        wishes.push_back("theme " + word.toStdString());
        return {};
    }

    const std::optional<MachineFacts>& machine() const override { return machine_; }

    void measure() override { wishes.push_back("measure"); }

    void cancelMeasure() override { wishes.push_back("cancelMeasure"); }

    QStringList foundModels() const override { return found; }

    QString sampleModel() const override { return sample; }

    void inspect(const QString& path) override {
        wishes.push_back("inspect " + path.toStdString());
    }

    void download(const ModelDownload& wish) override {
        wishes.push_back("download " + wish.url.toStdString() + " " + wish.sha256.toStdString());
    }

    void cancelDownload() override { wishes.push_back("cancelDownload"); }

    void test(const ModelChoice& choice, int tokens) override {
        wishes.push_back("test " + name(choice.kind) + " " + std::to_string(tokens));
    }

    void cancelTest() override { wishes.push_back("cancelTest"); }

    QString keep(const ModelChoice& choice) override {
        kept = choice;
        wishes.push_back("keep " + name(choice.kind));
        return keepProblem;
    }

private:
    std::optional<MachineFacts> machine_;
    QString language_ = QStringLiteral("auto"), theme_ = QStringLiteral("system");
};

}  // namespace moxie::desktop::testing

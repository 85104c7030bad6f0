// What the first run knows and can do; LiveWelcome is the real one. Everything that takes time is
// asked for and arrives as a signal. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>
#include <vector>

#include "app/desktop/screens/welcome/machine_check.h"

namespace moxie::desktop {

struct ModelFile {
    QString path;
    QString name;  // as the file says, else the file's own
    int64_t fileBytes = 0;
    int64_t memoryBytes = 0;    // planned, with a context of 8,192 tokens or less
    int64_t contextTokens = 0;  // that it was made for
    bool fits = false;
    QString problem;  // why it cannot be used; empty: it can
};

struct ModelServer {
    QString baseUrl, model;
    bool isAnthropic = false;
    QString keyVariable;
    QString key;  // typed in: goes into a file that only the user can read
};

struct ModelChoice {
    enum class Kind : uint8_t {
        none,
        found,  // what the environment or the settings offer already: `found`
        file,
        server,
        sample,
    };
    Kind kind = Kind::none;
    QString found = {};  // one of WelcomeModel::foundModels()
    QString file = {};
    ModelServer server = {};
};

// A model file that is to be fetched.
struct ModelDownload {
    QString url;
    QString sha256;  // empty: not known
};

struct DownloadStep {
    int64_t bytes = 0;
    int64_t bytesTotal = 0;  // 0: not known
    bool isChecking = false;
};

struct DownloadEnd {
    QString file = {};     // where it is; empty: it is not
    QString problem = {};  // why not
    bool wasCancelled = false;
};

struct ModelTest {
    QString problem = {};  // empty: it answered
    QString answer = {};
    QString model = {};
    int64_t loadMs = 0;
    int64_t firstTokenMs = 0;  // after loading
    int64_t tokens = 0;
    double tokensPerSecond = 0;
    int64_t plannedBytes = 0, measuredBytes = 0;  // memory; 0: not on this computer
    bool wasCancelled = false;
};

class WelcomeModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    // ---- language and theme, as words of the settings; applied at once
    virtual QString language() const = 0;
    virtual QString theme() const = 0;
    // What went wrong, as a sentence; empty: nothing.
    virtual QString setLanguage(const QString& word) = 0;
    virtual QString setTheme(const QString& word) = 0;

    // ---- this computer
    virtual const std::optional<MachineFacts>& machine() const = 0;
    virtual void measure() = 0;  // machineMeasured() follows, unless it is cancelled
    virtual void cancelMeasure() = 0;

    // ---- models
    // Names of models that need no more: in the settings, or by a key in the environment.
    virtual QStringList foundModels() const = 0;
    virtual QString sampleModel() const = 0;  // path; empty: there is none
    // A GGUF file or a folder; filesInspected() follows. Empty: where Moxie keeps models.
    virtual void inspect(const QString& path) = 0;
    // Into the folder where Moxie keeps models; downloadStepped() and downloadEnded() follow. Goes
    // on where an earlier one of the same address ended. One at a time.
    virtual void download(const ModelDownload& wish) = 0;
    virtual void cancelDownload() = 0;
    // An answer of at most `tokens` tokens; testProgressed() and tested() follow. One at a time: a
    // new test cancels the old one.
    virtual void test(const ModelChoice& choice, int tokens) = 0;
    virtual void cancelTest() = 0;
    // Writes the choice into the settings. What went wrong, or empty.
    virtual QString keep(const ModelChoice& choice) = 0;

signals:
    void machineMeasured();
    void filesInspected(const QString& path, const std::vector<moxie::desktop::ModelFile>& files);
    void downloadStepped(const moxie::desktop::DownloadStep& step);
    void downloadEnded(const moxie::desktop::DownloadEnd& end);
    void testProgressed(const QString& text, int tokens);
    void tested(const moxie::desktop::ModelTest& result);
};

}  // namespace moxie::desktop

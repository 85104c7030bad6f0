// The part of the first run that fetches a model file: its address, its sum if it is known, how far
// it is. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/welcome/welcome_model.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace moxie::desktop {

class Appearance;

class DownloadForm final : public QWidget {
    Q_OBJECT

public:
    // Both outlive it.
    DownloadForm(WelcomeModel& model, Appearance& appearance);

    bool isRunning() const { return isRunning_; }

    void cancel();

signals:
    void fetched(const QString& file);

protected:
    void changeEvent(QEvent* event) override;

private:
    enum class Tone : uint8_t { quiet, problem };

    QLineEdit* addField(const QString& objectName);
    void begin();
    void showStep(const DownloadStep& step);
    void finish(const DownloadEnd& end);
    void showState(const QString& text, Tone tone);
    void applyLook();
    void retranslate();

    WelcomeModel& model_;
    Appearance& appearance_;
    QFormLayout* form_;
    QLineEdit *url_ = nullptr, *sum_ = nullptr;
    QProgressBar* bar_;
    QPushButton* button_;
    QLabel* state_;
    Tone tone_ = Tone::quiet;
    bool isRunning_ = false, canGoOn_ = false;
};

}  // namespace moxie::desktop

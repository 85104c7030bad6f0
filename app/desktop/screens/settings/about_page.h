// Version, licences of the parts, the last moments in which the window did not react, and a text
// for a bug report. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace moxie::desktop {

class Appearance;
class Settings;
class StallMonitor;

// For the clipboard: versions, machine, changed settings by name, stalls. No paths, no values, no
// texts of the user.
QString diagnosticsText(const Settings& settings, const StallMonitor& stalls);

class AboutPage final : public QWidget {
    Q_OBJECT

public:
    // All must outlive the page.
    AboutPage(const Settings& settings, Appearance& appearance, const StallMonitor& stalls);

    void reload();

protected:
    void changeEvent(QEvent* event) override;

private:
    void applyLook();
    void retranslate();

    const Settings& settings_;
    Appearance& appearance_;
    const StallMonitor& stalls_;
    QLabel *version_, *stallsTitle_, *stallsText_, *partsTitle_, *partsText_, *copied_;
    QPushButton* copy_;
};

}  // namespace moxie::desktop

// The first run: five steps with progress, Back and Next, and a way past all of them. Works without
// an account, a key or a network. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;
class QScrollArea;
class QStackedWidget;

namespace moxie::desktop {

class Appearance;
class ChoicePage;
class WelcomeModel;
class WelcomePage;

class WelcomeScreen final : public QWidget {
    Q_OBJECT

public:
    // Both must outlive the screen.
    WelcomeScreen(WelcomeModel& model, Appearance& appearance, QWidget* parent = nullptr);

    int step() const;  // from 0

signals:
    // The sample session, to look around; the first run is over.
    void lookAroundWanted();
    void folderWanted();
    void demoWanted();
    // Any way out, after the signal that says which.
    void finished();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void add(WelcomePage* page);
    void place();
    void applyLook();
    void retranslate();
    void next();
    void back();
    void go(int step);
    void leaveBy(void (WelcomeScreen::*way)());
    WelcomePage& page() const;

    Appearance& appearance_;
    std::vector<WelcomePage*> pages_;
    QStackedWidget* stack_;
    QScrollArea* scroll_;
    QWidget* column_;
    QLabel *progress_, *title_, *lead_, *problem_;
    QPushButton *skip_, *back_, *next_;
};

}  // namespace moxie::desktop

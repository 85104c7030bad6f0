// All actions with their keys, by where they work: record another key, take it away, go back to the
// default, print the sheet. A key that is taken is never given to two: the user swaps or leaves it.
// Written to the setting "desktop.keys". Threads: GUI thread only.
#pragma once
#include <QKeySequence>
#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class KeyCapture;
class Keymap;
class Settings;

class KeymapPage final : public QWidget {
    Q_OBJECT

public:
    // All must outlive the page.
    KeymapPage(Settings& settings, ActionRegistry& registry, Appearance& appearance);

    // Shows only what holds the text in its name or keys; returns how many.
    int setFilter(const QString& text);

signals:
    // The sheet as a page for a browser; where it goes is the window's business.
    void printWanted(const QString& html);

protected:
    void changeEvent(QEvent* event) override;

private:
    QPushButton* addButton(const QString& objectName, void (KeymapPage::*run)());
    void place();
    void fill();
    void retranslate();
    void applyLook();
    void showState();
    QString chosenId() const;
    QString titleOf(const QString& actionId) const;
    void startRecording();
    void endRecording();
    void take(const QKeySequence& keys);
    void swap();
    void removeKeys();
    void resetOne();
    void resetAll();
    void write(const Keymap& keymap);

    Settings& settings_;
    ActionRegistry& registry_;
    Appearance& appearance_;
    QTreeWidget* list_;
    KeyCapture* capture_;
    QPushButton *record_, *swap_, *keep_, *remove_, *reset_, *resetAll_, *print_;
    QLabel *message_, *count_;
    QString filter_;
    QString recordingFor_;     // action; empty: not recording
    QKeySequence wantedKeys_;  // taken by otherId_: the user is asked
    QString otherId_, askedFor_;
};

}  // namespace moxie::desktop

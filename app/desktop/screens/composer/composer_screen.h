// Where one writes to the agent: the message box with its pictures, what is queued, in which mode
// and by which model the next turn runs, send and stop. All it does to the session are wishes;
// drafts go to the store, what belongs to the window (history, model, new session, undo, commit)
// out as signals. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <optional>
#include <vector>

#include "app/desktop/screens/composer/message_edit.h"
#include "app/desktop/screens/composer/model_button.h"
#include "app/desktop/screens/composer/slash_commands.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/notice.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class DraftStore;
class MessageCompletion;
class ModeButton;
class PictureStrip;
class QueuedMessages;
class Suggester;

class ComposerScreen final : public QWidget {
    Q_OBJECT

public:
    // All must outlive it.
    ComposerScreen(SessionModel& session, Suggester& suggester, DraftStore& drafts,
                   Appearance& appearance, ActionRegistry& registry, QWidget* parent = nullptr);
    ~ComposerScreen() override;

    void setSendKey(SendKey key) { edit_->setSendKey(key); }

    // Why nothing may be sent now; "": it may.
    void setHeld(const QString& reason);

    // What was sent in this repository, oldest first.
    void setHistory(const QStringList& sent) { edit_->setHistory(sent); }

    // What may answer, in the order in which the settings try them; the first one is shown until
    // one has answered.
    void setModels(std::vector<ModelName> models);

    QString draft() const { return edit_->toPlainText(); }

    // Takes the place of what is written, can be undone, gets the focus.
    void setDraft(const QString& text);
    // At the cursor, parted from what stands there by a space.
    void insert(const QString& text);
    // Adds `text` as a Markdown quote.
    void quote(const QString& text);

signals:
    void messageSent(const QString& text);  // also a queued one
    void modelWanted();
    void newSessionWanted();
    void undoWanted();
    void commitWanted();
    void asideWanted();  // a question on the side

protected:
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;  // setFocus() goes to the message box
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class When : uint8_t { next, now };

    void addCommands();
    void layOut();
    void connectParts(ActionRegistry& registry);
    void submit(When when);
    void sendText(const QString& text, When when);
    std::vector<engine::Image> takePictures();
    void choosePictures();
    void offerFiles(const QStringList& paths);
    QString pictureRefusal() const;
    bool hasPictures() const;
    void runCommand(const QString& text);
    void stop();
    void escape();
    void editQueued(qint64 id);
    bool isEditedWaiting() const;
    void endEditing();
    void sendQueuedNow(qint64 id);
    QString blockedReason() const;
    void note(const QString& sentence, NoticeTone tone);
    void dropNote();
    void updateStatus();
    void updateStatusLine();
    void chooseModel(const QString& name);
    ModelName modelToShow() const;
    void updateModel();
    void followSession();
    void colorStatus();
    void applyLook();
    void updateHeightMax();

    // A queued message that is in the box, and what was there before.
    struct Editing {
        qint64 id = 0;
        QString before = {};
    };

    SessionModel& session_;
    DraftStore& drafts_;
    Appearance& appearance_;
    SlashCommands commands_;
    QueuedMessages* queued_;
    QLabel* status_;
    QWidget* box_;
    PictureStrip* pictures_;
    MessageEdit* edit_;
    QToolButton* picture_;
    QToolButton* aside_;
    ModeButton* mode_;
    ModelButton* model_;
    QPushButton* stop_;
    QPushButton* send_;
    MessageCompletion* completion_;
    QWidget* window_ = nullptr;  // whose height bounds the box
    QString held_, draftKey_;
    std::vector<ModelName> models_;
    int64_t nRequestsAtChoice_ = 0;  // older answers say nothing about who answers next
    std::optional<Editing> editing_;
    bool hasNote_ = false;
    bool isStopAsked_ = false;  // in this turn
};

}  // namespace moxie::desktop

// The conversation of one session (S2, without the composer) and its permission questions (S13).
// It shows what the SessionModel says and sends wishes back; what leads out of the conversation is
// a signal for the window. Copying, folding and density it does itself.
// Threads: GUI thread only.
#pragma once
#include <QBasicTimer>
#include <QStringList>
#include <QWidget>
#include <map>
#include <optional>
#include <vector>

#include "app/desktop/model/conversation_model.h"
#include "app/desktop/model/session_list.h"
#include "app/desktop/screens/conversation/turn_spans.h"
#include "base/clock.h"

class QLabel;
class QMenu;
class QStackedWidget;

namespace moxie::desktop {

class ActionRegistry;
class Announcer;
class Appearance;
class BlockCanvas;
class ConversationSource;
class EmptyPage;
class FindBar;
class StatePage;
class PermissionCard;
class SessionModel;

class ConversationScreen final : public QWidget {
    Q_OBJECT

public:
    // All must outlive it.
    ConversationScreen(SessionModel& session, Appearance& appearance, ActionRegistry& registry,
                       const base::Clock& clock, QWidget* parent = nullptr);
    ~ConversationScreen() override;

    // What a new session could begin with, at most three.
    void setExamples(const QStringList& examples);

    // Of the answers of this session, by the numbers of their turns.
    void setRatings(const std::map<int32_t, Rating>& ratings);

    Density density() const;
    void setDensity(Density density);

    // `number` as in the events; of a session that is still read, as soon as the turn is there.
    void showTurn(int number);

    // The card of a tool call.
    void showCall(const std::string& callId);

    void openFind();
    void findNext();
    void findPrevious();

    // Esc, also for the composer: stops the agent after its call, a second time within 600 ms at
    // once. False: nothing is running.
    bool pressEscape();

signals:
    void densityChanged(moxie::desktop::Density density);
    void exampleChosen(const QString& text);
    void retryWanted();  // the session could not be read

    // Lines and columns from 1; 0: not said.
    void openPlace(const QString& path, int line, int column);
    void webWanted(const QString& address);
    void reviewWanted(const QString& path);
    void outputWanted(const QString& callId);
    void commitWanted(const QString& id);
    void openCodeWanted(const QString& code, const QString& language);
    // Into one of these files, the likeliest first; they may not exist.
    void applyWanted(const QString& code, const QString& language, const QStringList& targets);
    void rated(int turn, moxie::desktop::Rating rating);
    void pictureWanted(const moxie::engine::Image& image);
    void quoteWanted(const QString& markdown);  // of an answer, without signs of a quote
    // `turn` as in the events; `text` to be edited. What is sent then forks the session there.
    void resendWanted(int turn, const QString& text);
    void restoreWanted(int turn, const QString& checkpoint);
    void openMarkdownWanted(const QString& markdown);

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    enum class Message : uint8_t { ofUser, ofModel };

    void connectSession();
    void connectActions();
    void take(const std::vector<ConversationChange>& changes);
    void loadAgain();
    void showState();
    void showStatusLine();
    void retranslate();
    void announceTurn();
    void followClock();
    void follow(qint64 block, const QString& href);
    void followTurn(int64_t turn, const QString& verb);
    void applyCode(int64_t block);
    void rate(int64_t turn, Rating rating);
    void openPicture(int64_t turn, int number);
    void copyText(const QString& text);
    void goToPrompt(int step);
    void goToBlock(int64_t block);
    void showWantedTurn();
    void showMenu(int64_t block, QPoint at);
    QMenu* menuOf(int64_t turn, Message message);
    int64_t blockAt(int y) const;
    QString textOf(int64_t turn, Message message) const;
    QString markdownOf(int64_t turn) const;

    SessionModel& session_;
    Appearance& appearance_;
    ActionRegistry& registry_;
    const base::Clock& clock_;
    ConversationSource* source_;
    QStackedWidget* pages_;
    BlockCanvas* canvas_;  // after its parent: Tab goes in this order
    EmptyPage* empty_;
    StatePage *loading_, *error_;
    FindBar* find_;
    QLabel* status_;
    PermissionCard* permission_;
    Announcer* announcer_;
    QBasicTimer seconds_;
    int64_t escapedMs_ = 0;  // 0: not lately
    int64_t announcedTurn_ = -1;
    bool wasRunning_ = false;
    std::optional<int> wantedTurn_;  // not there yet
};

}  // namespace moxie::desktop

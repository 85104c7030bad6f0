// The messages that wait for the end of the turn, one line each, with what can be done to the
// chosen one. It shows the session's queue and keeps nothing. Hidden while nothing waits.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <vector>

#include "app/desktop/session/session_model.h"

class QLabel;
class QListView;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class QueuedMessages final : public QWidget {
    Q_OBJECT

public:
    explicit QueuedMessages(Appearance& appearance, QWidget* parent = nullptr);

    // Keeps the choice on the same message.
    void setQueued(const std::vector<QueuedMessage>& queued);

signals:
    void editWanted(qint64 id);
    void sendNowWanted(qint64 id);
    void removeWanted(qint64 id);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Model;

    QToolButton* makeButton(const char* name, void (QueuedMessages::*wanted)(qint64));
    qint64 chosenId() const;
    void retranslate();
    void applyLook();

    Appearance& appearance_;
    Model* model_;
    QLabel* title_;
    QListView* list_;
    QToolButton* edit_;
    QToolButton* sendNow_;
    QToolButton* remove_;
};

}  // namespace moxie::desktop

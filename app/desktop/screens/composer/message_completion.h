// Completes the word before the caret of a message box: names behind '@' from a Suggester,
// commands behind '/' from the registry. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QPointer>
#include <optional>

#include "app/desktop/screens/composer/message_edit.h"
#include "app/desktop/screens/composer/suggester.h"

namespace moxie::desktop {

class Appearance;
class CompletionPopup;
class SlashCommands;

class MessageCompletion final : public QObject {
    Q_OBJECT

public:
    // All must outlive it.
    MessageCompletion(MessageEdit& edit, Suggester& suggester, const SlashCommands& commands,
                      Appearance& appearance);
    ~MessageCompletion() override;

signals:
    // "/stop" was picked; it has been taken out of the text.
    void commandChosen(const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void lookAgain();
    void show(const std::vector<Suggestion>& rows);
    void take(const Suggestion& suggestion);
    void close();

    MessageEdit& edit_;
    Suggester& suggester_;
    const SlashCommands& commands_;
    Appearance& appearance_;
    QPointer<CompletionPopup> popup_;       // a child of the window, which may go first
    std::optional<CompletionToken> token_;  // that was asked for last
    int64_t asked_ = 0;                     // number of the last question
};

}  // namespace moxie::desktop

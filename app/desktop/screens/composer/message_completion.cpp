#include "app/desktop/screens/composer/message_completion.h"

#include <QKeyEvent>

#include "app/desktop/screens/composer/completion_popup.h"
#include "app/desktop/screens/composer/slash_commands.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

MessageCompletion::MessageCompletion(MessageEdit& edit, Suggester& suggester,
                                     const SlashCommands& commands, Appearance& appearance)
    : edit_(edit),
      suggester_(suggester),
      commands_(commands),
      appearance_(appearance) {
    edit.installEventFilter(this);
    connect(&edit, &QPlainTextEdit::textChanged, this, &MessageCompletion::lookAgain);
    connect(&edit, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        if (popup_ && popup_->isVisible()) lookAgain();
    });
}

MessageCompletion::~MessageCompletion() {
    delete popup_;
}

void MessageCompletion::lookAgain() {
    const auto token = edit_.hasFocus() ? edit_.token() : std::nullopt;
    if (token == token_) return;
    token_ = token;
    const int64_t number = ++asked_;
    if (!token) return close();
    if (token->sign == QLatin1Char('/')) return show(commands_.matching(token->query));
    suggester_.suggest(token->query, *this, [this, number](const std::vector<Suggestion>& rows) {
        if (number == asked_) show(rows);  // else something else has been typed meanwhile
    });
}

void MessageCompletion::show(const std::vector<Suggestion>& rows) {
    QWidget& window = *edit_.window();
    if (!popup_ || popup_->parentWidget() != &window) {
        delete popup_;
        popup_ = new CompletionPopup(appearance_, window);
        connect(popup_, &CompletionPopup::chosen, this, &MessageCompletion::take);
    }
    // Over the box, so that nothing of the message is hidden.
    QRect caret = edit_.cursorRect();
    caret.moveTopLeft(edit_.viewport()->mapTo(&window, caret.topLeft()));
    caret.setTop(edit_.mapTo(&window, QPoint()).y() - grid(2));
    popup_->open(rows, caret);
}

void MessageCompletion::take(const Suggestion& suggestion) {
    const auto token = edit_.token();
    if (!token) return;
    const bool isCommand = token->sign == QLatin1Char('/');
    edit_.replaceToken(*token, isCommand ? QString() : suggestion.insertText + QLatin1Char(' '));
    close();
    if (isCommand) emit commandChosen(suggestion.insertText);
}

void MessageCompletion::close() {
    if (popup_) popup_->hide();
}

bool MessageCompletion::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) {
        token_.reset();
        ++asked_;
        close();
    }
    if (event->type() == QEvent::KeyPress && popup_ &&
        popup_->takeKey(*static_cast<QKeyEvent*>(event)))
        return true;
    return QObject::eventFilter(watched, event);
}

}  // namespace moxie::desktop

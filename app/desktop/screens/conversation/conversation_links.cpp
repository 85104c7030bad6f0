// Where the links of a conversation lead, and the menu of a message.
#include <QAction>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QStringList>
#include <algorithm>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/screens/conversation/conversation_screen.h"
#include "app/desktop/screens/conversation/conversation_source.h"
#include "app/desktop/screens/conversation/hrefs.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/shell/announcer.h"

namespace moxie::desktop {

void ConversationScreen::follow(qint64 block, const QString& href) {
    const MoxieHref link(href);
    if (link.verb.isEmpty()) return emit webWanted(href);
    if (link.verb == QLatin1String("file"))
        return emit openPlace(link.value("path"), link.value("line").toInt(),
                              link.value("column").toInt());
    if (link.verb == QLatin1String("changes")) return emit reviewWanted(link.value("path"));
    if (link.verb == QLatin1String("output")) return emit outputWanted(link.value("call"));
    if (link.verb == QLatin1String("commit")) return emit commitWanted(link.value("id"));
    if (link.verb == QLatin1String("code"))
        return emit openCodeWanted(source_->codeOf(block), source_->languageOf(block));
    if (link.verb == QLatin1String("copy") && link.value("what") == QLatin1String("code"))
        return copyText(source_->codeOf(block));
    if (link.verb == QLatin1String("apply")) return applyCode(block);
    const int64_t turn = source_->placeOf(block).turn;
    if (link.verb == QLatin1String("rate"))
        return rate(turn, Rating(std::clamp(link.value("as").toInt(), -1, 1)));
    if (link.verb == QLatin1String("picture")) return openPicture(turn, link.value("n").toInt());
    followTurn(turn, link.verb);
}

void ConversationScreen::applyCode(int64_t block) {
    QStringList targets;
    const QString root = fromUtf8(source_->conversation().repository) + QLatin1Char('/');
    for (const std::string& target : source_->targetsOf(block)) {
        QString path = fromUtf8(target);
        if (path.startsWith(root)) path.remove(0, root.size());
        targets << path;
    }
    emit applyWanted(source_->codeOf(block), source_->languageOf(block), targets);
}

void ConversationScreen::rate(int64_t turn, Rating rating) {
    emit rated(source_->conversation().turns[turn].number, rating);
    announcer_->say(rating == Rating::good  ? tr("Rated helpful")
                    : rating == Rating::bad ? tr("Rated unhelpful")
                                            : tr("Rating taken back"));
}

void ConversationScreen::openPicture(int64_t turn, int number) {
    const TurnPictures& pictures = source_->conversation().turns[turn].pictures;
    if (pictures && number >= 0 && size_t(number) < pictures->size())
        emit pictureWanted((*pictures)[size_t(number)]);
}

void ConversationScreen::followTurn(int64_t index, const QString& verb) {
    const Turn& turn = source_->conversation().turns[index];
    if (verb == QLatin1String("copy")) copyText(textOf(index, Message::ofModel));
    if (verb == QLatin1String("quote")) emit quoteWanted(textOf(index, Message::ofModel).trimmed());
    if (verb == QLatin1String("resend")) emit resendWanted(turn.number, fromUtf8(turn.task));
    if (verb == QLatin1String("restore"))
        emit restoreWanted(turn.number, fromUtf8(turn.checkpoint));
    if (verb == QLatin1String("markdown")) emit openMarkdownWanted(markdownOf(index));
}

void ConversationScreen::copyText(const QString& text) {
    QGuiApplication::clipboard()->setText(text);
    announcer_->say(tr("Copied"));
}

QString ConversationScreen::textOf(int64_t index, Message message) const {
    const Turn& turn = source_->conversation().turns[index];
    if (message == Message::ofUser) return fromUtf8(turn.task);
    const int32_t answer = answerOf(turn);
    return answer < 0 ? QString() : fromUtf8(turn.items[answer].get<TextItem>().text);
}

QString ConversationScreen::markdownOf(int64_t index) const {
    const Turn& turn = source_->conversation().turns[index];
    QStringList parts;
    if (!turn.task.empty())
        parts << QStringLiteral("> ") +
                     fromUtf8(turn.task).replace(QLatin1Char('\n'), QStringLiteral("\n> "));
    if (turn.summary.nSteps > 0)
        parts << QLatin1Char('*') + summaryText(turn.summary) + QLatin1Char('*');
    for (int64_t i = 0; i < turn.items.size(); ++i)
        if (const auto* text = turn.items[i].as<TextItem>()) parts << fromUtf8(text->text);
    return parts.join(QStringLiteral("\n\n")) + QLatin1Char('\n');
}

int64_t ConversationScreen::blockAt(int y) const {
    const ItemRange visible = canvas_->visibleItems();
    for (int64_t block = visible.begin; block < visible.end; ++block)
        if (canvas_->itemRect(block).bottom() >= y) return block;
    return visible.end - 1;
}

QMenu* ConversationScreen::menuOf(int64_t index, Message message) {
    const Turn& turn = source_->conversation().turns[index];
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("conversation.menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const QString& text, bool isPossible, auto run) {
        QAction* action = menu->addAction(text);
        action->setEnabled(isPossible);
        connect(action, &QAction::triggered, this, run);
    };
    add(tr("Copy selection"), !canvas_->selection().isEmpty(),
        [this] { canvas_->copy(CopyFormat::markdown); });
    add(message == Message::ofUser ? tr("Copy message") : tr("Copy answer"),
        !textOf(index, message).isEmpty(), [=, this] { copyText(textOf(index, message)); });
    menu->addSeparator();
    add(tr("Quote in the message box"), answerOf(turn) >= 0,
        [=, this] { followTurn(index, QStringLiteral("quote")); });
    add(tr("Edit and resend…"), !turn.task.empty(),
        [=, this] { followTurn(index, QStringLiteral("resend")); });
    add(tr("Restore the files to here…"), !turn.checkpoint.empty(),
        [=, this] { followTurn(index, QStringLiteral("restore")); });
    add(tr("Open as Markdown"), true, [=, this] { followTurn(index, QStringLiteral("markdown")); });
    return menu;
}

void ConversationScreen::showMenu(int64_t block, QPoint at) {
    if (block < 0 || block >= source_->blockCount()) return;
    const BlockPlace place = source_->placeOf(block);
    menuOf(place.turn, place.span.kind == PartKind::message ? Message::ofUser : Message::ofModel)
        ->popup(at);
}

bool ConversationScreen::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::ContextMenu) return QWidget::eventFilter(watched, event);
    const auto& menu = static_cast<const QContextMenuEvent&>(*event);
    const bool isByKey = menu.reason() == QContextMenuEvent::Keyboard;
    const int64_t caret = canvas_->caret().item;
    const bool isCaretSeen = canvas_->visibleItems().contains(caret);
    const int64_t block = isByKey && isCaretSeen ? caret : blockAt(isByKey ? 0 : menu.y());
    const QPoint at = isByKey ? canvas_->viewport()->mapToGlobal(
                                    canvas_->itemRect(block).topLeft() + QPoint(grid(4), grid(4)))
                              : menu.globalPos();
    showMenu(block, at);
    return true;
}

}  // namespace moxie::desktop

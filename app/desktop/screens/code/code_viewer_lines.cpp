// What a CodeViewer does with lines: fold them, say who changed them, ask about them, add them; and
// the bars that tell of them.
#include <QDateTime>
#include <QLocale>
#include <QMouseEvent>
#include <QScrollBar>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_pane.h"
#include "app/desktop/screens/code/code_source.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/file_tree.h"
#include "app/desktop/screens/code/viewer_bars.h"

namespace moxie::desktop {

// ---- folding

// Rows come and go: the caret stays in its line, and that where it is on the screen, or the head of
// the block that hides it now.
template <class Change>
void CodeViewer::keepPlace(Change change) {
    const CodePlace place = here();
    const int top = canvas_->itemRect(canvas_->caret().item).top();
    change();
    const int64_t row = source_->rowOf(place.line);
    const bool isHidden = source_->lineOf(row) != place.line;
    const TextPlace caret = {row, isHidden ? 0 : place.column - 1};
    canvas_->select(caret, caret);
    const int height = canvas_->itemRect(row).height();
    canvas_->verticalScrollBar()->setValue(int(row) * height - top);
    updateFoot();
}

void CodeViewer::toggleFold() {
    if (state_ != State::ready) return;
    if (const indexer::FoldableBlock* block = source_->blockAround(here().line))
        keepPlace([this, found = *block] { source_->toggleFold(found); });
}

void CodeViewer::toggleAllFolds() {
    if (state_ != State::ready) return;
    keepPlace([this] { source_->hasFolded() ? source_->unfoldAll() : source_->foldAll(); });
}

void CodeViewer::takeColours(const HighlightSnapshot& colours) {
    keepPlace([this, colours] { source_->setColours(colours); });
}

void CodeViewer::find() {
    if (state_ != State::ready) return;
    keepPlace([this] { source_->unfoldAll(); });  // what is folded would not be found
    findBar_->open();
}

// A click on the margin of a block's first line folds it.
bool CodeViewer::eventFilter(QObject* watched, QEvent* event) {
    const bool isPress = event->type() == QEvent::MouseButtonPress;
    if (watched != canvas_->viewport() || !isPress) return QWidget::eventFilter(watched, event);
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const ItemRange visible = canvas_->visibleItems();
    const int64_t row =
        visible.begin + (mouse->pos().y() - canvas_->itemRect(visible.begin).top()) /
                            std::max(1, canvas_->itemRect(visible.begin).height());
    if (mouse->button() != Qt::LeftButton || mouse->pos().x() >= canvas_->gutterWidth() ||
        row >= source_->rowCount())
        return false;
    const int line = source_->lineOf(row);
    const indexer::FoldableBlock* block = source_->blockAround(line);
    if (block == nullptr || block->head != line - 1) return false;
    canvas_->setFocus(Qt::MouseFocusReason);
    keepPlace([this, found = *block] { source_->toggleFold(found); });
    return true;
}

// ---- who changed them

void CodeViewer::toggleBlame() {
    if (state_ != State::ready) return;
    wantsBlame_ = !wantsBlame_;
    if (!wantsBlame_) return takeBlame(nullptr);
    askBlame();
}

void CodeViewer::askBlame() {
    if (!wantsBlame_ || state_ != State::ready) return;
    model_.blame(source_->source(), *this,
                 [this, read = source_->source()](const BlameSnapshot& blame) {
                     if (wantsBlame_ && source_->source() == read) takeBlame(blame);
                 });
}

void CodeViewer::takeBlame(const BlameSnapshot& blame) {
    blameError_ = blame ? blame->error : QString();
    if (!blameError_.isEmpty()) wantsBlame_ = false;
    keepPlace([&] { source_->setBlame(blameError_.isEmpty() ? blame : nullptr); });
}

QString CodeViewer::blameHere() const {
    if (!blameError_.isEmpty()) return tr("Git cannot say who changed it: %1").arg(blameError_);
    const tools::BlamedLines* lines = source_->blameOf(here().line);
    if (lines == nullptr) return {};
    if (lines->commit.empty()) return tr("not committed yet");
    const QString when = QLocale().toString(QDateTime::fromMSecsSinceEpoch(lines->timeMs).date(),
                                            QLocale::ShortFormat);
    const QString commit = QString::fromStdString(lines->commit.substr(0, 7));
    if (lines->isOlder) return tr("changed before %1, commit %2", "a date").arg(when, commit);
    return tr("%1, %2, commit %3: %4", "author, date, commit, its message")
        .arg(QString::fromStdString(lines->author), when, commit,
             QString::fromStdString(lines->summary));
}

// ---- what one may do with lines

CodeViewer::Lines CodeViewer::selectedLines() const {
    const TextRange chosen = canvas_->selection();
    int64_t last = chosen.end.item;
    // A selection up to the start of a line does not mean that line.
    if (chosen.end.offset == 0 && chosen.end.item > chosen.begin.item) --last;
    return {source_->lineOf(chosen.begin.item), source_->lineBehind(last) - 1};
}

void CodeViewer::askAboutSelection() {
    if (state_ != State::ready) return;
    const Lines lines = selectedLines();
    const std::string_view text = source_->lines(lines.first, lines.last);
    emit askWanted(source_->source()->path, lines.first, lines.last,
                   QString::fromUtf8(text.data(), qsizetype(text.size())));
}

void CodeViewer::addSelection() {
    if (state_ != State::ready) return;
    const Lines lines = selectedLines();
    emit addToMessage(referenceTo(source_->source()->path, lines.first, lines.last));
}

void CodeViewer::openInEditor() {
    const CodePlace place = here();
    if (!place.path.isEmpty()) emit editorWanted(place.path, place.line, place.column);
}

// ---- the bars

void CodeViewer::updateHead() {
    const bool isReady = state_ == State::ready;
    const QString path = isReady ? source_->source()->path : wanted_.path;
    head_->setPath(path,
                   isReady ? CodeRows::price(aboutTokens(source_->source()->bytes)) : QString());
    head_->setWays(history_.canGoBack(), history_.canGoForward());
    head_->setPanes({files_->isVisible(), uses_->isVisible(), outline_->isVisible()});
    head_->setReading(isReady);
}

void CodeViewer::updateFoot() {
    if (state_ != State::ready) return;
    const Lines lines = selectedLines();
    const QString price =
        CodeRows::price(aboutTokens(int64_t(source_->lines(lines.first, lines.last).size())));
    const QString who = blameHere();
    foot_->setLines(titleOf(lines), who.isEmpty() ? price : price + QStringLiteral(" · ") + who);
}

}  // namespace moxie::desktop

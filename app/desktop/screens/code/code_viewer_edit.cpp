// Small edits in a CodeViewer, and taking them back.
#include <QApplication>
#include <QLocale>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_source.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/edit_bar.h"

namespace moxie::desktop {

namespace {

constexpr size_t kUndoMax = 100;

}  // namespace

QString CodeViewer::titleOf(Lines lines) {
    const QLocale locale;
    const QString first = locale.toString(lines.first);
    return lines.first == lines.last ? tr("Line %1").arg(first)
                                     : tr("Lines %1 to %2").arg(first, locale.toString(lines.last));
}

void CodeViewer::editSelection() {
    if (state_ != State::ready) return;
    const Lines lines = selectedLines();
    edited_ = {source_->source(), lines.first, lines.last, {}};
    std::string_view text = source_->lines(lines.first, lines.last);
    if (text.ends_with('\n')) text.remove_suffix(1);
    editBar_->open(
        titleOf(lines),
        QString::fromUtf8(text.data(), qsizetype(text.size())).remove(QLatin1Char('\r')));
}

void CodeViewer::writeEdited() {
    edited_.lines = editBar_->lines().toStdString();
    model_.edit(edited_, *this, [this, done = edited_](const EditAnswer& answer) {
        if (answer.problem != EditAnswer::Problem::none)
            return editBar_->sayProblem(problemOf(answer));
        undo_.push_back({done.source, answer.text});
        if (undo_.size() > kUndoMax) undo_.erase(undo_.begin());
        editBar_->close();
        emit written(done.source->path);
        reload();
    });
}

QString CodeViewer::problemOf(const EditAnswer& answer) {
    switch (answer.problem) {
        case EditAnswer::Problem::none:
            break;
        case EditAnswer::Problem::movedOn:
            return tr("The file is not what you read any more. Look at it again.");
        case EditAnswer::Problem::noCheckpoint:
            return tr("No checkpoint can hold this file, so nothing is written to it here.");
        case EditAnswer::Problem::other:
            return tr("The file was not written: %1").arg(answer.error);
    }
    return {};
}

bool CodeViewer::hasFocusInside() const {
    const QWidget* focused = QApplication::focusWidget();
    return focused != nullptr && isVisible() && (focused == this || isAncestorOf(focused));
}

// Only while the file is what the edit made of it.
void CodeViewer::undoEdit() {
    if (state_ != State::ready || undo_.empty()) return;
    const Undo last = undo_.back();
    const SourceTextSnapshot& now = source_->source();
    if (now->path != last.before->path) return open({.path = last.before->path, .line = 1});
    if (now->text != last.after) return undo_.pop_back();
    const SourceEdit back = {now, 1, int(source_->lineCount()), last.before->text};
    model_.edit(back, *this, [this, path = now->path](const EditAnswer& answer) {
        if (answer.problem != EditAnswer::Problem::none) return;
        undo_.pop_back();
        emit written(path);
        reload();
    });
}

}  // namespace moxie::desktop

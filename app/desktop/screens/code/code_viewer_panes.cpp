// The lists beside the text of a CodeViewer: files, outline, uses.
#include <QSplitter>
#include <QStackedWidget>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/code_pane.h"
#include "app/desktop/screens/code/code_source.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/file_tree.h"

namespace moxie::desktop {

// ---- the outline

void CodeViewer::toggleOutline() {
    if (outline_->isVisible()) return closePane(*outline_);
    outline_->show();
    updateHead();
    followCaret();
    askOutline();
}

void CodeViewer::askOutline() {
    if (state_ != State::ready) return;
    const QString path = source_->source()->path;
    model_.outline(path, *this, [this, path](const CodeHits& found) {
        if (state_ != State::ready || source_->source()->path != path) return;
        if (symbols_ == found.hits && !outline_->list().rows().empty()) return;
        symbols_ = found.hits;
        if (symbols_.empty()) return outline_->say(tr("No symbols are known of this file."));
        std::vector<CodeRow> rows;
        for (const CodeHit& hit : symbols_)
            rows.push_back(CodeRows::inOutline(hit));
        outline_->setRows(std::move(rows));
        followCaret();
    });
}

// Chooses the innermost symbol around the caret.
void CodeViewer::followCaret() {
    if (!outline_->isVisible() || symbols_.empty()) return;
    const int line = here().line;
    int chosen = -1;
    for (size_t i = 0; i < symbols_.size() && symbols_[i].lineFirst <= line; ++i)
        if (symbols_[i].lineLast >= line) chosen = int(i);
    outline_->list().setCurrentRow(chosen);
}

void CodeViewer::toggleFiles() {
    const bool hadFocus = files_->isAncestorOf(focusWidget());
    if (files_->isVisible()) {
        files_->hide();
        if (hadFocus) pages_->currentWidget() == columns_ ? canvas_->setFocus() : setFocus();
        return updateHead();
    }
    files_->show();
    if (state_ == State::ready) files_->showFile(source_->source()->path);
    files_->focusFiles();
    updateHead();
}

void CodeViewer::closePane(CodePane& pane) {
    const bool hadFocus = pane.isAncestorOf(focusWidget());
    pane.hide();
    if (hadFocus) canvas_->setFocus();
    updateHead();
}

// ---- uses

void CodeViewer::showUses() {
    if (uses_->isVisible() && symbolHere().isEmpty()) return closePane(*uses_);
    askUses(After::show);
}

void CodeViewer::goToDefinition() {
    askUses(After::jump);
}

void CodeViewer::askUses(After after) {
    updateHead();
    const QString name = symbolHere();
    if (state_ != State::ready) return;
    if (name.isEmpty()) {
        uses_->setTitle(tr("Uses"));
        uses_->say(tr("There is no name at the caret."));
        uses_->show();
        return updateHead();
    }
    model_.uses(name, *this, [this, after](const SymbolUses& uses) {
        if (after == After::jump && uses.definitions.size() == 1) {
            const CodeHit& only = uses.definitions.front();
            return open({only.path, only.lineFirst, 0});
        }
        showUsesOf(uses);
    });
}

void CodeViewer::showUsesOf(const SymbolUses& uses) {
    const QString counted = tr("used in %Ln places", "of a symbol", int(uses.uses.size()));
    uses_->setTitle(uses.name,
                    counted + QStringLiteral(" · ") + CodeRows::milliseconds(uses.milliseconds));
    uses_->list().setAccessibleName(tr("Uses"));
    std::vector<CodeRow> rows = CodeRows::of(uses);
    if (!uses.error.isEmpty())
        uses_->say(tr("The index cannot answer: %1").arg(uses.error));
    else if (rows.empty())
        uses_->say(tr("The index knows no definition and no use of “%1”.").arg(uses.name));
    else
        uses_->setRows(std::move(rows));
    uses_->show();
    uses_->list().setFocus();
    updateHead();
}

}  // namespace moxie::desktop

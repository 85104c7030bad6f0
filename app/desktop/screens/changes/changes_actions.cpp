// What one does on the changes screen: walk, decide, edit, comment, ask.
#include <QApplication>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <algorithm>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/base_bar.h"
#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/screens/changes/diff_view.h"
#include "app/desktop/screens/changes/file_list.h"
#include "app/desktop/screens/changes/lines_editor.h"
#include "app/desktop/screens/changes/picture_pane.h"
#include "app/desktop/screens/changes/review_messages.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/notice.h"

namespace moxie::desktop {

namespace {

constexpr int kRowsAbove = 2;  // of a hunk that one goes to

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line;
    return text;
}

}  // namespace

void ChangesScreen::connectModel() {
    connect(&model_, &ReviewModel::changed, this, &ChangesScreen::takeModel);
    connect(&model_, &ReviewModel::refused, this, [this](const Refusal& refusal) {
        postNotice(*this, {refusalSentence(refusal), NoticeTone::warning});
    });
    const auto tell = [this](const QString& sentence, bool canUndo) {
        Notice notice = {.sentence = sentence};
        if (canUndo) notice.choices.push_back({"undo", tr("Undo"), [this] { model_.undo(); }});
        postNotice(*this, std::move(notice));
    };
    connect(&model_, &ReviewModel::rejectedAll, this, [this, tell](int count) {
        tell(count > 0
                 ? (count == 1
                        ? tr("Took back 1 hunk of the agent. A checkpoint was taken before.")
                        : tr("Took back %n hunks of the agent. A checkpoint was taken before.",
                             nullptr, count))
                 : tr("There was no open hunk of the agent to take back."),
             count > 0);
    });
    connect(&model_, &ReviewModel::restored, this, [this, tell] {
        pages_->setCurrentWidget(content_);
        takeModel();
        tell(tr("The files are as they were at the checkpoint."), true);
    });
    connect(&model_, &ReviewModel::applied, this, [this, tell](const QString& path) {
        pages_->setCurrentWidget(content_);
        takeModel();
        showFile(path);
        canvas_->setFocus(Qt::OtherFocusReason);
        tell(tr("The code is written into %1. Review it here.").arg(path), true);
    });
    connect(&model_, &ReviewModel::branchMade, this, [this, tell](const QString& name) {
        tell(tr("The branch %1 holds the checkpoint now. Here nothing was changed.").arg(name),
             false);
    });
}

void ChangesScreen::connectActions(ActionRegistry& registry) {
    registry.attach(ActionContext::changes, *this);
    const auto on = [&](const char* id, auto run) {
        registry.on(QLatin1String(id), *this, std::move(run));
    };
    on("hunk.next", [this] { stepHunk(1); });
    on("hunk.previous", [this] { stepHunk(-1); });
    on("file.next", [this] { stepFile(1); });
    on("file.previous", [this] { stepFile(-1); });
    on("hunk.accept", [this] { decide(HunkState::accepted); });
    on("hunk.reject", [this] { decide(HunkState::rejected); });
    on("hunk.stage", [this] { wish(HunkBar::Wish::stage); });
    on("hunk.comment", [this] { comment(); });
    on("hunk.edit", [this] { edit(); });
    on("file.reviewed", [this] { toggleReviewed(); });
    // Of the whole window: ours only while one is in here.
    on("edit.undo", [this] {
        if (isFocusInside()) model_.undo();
    });
    on("edit.redo", [this] {
        if (isFocusInside()) model_.redo();
    });
    on("editor.open", [this] {
        if (isFocusInside()) openInEditor();
    });
    on("find.here", [this] {
        if (isFocusInside() && pages_->currentWidget() == content_) diff_->openFind();
    });
    using Choice = ChangesBar::Choice;
    on("changes.sides", [this] { bar_->toggle(Choice::sideBySide); });
    on("changes.whole", [this] { bar_->toggle(Choice::wholeFiles); });
    on("changes.blanks", [this] { bar_->toggle(Choice::foldWhitespace); });
    on("changes.tree", [this] { bar_->toggle(Choice::filesAsTree); });
    on("changes.base", [this] { chooseScope(ReviewScope::commit); });
    on("changes.points", [this] { showCheckpoint({}); });
}

bool ChangesScreen::isFocusInside() const {
    const QWidget* focused = QApplication::focusWidget();
    return focused != nullptr && isVisible() && (focused == this || isAncestorOf(focused));
}

// ---- where one is

void ChangesScreen::followCaret() {
    if (isPlacing_ || source_.rowCount() == 0) return hunkBar_->placeAt(-1, -1);
    const DiffRows& rows = source_.rows();
    const DiffRow at = rows.at(std::min(diff_->selection().begin.item, source_.rowCount() - 1));
    const HunkPlace place = {at.file, at.hunk};
    source_.setCurrent(place);
    files_->showCurrent(place.file);
    showPictures();
    const Hunk* hunk = source_.hunkAt(place);
    if (hunk == nullptr) return hunkBar_->placeAt(-1, -1);
    const std::optional<HunkRef> ref = chosenHunk();
    int nLines = 0;
    if (ref && ref->removed) nLines += int(ref->removed->end - ref->removed->begin);
    if (ref && ref->added) nLines += int(ref->added->end - ref->added->begin);
    const bool isText = source_.file(place.file).review.kind == FileReview::Kind::text;
    hunkBar_->setOffer({nLines, isText});
    hunkBar_->placeAt(rows.hunkRow(place.file, place.hunk), rows.hunkEnd(place.file, place.hunk));
}

// Of the current file, if it is a picture.
void ChangesScreen::showPictures() {
    const int64_t index = source_.current().file;
    const bool hasFile = index >= 0 && index < source_.rows().fileCount();
    if (hasFile && PicturePane::isPicture(source_.file(index).review))
        pictures_->showPictures(source_.file(index).review);
    else
        pictures_->clear();
}

void ChangesScreen::goTo(HunkPlace place) {
    const DiffRows& rows = source_.rows();
    if (place.file < 0 || place.file >= rows.fileCount()) return;
    const int64_t row = rows.hunkRow(place.file, place.hunk);
    canvas_->select({row, 0}, {row, 0});
    const ItemRange visible = canvas_->visibleItems();
    const int64_t end = rows.hunkEnd(place.file, place.hunk);
    if (place.hunk < 0 || end > visible.end || row < visible.begin)
        canvas_->scrollToItem(place.hunk < 0 ? row : row - kRowsAbove);
    followCaret();
}

void ChangesScreen::stepHunk(int direction) {
    const DiffRows& rows = source_.rows();
    if (rows.fileCount() == 0) return;
    HunkPlace place = source_.current();
    place.hunk += direction;
    while (place.file >= 0 && place.file < rows.fileCount()) {
        const int64_t n = rows.hunkCount(place.file);
        if (place.hunk >= 0 && place.hunk < std::max<int64_t>(n, 1)) {
            if (n == 0) place.hunk = -1;  // a folded file is a place to stop at
            if (!(place == source_.current())) return goTo(place);
        }
        place.file += direction;
        if (place.file >= 0 && place.file < rows.fileCount())
            place.hunk = direction > 0 ? 0 : std::max<int64_t>(rows.hunkCount(place.file), 1) - 1;
    }
}

void ChangesScreen::stepFile(int direction) {
    goTo({source_.current().file + direction, -1});
}

void ChangesScreen::showFile(const QString& path) {
    const auto& files = source_.snapshot().files;
    for (size_t i = 0; i < files.size(); ++i)
        if (files[i]->review.path == path.toStdString()) goTo({int64_t(i), -1});
}

void ChangesScreen::toggleFold(int64_t file) {
    source_.toggleFold(file);
    goTo({file, -1});
}

// ---- what one wants

void ChangesScreen::chooseScope(ReviewScope scope) {
    if (scope == ReviewScope::commit) return baseBar_->open(model_.now().baseName);
    baseBar_->hide();
    model_.setScope(scope);
}

void ChangesScreen::takeChoice(ChangesBar::Choice choice) {
    if (choice == ChangesBar::Choice::filesAsTree)
        return files_->setShape(bar_->isOn(choice) ? FileList::Shape::tree : FileList::Shape::flat);
    const HunkPlace place = source_.current();
    const DiffOptions options = bar_->options();
    isPlacing_ = true;
    source_.setOptions(options);
    diff_->showSides(options.layout);
    isPlacing_ = false;
    placeFiles();
    goTo(place);
    if (choice == ChangesBar::Choice::sideBySide) emit diffLayoutChosen(options.layout);
}

std::optional<HunkRef> ChangesScreen::chosenHunk() const {
    const HunkPlace place = source_.current();
    if (source_.hunkAt(place) == nullptr) return std::nullopt;
    const TextRange chosen = diff_->selection();
    if (chosen.begin.item == chosen.end.item) return source_.refOf(place);
    const int64_t last = chosen.end.offset == 0 ? chosen.end.item - 1 : chosen.end.item;
    return source_.refOf(place, chosen.begin.item, last);
}

// On a file's head: all of the file.
void ChangesScreen::decide(HunkState state) {
    const HunkPlace place = source_.current();
    if (place.file < 0 || pages_->currentWidget() != content_) return;
    const std::optional<HunkRef> ref = chosenHunk();
    const std::string& path = source_.file(place.file).review.path;
    if (state == HunkState::accepted)
        ref ? model_.accept(*ref) : model_.acceptAll(path);
    else
        ref ? model_.reject(*ref) : model_.rejectAll(path);
}

void ChangesScreen::wish(HunkBar::Wish wish) {
    using Wish = HunkBar::Wish;
    switch (wish) {
        case Wish::accept:
            return decide(HunkState::accepted);
        case Wish::reject:
            return decide(HunkState::rejected);
        case Wish::edit:
            return edit();
        case Wish::comment:
            return comment();
        case Wish::stage:
            if (const auto ref = chosenHunk()) model_.stage(*ref);
            return;
        case Wish::why:
            return askWhy();
        case Wish::openEditor:
            return openInEditor();
    }
}

void ChangesScreen::edit() {
    const HunkPlace place = source_.current();
    const Hunk* hunk = source_.hunkAt(place);
    if (hunk == nullptr || source_.file(place.file).review.kind != FileReview::Kind::text) return;
    editedHunk_ = source_.refOf(place);
    editedPlace_ = place;
    editor_->open(LinesEditor::Purpose::lines, source_.titleOf(place),
                  QString::fromStdString(joined(hunk->added)));
}

void ChangesScreen::comment() {
    const HunkPlace place = source_.current();
    if (source_.hunkAt(place) == nullptr) return;
    editedHunk_ = source_.refOf(place);
    editedPlace_ = place;
    editor_->open(LinesEditor::Purpose::comment, source_.titleOf(place), {});
}

// The editor knows "\n" only, and people leave out the last one.
void ChangesScreen::takeLines(const QString& text) {
    const Hunk* hunk = source_.hunkAt(editedPlace_);
    const bool isSameList =
        hunk != nullptr && source_.refOf(editedPlace_).version == editedHunk_.version;
    const std::string known =
        isSameList ? joined(hunk->added.empty() ? hunk->removed : hunk->added) : std::string();
    QString lines = text;
    const bool endsOpen = !known.empty() && known.back() != '\n';
    if (!lines.isEmpty() && !lines.endsWith(QLatin1Char('\n')) && !endsOpen)
        lines += QLatin1Char('\n');
    if (known.find("\r\n") != std::string::npos)
        lines.replace(QLatin1Char('\n'), QLatin1String("\r\n"));
    model_.edit(editedHunk_, lines);
}

void ChangesScreen::takeEditor(const QString& text) {
    if (editor_->purpose() == LinesEditor::Purpose::lines) return takeLines(text);
    const Hunk* hunk = source_.hunkAt(editedPlace_);
    if (hunk == nullptr) return;
    const std::string anchor = !hunk->added.empty()    ? hunk->added.front()
                               : hunk->removed.empty() ? std::string()
                                                       : hunk->removed.front();
    source_.addComment({editedHunk_.path, hunk->after, anchor, diffLines(*hunk), text});
    updateBar();
    goTo(editedPlace_);
}

void ChangesScreen::sendComments() {
    const QString message = commentsMessage(source_.comments());
    const HunkPlace place = source_.current();
    source_.removeComments();
    updateBar();
    goTo(place);
    emit commentsWanted(message);
}

void ChangesScreen::askWhy() {
    const HunkPlace place = source_.current();
    if (const Hunk* hunk = source_.hunkAt(place))
        emit whyWanted(whyMessage(source_.titleOf(place), *hunk));
}

void ChangesScreen::openInEditor() {
    const HunkPlace place = source_.current();
    if (place.file < 0 || place.file >= source_.rows().fileCount()) return;
    const DiffRow at = source_.rows().at(diff_->caretRow());
    const Hunk* hunk = source_.hunkAt(place);
    int64_t line = hunk == nullptr ? 0 : hunk->after.begin;
    if (at.kind == DiffRow::Kind::context) line = at.line;
    const bool isNew = at.kind == DiffRow::Kind::added || at.kind == DiffRow::Kind::pair;
    if (isNew && hunk != nullptr) line += std::min(at.line, int64_t(hunk->added.size()));
    emit openPlace(QString::fromStdString(source_.file(place.file).review.path), int(line) + 1);
}

void ChangesScreen::toggleReviewed() {
    const HunkPlace place = source_.current();
    if (place.file < 0 || place.file >= source_.rows().fileCount()) return;
    const std::string path = source_.file(place.file).review.path;
    const bool isReviewed = !source_.isReviewed(path);
    source_.setReviewed(path, isReviewed);
    files_->reload();
    // A file that is done makes room for the next one.
    const bool hasNext = isReviewed && place.file + 1 < source_.rows().fileCount();
    goTo({hasNext ? place.file + 1 : place.file, -1});
}

}  // namespace moxie::desktop

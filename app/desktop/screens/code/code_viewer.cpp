#include "app/desktop/screens/code/code_viewer.h"

#include <QAction>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/code_pane.h"
#include "app/desktop/screens/code/code_source.h"
#include "app/desktop/screens/code/edit_bar.h"
#include "app/desktop/screens/code/file_tree.h"
#include "app/desktop/screens/code/line_bar.h"
#include "app/desktop/screens/code/state_note.h"
#include "app/desktop/screens/code/viewer_bars.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kTextPart = 360, kUsesPart = 240, kFilesPart = 150;  // at first
constexpr int kPartAbove = 3;  // a place one goes to stands a third below the upper edge

}  // namespace

CodeViewer::CodeViewer(CodeModel& model, Appearance& appearance, ActionRegistry& registry,
                       QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      source_(new CodeSource(this)),
      canvas_(new LineCanvas(*source_, appearance, this)),
      findBar_(new FindBar(*canvas_, this)),
      lineBar_(new LineBar(this)),
      editBar_(new EditBar(appearance, this)),
      head_(new ViewerHead(appearance, registry, this)),
      foot_(new ViewerFoot(appearance, registry, this)),
      outline_(new CodePane(appearance, QStringLiteral("code.outline"), this)),
      uses_(new CodePane(appearance, QStringLiteral("code.uses"), this)),
      files_(new FileTree(model, appearance, this)),
      note_(new StateNote(appearance, QStringLiteral("code.note"), this)),
      pages_(new QStackedWidget(this)),
      columns_(new QSplitter(Qt::Horizontal, this)),
      sides_(new QSplitter(Qt::Horizontal, this)) {
    setObjectName(QStringLiteral("code"));
    canvas_->setObjectName(QStringLiteral("code.text"));
    layOut();
    wireText();
    wirePanes();
    wireActions(registry);
    connect(note_, &StateNote::actionWanted, this, [this, &registry] {
        if (state_ == State::error)
            reload();
        else
            registry.action(QLatin1String("go.anywhere")).trigger();
    });
    retranslate();
    setState(State::empty);
}

CodeViewer::~CodeViewer() = default;

void CodeViewer::wireText() {
    connect(canvas_, &Canvas::selectionChanged, this, [this] {
        followCaret();
        updateFoot();
        emit placeChanged(here());
    });
    connect(foot_, &ViewerFoot::editorWanted, this, &CodeViewer::openInEditor);
    connect(editBar_, &EditBar::accepted, this, &CodeViewer::writeEdited);
    connect(editBar_, &EditBar::closed, this, [this] { canvas_->setFocus(); });
    connect(lineBar_, &LineBar::closed, this, [this] { canvas_->setFocus(); });
    connect(lineBar_, &LineBar::lineWanted, this, [this](int line, int column) {
        open({QString(), line, column});
    });
    canvas_->viewport()->installEventFilter(this);
    connect(&model_, &CodeModel::stateChanged, this, [this] { askOutline(); });
    connect(&model_, &CodeModel::indexChanged, this, [this] {
        if (model_.index().phase == IndexState::Phase::current) askOutline();
    });
}

void CodeViewer::layOut() {
    auto* text = new QWidget(this);
    auto* under = new QVBoxLayout(text);
    under->setContentsMargins(0, 0, 0, 0);
    under->setSpacing(0);
    under->addWidget(canvas_, 1);
    under->addWidget(findBar_);
    under->addWidget(lineBar_);
    under->addWidget(editBar_);
    auto* rows = new QSplitter(Qt::Vertical, this);
    rows->addWidget(text);
    rows->addWidget(uses_);
    columns_->addWidget(rows);
    columns_->addWidget(outline_);
    sides_->addWidget(files_);
    sides_->addWidget(pages_);
    for (QSplitter* splitter : {rows, columns_, sides_}) {
        splitter->setStretchFactor(0, splitter == sides_ ? 1 : 3);
        splitter->setStretchFactor(1, splitter == sides_ ? 3 : 1);
        splitter->setHandleWidth(grid(1));
        splitter->setChildrenCollapsible(false);
    }
    rows->setSizes({kTextPart, kUsesPart});
    sides_->setSizes({kFilesPart, kTextPart});
    outline_->list().setAddButton(CodeList::AddButton::underMouse);
    outline_->hide();
    uses_->hide();
    files_->hide();
    pages_->addWidget(note_);
    pages_->addWidget(columns_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(head_);
    layout->addWidget(sides_, 1);
    layout->addWidget(foot_);
}

void CodeViewer::wirePanes() {
    for (CodePane* pane : {outline_, uses_}) {
        connect(pane, &CodePane::closeWanted, this, [this, pane] { closePane(*pane); });
        connect(&pane->list(), &CodeList::placeWanted, this, &CodeViewer::open);
        connect(&pane->list(), &CodeList::addToMessage, this, &CodeViewer::addToMessage);
        connect(&pane->list(), &CodeList::editorWanted, this, &CodeViewer::editorWanted);
    }
    connect(files_, &FileTree::placeWanted, this, &CodeViewer::open);
    connect(files_, &FileTree::addToMessage, this, &CodeViewer::addToMessage);
    connect(files_, &FileTree::editorWanted, this, &CodeViewer::editorWanted);
    connect(files_, &FileTree::closeWanted, this, [this] {
        if (files_->isVisible()) toggleFiles();
    });
}

void CodeViewer::wireActions(ActionRegistry& registry) {
    registry.attach(ActionContext::code, *this);
    registry.on(QLatin1String("code.back"), *this, [this] { goBack(); });
    registry.on(QLatin1String("code.forward"), *this, [this] { goForward(); });
    registry.on(QLatin1String("code.line"), *this, [this] { goToLine(); });
    registry.on(QLatin1String("code.definition"), *this, [this] { goToDefinition(); });
    registry.on(QLatin1String("code.uses"), *this, [this] { showUses(); });
    registry.on(QLatin1String("code.outline"), *this, [this] { toggleOutline(); });
    registry.on(QLatin1String("code.files"), *this, [this] { toggleFiles(); });
    registry.on(QLatin1String("code.blame"), *this, [this] { toggleBlame(); });
    registry.on(QLatin1String("code.fold"), *this, [this] { toggleFold(); });
    registry.on(QLatin1String("code.foldAll"), *this, [this] { toggleAllFolds(); });
    registry.on(QLatin1String("code.edit"), *this, [this] { editSelection(); });
    registry.on(QLatin1String("edit.undo"), *this, [this] {
        if (hasFocusInside()) undoEdit();
    });
    registry.on(QLatin1String("code.ask"), *this, [this] { askAboutSelection(); });
    registry.on(QLatin1String("code.add"), *this, [this] { addSelection(); });
}

void CodeViewer::retranslate() {
    setAccessibleName(tr("Source code"));
    canvas_->setAccessibleName(tr("Text of the file"));
    outline_->setTitle(tr("Outline"));
    showProblem();
    updateHead();
    updateFoot();
}

void CodeViewer::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        symbols_.clear();  // their rows have words in them
        askOutline();
        if (uses_->isVisible()) askUses(After::show);
    }
    QWidget::changeEvent(event);
}

void CodeViewer::setState(State state) {
    state_ = state;
    pages_->setCurrentWidget(state == State::ready ? static_cast<QWidget*>(columns_) : note_);
    foot_->setVisible(state == State::ready);
    showProblem();
    updateHead();
    updateFoot();
}

void CodeViewer::showProblem() {
    using Problem = SourceText::Problem;
    if (state_ == State::empty)
        return note_->say(tr("No file is open"),
                          tr("Type some letters of a file's or symbol's name to read it here."),
                          tr("Go to file or symbol…"));
    if (state_ == State::loading) return note_->say(tr("Reading the file…"), wanted_.path);
    if (state_ != State::error || !source_->source()) return;
    const SourceText& source = *source_->source();
    const auto sentence = [&] {
        switch (source.problem) {
            case Problem::outside:
                return tr("It is not inside this repository.");
            case Problem::notFound:
                return tr("It is not there. It may have been moved or deleted.");
            case Problem::tooLarge:
                return tr("It is larger than 32 MB. Open it in your editor.");
            case Problem::binary:
                return tr("It is not a text. Open it in the program it belongs to.");
            case Problem::unreadable:
                return source.error;
            case Problem::none:
                break;
        }
        return QString();
    };
    note_->say(tr("%1 cannot be shown").arg(source.path), sentence(), tr("Try again"));
}

// ---- reading

void CodeViewer::open(const CodePlace& place) {
    CodePlace target = place;
    const CodePlace from = here();
    if (target.path.isEmpty()) target.path = from.path;
    if (target.path.isEmpty()) return;
    if (from.path != target.path || from.line != target.line) history_.leave(from);
    goTo(target);
}

// At once in the file that is open; it may have changed on disk, so it is read all the same.
void CodeViewer::goTo(const CodePlace& place) {
    if (here().path == place.path) jump(place);
    read(place);
}

void CodeViewer::reload() {
    CodePlace place = here();
    if (state_ == State::error && source_->source()) place.path = source_->source()->path;
    if (!place.path.isEmpty()) read(place);
}

void CodeViewer::read(const CodePlace& place) {
    wanted_ = place;
    if (state_ != State::ready) setState(State::loading);
    model_.read(place.path, *this,
                [this, place](const OpenedSource& opened) { show(opened, place); });
}

void CodeViewer::show(const OpenedSource& opened, const CodePlace& place) {
    const SourceTextSnapshot before = source_->source();
    const SourceText& now = *opened.source;
    const bool isSame =
        state_ == State::ready && before && before->path == now.path && before->text == now.text;
    if (isSame) return;  // one is there already
    const bool isSameFile = state_ == State::ready && before && before->path == now.path;
    const CodePlace stay = here();
    source_->setSource(opened.source);
    if (now.problem != SourceText::Problem::none) {
        symbols_.clear();
        outline_->setRows({});
        return setState(State::error);
    }
    source_->setColours(opened.colours);
    files_->showFile(now.path);
    model_.noteOpened(now.path);
    setState(State::ready);
    CodePlace target = isSameFile ? stay : place;
    target.path = now.path;
    jump(target);
    askOutline();
    askBlame();
    if (!opened.wantsColours) return;
    model_.colour(opened.source, *this,
                  [this, read = opened.source](const HighlightSnapshot& made) {
                      if (source_->source() == read) takeColours(made);
                  });
}

void CodeViewer::jump(const CodePlace& place) {
    source_->reveal(place.line);
    const int64_t row = source_->rowOf(place.line);
    const int line = source_->lineOf(row);
    const TextPlace caret = {row, std::max(0, place.column - 1)};
    source_->setMarked(place.line > 0 ? line : 0, place.line > 0 ? line : 0);
    const ItemRange visible = canvas_->visibleItems();
    const bool isInSight = row >= visible.begin + 1 && row < visible.end - 2;
    if (!isInSight) canvas_->scrollToItem(std::max<int64_t>(0, row - visible.count() / kPartAbove));
    canvas_->select(caret, caret);
    if (!isInSight)  // the caret's own wish to be seen was for any place
        canvas_->scrollToItem(std::max<int64_t>(0, row - visible.count() / kPartAbove));
    canvas_->setFocus();
    updateHead();
    updateFoot();
}

// ---- where one is

CodePlace CodeViewer::here() const {
    if (state_ != State::ready) return {};
    const TextPlace caret = canvas_->caret();
    return {source_->source()->path, source_->lineOf(caret.item), caret.offset + 1};
}

QString CodeViewer::symbolHere() const {
    if (state_ != State::ready) return {};
    const TextRange chosen = canvas_->selection();
    if (!chosen.isEmpty() && chosen.begin.item == chosen.end.item) {
        const QString name = source_->nameAt(chosen.begin);
        if (name == canvas_->textOf(chosen, CopyFormat::plain).trimmed()) return name;
    }
    return source_->nameAt(canvas_->caret());
}

void CodeViewer::goBack() {
    if (const auto place = history_.back(here())) goTo(*place);
    updateHead();
}

void CodeViewer::goForward() {
    if (const auto place = history_.forward(here())) goTo(*place);
    updateHead();
}

void CodeViewer::goToLine() {
    if (state_ == State::ready) lineBar_->open(here().line, source_->lineCount());
}

}  // namespace moxie::desktop

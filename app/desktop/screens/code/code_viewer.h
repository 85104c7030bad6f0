// Source code to read: colours, line numbers, blocks to fold away, who changed each line, find, the
// files of the repository at the left, an outline at the right, the uses of a symbol below, back
// and forward, and what one may do with lines (ask about them, add them to the message, open them
// in the editor, change a few in place). Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/screens/code/place_history.h"

class QSplitter;
class QStackedWidget;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class CodePane;
class CodeSource;
class EditBar;
class FileTree;
class FindBar;
class LineBar;
class LineCanvas;
class StateNote;
class ViewerFoot;
class ViewerHead;

class CodeViewer final : public QWidget {
    Q_OBJECT

public:
    enum class State : uint8_t { empty, loading, ready, error };

    // All must outlive the viewer.
    CodeViewer(CodeModel& model, Appearance& appearance, ActionRegistry& registry,
               QWidget* parent = nullptr);
    ~CodeViewer() override;

    State state() const { return state_; }

    // Reads the file (again) and goes there. An empty path is the file that is open.
    void open(const CodePlace& place);
    // The file may have changed on disk.
    void reload();

    // The file that is open and the caret's line and column.
    CodePlace here() const;
    // The identifier at the caret, or the selection if it is one.
    QString symbolHere() const;

    void goBack();
    void goForward();
    void goToLine();
    void goToDefinition();
    void showUses();
    void toggleOutline();
    void toggleFiles();
    void toggleBlame();
    void toggleFold();      // of the block at the caret
    void toggleAllFolds();  // of all functions
    void askAboutSelection();
    void addSelection();
    void openInEditor();
    void find();
    void editSelection();  // in place, after a checkpoint
    void undoEdit();

signals:
    void askWanted(const QString& path, int lineFirst, int lineLast, const QString& text);
    void editorWanted(const QString& path, int line, int column);
    void addToMessage(const QString& reference);
    void placeChanged(const moxie::desktop::CodePlace& place);
    void written(const QString& path);  // by the user, here

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class After : uint8_t { show, jump };

    struct Lines {
        int first = 1, last = 1;
    };

    struct Undo {  // of an edit
        SourceTextSnapshot before;
        std::string after;
    };

    static QString titleOf(Lines lines);
    static QString problemOf(const EditAnswer& answer);
    void writeEdited();
    bool hasFocusInside() const;

    void layOut();
    void wireText();
    void wirePanes();
    void wireActions(ActionRegistry& registry);
    void retranslate();
    void setState(State state);
    void goTo(const CodePlace& place);
    void read(const CodePlace& place);
    void show(const OpenedSource& opened, const CodePlace& place);
    void takeColours(const HighlightSnapshot& colours);
    void jump(const CodePlace& place);
    void askOutline();
    void followCaret();
    void askUses(After after);
    void showUsesOf(const SymbolUses& uses);
    void closePane(CodePane& pane);
    void showProblem();
    void askBlame();
    void takeBlame(const BlameSnapshot& blame);
    QString blameHere() const;
    template <class Change>
    void keepPlace(Change change);
    Lines selectedLines() const;
    void updateHead();
    void updateFoot();

    CodeModel& model_;
    Appearance& appearance_;
    CodeSource* source_;
    LineCanvas* canvas_;
    FindBar* findBar_;
    LineBar* lineBar_;
    EditBar* editBar_;
    ViewerHead* head_;
    ViewerFoot* foot_;
    CodePane* outline_;
    CodePane* uses_;
    FileTree* files_;
    StateNote* note_;
    QStackedWidget* pages_;
    QSplitter* columns_;  // text and outline
    QSplitter* sides_;    // files and all that
    PlaceHistory history_;
    std::vector<CodeHit> symbols_;  // of the file, by line
    State state_ = State::empty;
    CodePlace wanted_;   // while it is read
    SourceEdit edited_;  // what the edit bar is open for
    std::vector<Undo> undo_;
    bool wantsBlame_ = false;
    QString blameError_;
};

}  // namespace moxie::desktop

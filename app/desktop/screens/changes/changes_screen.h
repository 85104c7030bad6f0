// The review of what changed (S4): files at the left, one long diff of all of them, on one side or
// on two, decisions hunk by hunk or line by line, comments, checkpoints. A view over a ReviewModel;
// it writes nothing itself. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <optional>

#include "app/desktop/screens/changes/changes_bar.h"
#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/hunk_bar.h"
#include "app/desktop/screens/changes/review_model.h"

class QSplitter;
class QStackedWidget;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class ApplyPage;
class BaseBar;
class CheckpointPage;
class DiffView;
class FileList;
class LineCanvas;
class LinesEditor;
class MessagePage;
class PicturePane;

class ChangesScreen final : public QWidget {
    Q_OBJECT

public:
    // All outlive this.
    ChangesScreen(ReviewModel& model, Appearance& appearance, ActionRegistry& registry,
                  QWidget* parent = nullptr);
    ~ChangesScreen() override;

    // Scrolls to a file, if it has open hunks: "review" on a card of the conversation.
    void showFile(const QString& path);
    // The page of the checkpoints with this one chosen; what restoring does is asked there.
    void showCheckpoint(const QString& commit);

    // The page on which one sees what the code would change, before it is written.
    void showCode(const CodeToApply& code);

    DiffLayout diffLayout() const { return source_.options().layout; }

    void setDiffLayout(DiffLayout layout);

signals:
    void commentsWanted(const QString& text);  // to be sent to the agent as one message
    void whyWanted(const QString& text);
    void openPlace(const QString& path, int line);             // from 1
    void diffLayoutChosen(moxie::desktop::DiffLayout layout);  // by the user, to be kept

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    // ---- building
    QWidget* makeContent();
    void connectModel();
    void connectBar();
    void connectParts();
    void connectActions(ActionRegistry& registry);
    void restyle();
    void placeFiles();

    // ---- the model's news
    void takeModel();
    void showRows();
    HunkPlace placeLike(HunkPlace before, const std::string& path) const;
    void showMessage();
    void updateBar();

    // ---- where one is
    void followCaret();
    void showPictures();
    void goTo(HunkPlace place);
    void stepHunk(int direction);
    void stepFile(int direction);
    void toggleFold(int64_t file);
    bool isFocusInside() const;

    // ---- what one wants
    void chooseScope(ReviewScope scope);
    void takeChoice(ChangesBar::Choice choice);
    std::optional<HunkRef> chosenHunk() const;
    void decide(HunkState state);
    void wish(HunkBar::Wish wish);
    void edit();
    void comment();
    void takeEditor(const QString& text);
    void takeLines(const QString& text);
    void sendComments();
    void askWhy();
    void openInEditor();
    void toggleReviewed();

    ReviewModel& model_;
    Appearance& appearance_;
    DiffSource source_;
    ChangesBar* bar_ = nullptr;
    BaseBar* baseBar_ = nullptr;
    QStackedWidget* pages_ = nullptr;
    MessagePage* message_ = nullptr;
    QSplitter* content_ = nullptr;
    FileList* files_ = nullptr;
    DiffView* diff_ = nullptr;
    LineCanvas* canvas_ = nullptr;  // of the diff; side by side the right one
    HunkBar* hunkBar_ = nullptr;
    PicturePane* pictures_ = nullptr;
    LinesEditor* editor_ = nullptr;
    CheckpointPage* checkpoints_ = nullptr;
    ApplyPage* apply_ = nullptr;
    HunkRef editedHunk_;  // what the editor is open for
    HunkPlace editedPlace_;
    bool isStaleView_ = true;  // the model changed while nobody looked
    bool isPlacing_ = false;   // the caret moves because the rows do
};

}  // namespace moxie::desktop

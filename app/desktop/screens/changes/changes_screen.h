// The review of what changed (S4): files at the left, one long diff of all of them, decisions hunk
// by hunk or line by line, comments, checkpoints. A view over a ReviewModel; it writes nothing
// itself. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <optional>
#include <vector>

#include "app/desktop/screens/changes/diff_source.h"
#include "app/desktop/screens/changes/hunk_bar.h"
#include "app/desktop/screens/changes/review_model.h"

class QAction;
class QBoxLayout;
class QComboBox;
class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class CheckpointPage;
class FileList;
class FindBar;
class LineCanvas;
class LinesEditor;
class NoticeStrip;

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

signals:
    void commentsWanted(const QString& text);  // to be sent to the agent as one message
    void whyWanted(const QString& text);
    void openPlace(const QString& path, int line);  // from 1
    void said(const QString& sentence);             // for a screen reader

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    // ---- building
    QWidget* makeBar();
    void foldHead();
    QWidget* makeMessagePage();
    QWidget* makeContent();
    void connectModel();
    void connectParts();
    void connectActions(ActionRegistry& registry);
    void retranslate();
    void restyle();

    // ---- the model's news
    void takeModel();
    void showRows();
    void showMessage();
    void updateBar();

    // ---- where one is
    void followCaret();
    void goTo(HunkPlace place);
    void stepHunk(int direction);
    void stepFile(int direction);
    void toggleFold(int64_t file);
    bool isFocusInside() const;

    // ---- what one wants
    std::optional<HunkRef> chosenHunk() const;
    void decide(HunkState state);
    void wish(HunkBar::Wish wish);
    void edit();
    void comment();
    void takeEditor(const QString& text);
    void sendComments();
    void askWhy();
    void openInEditor();
    void toggleReviewed();

    ReviewModel& model_;
    Appearance& appearance_;
    DiffSource source_;
    QBoxLayout* head_ = nullptr;  // what is shown, and buttons
    QComboBox* scope_ = nullptr;
    QLabel* summary_ = nullptr;
    QPushButton *send_ = nullptr, *acceptAll_ = nullptr, *rejectAll_ = nullptr;
    QToolButton *undo_ = nullptr, *redo_ = nullptr, *more_ = nullptr;
    QAction *allContext_ = nullptr, *foldWhitespace_ = nullptr, *asTree_ = nullptr,
            *points_ = nullptr, *refresh_ = nullptr;
    NoticeStrip* notice_ = nullptr;
    QStackedWidget* pages_ = nullptr;
    QWidget *messagePage_ = nullptr, *content_ = nullptr;
    QLabel *messageTitle_ = nullptr, *messageText_ = nullptr;
    QPushButton* messageButton_ = nullptr;
    QSplitter* splitter_ = nullptr;
    FileList* files_ = nullptr;
    LineCanvas* canvas_ = nullptr;
    FindBar* find_ = nullptr;
    HunkBar* hunkBar_ = nullptr;
    LinesEditor* editor_ = nullptr;
    CheckpointPage* checkpoints_ = nullptr;
    HunkRef editedHunk_;  // what the editor is open for
    HunkPlace editedPlace_;
    bool isStaleView_ = true;  // the model changed while nobody looked
    bool isPlacing_ = false;   // the caret moves because the rows do
};

}  // namespace moxie::desktop

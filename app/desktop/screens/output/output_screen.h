// The workbench tab "Terminal": the commands that the agent ran in a session, and the whole output
// of the chosen one, read-only. It reads nothing while it is hidden.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <memory>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/output/command_list.h"
#include "app/desktop/screens/output/output_feed.h"
#include "app/desktop/screens/output/output_source.h"

class QLabel;
class QSplitter;
class QStackedLayout;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class CommandModel;
class CommandView;
class OutputHeader;
class SessionModel;

class OutputScreen final : public QWidget {
    Q_OBJECT

public:
    // `session`, `appearance` and `actions` outlive it; `store` is used on a worker.
    OutputScreen(SessionModel& session, std::shared_ptr<const OutputStore> store,
                 Appearance& appearance, ActionRegistry& actions, QWidget* parent = nullptr);

    // For a card of the conversation: shows that command. Unknown ones change nothing.
    void showCommand(const std::string& callId, int32_t turn);

    LineCanvas& canvas() const { return *canvas_; }

    const OutputFeed& feed() const { return *feed_; }

signals:
    // A place in the output was clicked. `path` as it was printed, made absolute: below the
    // command's folder if there is such a file, else below the repository.
    void openPlace(const QString& path, int line, int column);
    void addToMessage(const QString& text);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void connectSession();
    void connectCanvas(ActionRegistry& actions);
    void choose(int row);
    void showChosen(int row);
    void chosenMayHaveChanged();
    void showStates();
    void showNote();
    void addSelection();
    void follow(const QString& href);
    void retranslate();

    SessionModel& session_;
    CommandModel* model_;
    CommandView* list_;
    OutputHeader* header_;
    OutputSource* source_;
    OutputFeed* feed_;
    LineCanvas* canvas_;
    QLabel* hint_;  // instead of the canvas: nothing yet, nothing at all
    QStackedLayout* body_;
    QStackedLayout* pages_;
    QLabel* message_;  // instead of all: empty, loading, error
    QSplitter* splitter_;
    CommandRow chosen_;
    bool followsNewest_ = true;  // until the user chooses another one
    bool isShowing_ = false;     // the list is set by us, not by the user
};

}  // namespace moxie::desktop

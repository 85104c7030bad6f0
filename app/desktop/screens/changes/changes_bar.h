// The bar above a review: which changes, how many, decisions about all of them, and how they are
// shown. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <array>

#include "app/desktop/screens/changes/diff_rows.h"
#include "app/desktop/screens/changes/review_model.h"

class QAction;
class QBoxLayout;
class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class ChangesBar final : public QWidget {
    Q_OBJECT

public:
    // How the changes are shown; each can be switched on and off.
    enum class Choice : uint8_t { sideBySide, wholeFiles, foldWhitespace, filesAsTree };

    ChangesBar(Appearance& appearance, QWidget* parent);

    void showReview(const ReviewModel& model, int nComments);

    bool isOn(Choice choice) const;
    void set(Choice choice, bool isOn);

    void toggle(Choice choice) { set(choice, !isOn(choice)); }

    DiffOptions options() const;

signals:
    void scopeChosen(moxie::desktop::ReviewScope scope);
    void choiceChanged(moxie::desktop::ChangesBar::Choice choice, bool isOn);
    void undoWanted();
    void redoWanted();
    void acceptAllWanted();
    void rejectAllWanted();
    void sendWanted();
    void pointsWanted();
    void refreshWanted();

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeParts();
    void makeMenu();
    void layOut();
    void fold();
    void retranslate();
    void restyle();
    void showSummary(const ReviewModel& model);

    Appearance& appearance_;
    QBoxLayout* layout_ = nullptr;  // what is shown, and buttons
    QComboBox* scope_ = nullptr;
    QLabel* summary_ = nullptr;
    QPushButton *send_ = nullptr, *acceptAll_ = nullptr, *rejectAll_ = nullptr;
    QToolButton *undo_ = nullptr, *redo_ = nullptr, *more_ = nullptr;
    std::array<QAction*, 4> choices_ = {};  // by Choice
    QAction *points_ = nullptr, *refresh_ = nullptr;
};

}  // namespace moxie::desktop

// How far the index is to be trusted: up to date or not, since when, how much is in it by language;
// pause and go on while it is made. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QToolButton;

namespace moxie::desktop {

class Appearance;
class CodeModel;
struct IndexState;

class IndexPanel final : public QWidget {
    Q_OBJECT

public:
    IndexPanel(CodeModel& model, Appearance& appearance, QWidget* parent);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void layOut();
    void refresh();
    void showPhase(const IndexState& index);
    void fillLanguages(const IndexState& index);
    void fillExcluded(const IndexState& index);
    void fitTable();
    void flattenTable();
    void act();

    CodeModel& model_;
    Appearance& appearance_;
    QLabel* sign_;
    QLabel* phase_;
    QLabel* size_;
    QToolButton* details_;
    QPushButton* action_;
    QProgressBar* progress_;
    QTableWidget* languages_;
    QLabel* excluded_;
    QBoxLayout* head_;
    qint64 generation_ = -1;  // of what the table shows
};

}  // namespace moxie::desktop

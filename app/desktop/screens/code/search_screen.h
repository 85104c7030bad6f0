// The tab "Symbols": the state of the index, and a search over symbols (fuzzy, by kind, below a
// folder) and over the texts of the repository, with how long it took. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/screens/code/code_model.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QStackedWidget;

namespace moxie::desktop {

class Appearance;
class CodeList;
class IndexPanel;
class StateNote;

class SearchScreen final : public QWidget {
    Q_OBJECT

public:
    SearchScreen(CodeModel& model, Appearance& appearance, QWidget* parent = nullptr);
    ~SearchScreen() override;

    void focusQuery();
    void searchFor(const QString& typed);

signals:
    void placeWanted(const moxie::desktop::CodePlace& place);
    void addToMessage(const QString& reference);
    void editorWanted(const QString& path, int line, int column);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void layOut();
    void retranslate();
    void refresh();
    void ask();
    void showResults();
    CodeQuery query() const;

    CodeModel& model_;
    IndexPanel* index_;
    QLineEdit* query_;
    QComboBox* scope_;
    QLabel* summary_;
    QStackedWidget* pages_;
    CodeList* list_;
    StateNote* note_;
    CodeHits symbols_;
    TextHits texts_;
    bool hasSymbols_ = false, hasTexts_ = false;  // the answers to the last question
};

}  // namespace moxie::desktop

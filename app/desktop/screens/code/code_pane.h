// A list beside or below a text, with a title, a quiet note and a button that closes it: the
// outline of a file, the uses of a symbol. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <vector>

#include "app/desktop/screens/code/code_rows.h"

class QLabel;
class QToolButton;

namespace moxie::desktop {

class Appearance;
class CodeList;

class CodePane final : public QWidget {
    Q_OBJECT

public:
    CodePane(Appearance& appearance, const QString& name, QWidget* parent);

    void setTitle(const QString& title, const QString& note = {});
    void setRows(std::vector<CodeRow> rows);
    void say(const QString& sentence);  // in the place of the rows

    CodeList& list() const { return *list_; }

signals:
    void closeWanted();

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void applyLook();
    void retranslate();

    Appearance& appearance_;
    QLabel* title_;
    QLabel* note_;
    QToolButton* close_;
    CodeList* list_;
    QLabel* sentence_;
};

}  // namespace moxie::desktop

// A list of CodeRows: Enter or a click goes there, Ctrl+Enter opens the user's editor, Shift+Enter
// or the button at the end of the row adds its reference to the message. Threads: GUI thread only.
#pragma once
#include <QListView>
#include <vector>

#include "app/desktop/screens/code/code_rows.h"

namespace moxie::desktop {

class Appearance;

class CodeList final : public QListView {
    Q_OBJECT

public:
    // Which rows show their "add" button.
    enum class AddButton : uint8_t { chosen, underMouse };

    CodeList(Appearance& appearance, QWidget* parent);
    ~CodeList() override;

    // Chooses the first row that is no heading.
    void setRows(std::vector<CodeRow> rows);
    const std::vector<CodeRow>& rows() const;

    // `chosen`: the chosen row and the one under the mouse. For narrow lists that follow something
    // else: only under the mouse.
    void setAddButton(AddButton where) { addButton_ = where; }

    int currentRow() const { return currentIndex().row(); }

    void setCurrentRow(int row);
    void moveBy(int rows);  // over headings, round at the ends
    void openCurrent();
    void addCurrent();
    void editCurrent();  // in the user's editor

    // Where the "add" button of a row is, in the viewport; empty for headings.
    QRect addRect(int row) const;

signals:
    void placeWanted(const moxie::desktop::CodePlace& place);
    void addToMessage(const QString& reference);
    void editorWanted(const QString& path, int line, int column);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    class Model;
    class Painter;

    const CodeRow* rowAt(const QModelIndex& index) const;

    Appearance& appearance_;
    Model* model_;
    Painter* painter_;
    AddButton addButton_ = AddButton::chosen;
};

}  // namespace moxie::desktop

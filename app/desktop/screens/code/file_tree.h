// The files of the repository beside the text: folders that are read as one opens them, with git's
// letter at what differs from the last commit; letters typed above find files in all folders. Enter
// opens a file, Ctrl+Enter in the user's editor, Shift+Enter adds it to the message. Threads: GUI
// thread only.
#pragma once
#include <QWidget>
#include <map>
#include <memory>
#include <set>

#include "app/desktop/screens/code/code_model.h"

class QLabel;
class QLineEdit;
class QToolButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace moxie::desktop {

class Appearance;
class CodeList;

class FileTree final : public QWidget {
    Q_OBJECT

public:
    // Both outlive this.
    FileTree(CodeModel& model, Appearance& appearance, QWidget* parent);
    ~FileTree() override;

    // Opens the folders around it and chooses it, now or as soon as they are read.
    void showFile(const QString& path);
    void focusFiles();

signals:
    void placeWanted(const moxie::desktop::CodePlace& place);
    void addToMessage(const QString& reference);
    void editorWanted(const QString& path, int line, int column);
    void closeWanted();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void layOut();
    void wire();
    void retranslate();
    void applyLook();
    void takeState();
    void readAgain();
    void readFolder(const QString& path);
    void fill(const QString& path, const FolderListing& listing);
    QTreeWidgetItem* itemFor(const QString& folder, const FolderListing::Entry& entry);
    void noteLeftOut(QTreeWidgetItem& folder, int64_t nLeftOut);
    void restoreOpen(QTreeWidgetItem& item);
    void revealWanted();
    void showLetters();
    void showLetter(QTreeWidgetItem& item);
    void find();
    void showSentence(const QString& sentence);
    bool handleKey(QObject* watched, int key, Qt::KeyboardModifiers modifiers);

    CodeModel& model_;
    Appearance& appearance_;
    QLabel* title_;
    QToolButton* close_;
    QLineEdit* filter_;
    QTreeWidget* tree_;
    CodeList* found_;
    QLabel* sentence_;                           // in the place of both
    std::map<QString, QTreeWidgetItem*> items_;  // by path, of all that are made
    std::set<QString> open_;                     // folders
    ChangedPaths changed_;
    std::set<QString> changedFolders_;
    QString wanted_;                   // to be revealed
    int64_t generation_ = -1;          // of the index that is shown
    std::unique_ptr<QObject> asking_;  // answers to what was asked before it are dropped
};

}  // namespace moxie::desktop

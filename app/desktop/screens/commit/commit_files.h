// The files of a commit as a tree with ticks: below a changed file its hunks, below a hunk its
// lines, asked for when they are opened. What was ticked by hand stays ticked when the files are
// looked at again. Threads: GUI thread only.
#pragma once
#include <QTreeWidget>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/desktop/screens/commit/commit_model.h"

namespace moxie::desktop {

class Appearance;

class CommitFiles final : public QTreeWidget {
    Q_OBJECT

public:
    CommitFiles(Appearance& appearance, QWidget* parent);

    void setFiles(const std::vector<CommitFile>& files);
    void showHunks(const CommitHunks& found);
    // The files as they are, in new colours or another language.
    void repaintRows();
    void tickAll(Tick tick);

    struct Ticks {
        std::vector<std::string> whole = {};  // with the old names of renamed files
        std::vector<CommitPart> parts = {};
        int nFiles = 0, nTicked = 0;  // files, also those in part
        bool isWaiting = false;       // for what is staged of a file

        bool isEmpty() const { return whole.empty() && parts.empty(); }
    };

    Ticks ticks() const;

signals:
    void ticksChanged();
    void hunksWanted(const std::string& path);
    void fileWanted(const QString& path);

private:
    // A file whose hunks are known.
    struct Split {
        CommitPart part = {};
        bool isOpen = false;
    };

    void fill();
    QTreeWidgetItem* addFile(const CommitFile& file);
    void addHunks(QTreeWidgetItem& file, const Split& split);
    void addLines(QTreeWidgetItem& hunkItem, const CommitHunk& hunk, const HunkTicks& ticks);
    void setCounts(QTreeWidgetItem& item, int64_t nAdded, int64_t nRemoved);
    void sizeCounts();
    void remember();
    void noteExpanded(QTreeWidgetItem* item);
    QTreeWidgetItem* itemOf(const std::string& path) const;
    void tellTicksSoon();

    Appearance& appearance_;
    std::vector<CommitFile> files_;
    std::set<std::string> unticked_, known_;  // files once seen keep their tick
    std::map<std::string, Split> split_;
    std::set<std::string> waiting_;  // staged in part, hunks not known yet
    bool isFilling_ = false, isTelling_ = false;
};

}  // namespace moxie::desktop

// The files of a review at the left: status letter, name, lines added and removed, reviewed tick,
// as a tree of folders or flat. Threads: GUI thread only.
#pragma once
#include <QTreeWidget>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace moxie::desktop {

class Appearance;
class DiffSource;
struct ReviewedFile;

class FileList final : public QTreeWidget {
    Q_OBJECT

public:
    enum class Shape : uint8_t { flat, tree };

    // Both outlive this.
    FileList(const DiffSource& source, Appearance& appearance, QWidget* parent);

    void setShape(Shape shape);
    // Takes what the source has now; keeps the choice and closed folders.
    void reload();
    // Without a signal.
    void showCurrent(int64_t file);

signals:
    void fileChosen(qint64 file);
    void reviewedChanged(const QString& path, bool isReviewed);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Filled {  // what an item shows
        std::shared_ptr<const ReviewedFile> file = {};
        bool isReviewed = false;
    };

    QList<QTreeWidgetItem*> makeItems(const std::vector<QString>& paths);
    void showItems(const QList<QTreeWidgetItem*>& top);
    bool dropGone(const std::vector<QString>& paths);
    void dropItem(QTreeWidgetItem* item);
    QTreeWidgetItem* folderItem(const QString& folder, QList<QTreeWidgetItem*>& top);
    static void addBelow(QTreeWidgetItem* folder, QTreeWidgetItem* item,
                         QList<QTreeWidgetItem*>& top);
    void fill(QTreeWidgetItem& item, int64_t file);
    void fillIfNew(int64_t file);
    void reloadAll();
    void retranslate();
    void fitColumns();

    const DiffSource& source_;
    Appearance& appearance_;
    Shape shape_ = Shape::flat;
    std::map<QString, QTreeWidgetItem*> folders_;
    std::vector<QString> shownPaths_;  // of each file
    std::vector<QTreeWidgetItem*> items_;
    std::vector<Filled> filled_;
    std::unordered_map<const QTreeWidgetItem*, int64_t> indices_;
};

}  // namespace moxie::desktop

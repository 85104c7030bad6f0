// Opens a place in the user's own editor. Which one: the command of the setting "desktop.editor",
// or the first that is found on this machine. Arguments go to the program as they are, never
// through a shell, and nothing waits for it. Threads: GUI thread only; the free functions: any.
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>

namespace moxie::desktop {

class Settings;

struct EditorPlace {
    QString path = {};         // absolute
    int line = 0, column = 0;  // from 1; 0: not said
};

// What is looked at to find an editor; of the real machine by default.
struct EditorSurroundings {
    std::function<QString(const char*)> variable;
    std::function<QString(const QString&)> findProgram;  // "" if there is none in PATH

    static EditorSurroundings ofThisMachine();
};

struct EditorChoice {
    QString name = {};         // as the user knows it: "Kate"
    QStringList command = {};  // with FILE, LINE and COLUMN in its words
    bool operator==(const EditorChoice&) const = default;
};

// Words of a command: parted by spaces, quotes keep a word together, a backslash takes the next
// character as it is. nullopt: empty, or a quote is not closed.
std::optional<QStringList> wordsOf(const QString& command);

// FILE, LINE and COLUMN (or COL) replaced where they stand alone in a word, as in "FILE:LINE:COL"
// or "+LINE"; without FILE the path becomes the last word. What is not said is 1.
QStringList argumentsFor(const QStringList& command, const EditorPlace& place);

// Neovim that we run inside of, then the editor of VISUAL or EDITOR if it is a known one, then the
// first known one that is installed, Vim in a terminal last. nullopt: none.
std::optional<EditorChoice> findEditor(const EditorSurroundings& around);

class EditorLink final : public QObject {
    Q_OBJECT

public:
    // `settings` outlives it.
    explicit EditorLink(const Settings& settings,
                        EditorSurroundings around = EditorSurroundings::ofThisMachine(),
                        QObject* parent = nullptr);

    // "" if there is none. Cost: looks into the folders of PATH.
    QString editorName() const;
    // Told at once: opened or failed.
    void open(const EditorPlace& place);

signals:
    void opened(const QString& editorName);
    void failed(const QString& sentence);

private:
    std::optional<EditorChoice> choice() const;

    const Settings& settings_;
    const EditorSurroundings around_;
};

}  // namespace moxie::desktop

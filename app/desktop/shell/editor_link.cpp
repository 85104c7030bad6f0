#include "app/desktop/shell/editor_link.h"

#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <algorithm>
#include <array>
#include <utility>

#include "app/desktop/shell/settings.h"

namespace moxie::desktop {

namespace {

struct KnownEditor {
    const char* name;
    std::array<const char*, 3> programs;  // the same editor under other names
    const char* words;                    // behind the program
};

// In the order in which they are looked for.
constexpr auto kEditors = std::to_array<KnownEditor>({
    {"Visual Studio Code", {"code", "code-insiders"}, "-g FILE:LINE:COLUMN"},
    {"VSCodium", {"codium", "vscodium"}, "-g FILE:LINE:COLUMN"},
    {"Cursor", {"cursor"}, "-g FILE:LINE:COLUMN"},
    {"Windsurf", {"windsurf"}, "-g FILE:LINE:COLUMN"},
    {"Zed", {"zed", "zeditor", "zedit"}, "FILE:LINE:COLUMN"},
    {"Kate", {"kate"}, "-l LINE -c COLUMN FILE"},
    {"Qt Creator", {"qtcreator"}, "-client FILE:LINE:COLUMN"},
    {"Emacs", {"emacsclient"}, "-n -a emacs +LINE:COLUMN FILE"},
});

// Editors of a terminal need one to run in; the words are those of Vim and Neovim.
constexpr std::array kTerminals = {"x-terminal-emulator", "konsole", "xfce4-terminal",
                                   "alacritty",           "kitty",   "xterm"};
constexpr std::array kTerminalEditors = {std::pair{"nvim", "Neovim"}, std::pair{"vim", "Vim"}};

const char* const kMovesCursor = "+call cursor(LINE,COLUMN)";

QStringList programsOf(const KnownEditor& editor) {
    QStringList programs;
    for (const char* program : editor.programs)
        if (program != nullptr) programs << QLatin1String(program);
    return programs;
}

EditorChoice made(const QString& name, const QString& program, const QString& words) {
    return {name, QStringList(program) + wordsOf(words).value_or(QStringList())};
}

// The Neovim whose terminal we were started from shows the file itself. Its --remote knows no
// line, so an expression does both; the path stands in single quotes there.
std::optional<EditorChoice> neovimAround(const EditorSurroundings& around) {
    const QString server = around.variable("NVIM");
    const QString program = around.findProgram(QStringLiteral("nvim"));
    if (server.isEmpty() || program.isEmpty()) return std::nullopt;
    return EditorChoice{
        QStringLiteral("Neovim"),
        {program, QStringLiteral("--server"), server, QStringLiteral("--remote-expr"),
         QStringLiteral("execute('drop '.fnameescape('QUOTED_FILE')).cursor(LINE,COLUMN)")}};
}

// VISUAL or EDITOR, where it names an editor with a window.
std::optional<EditorChoice> wishedEditor(const EditorSurroundings& around) {
    for (const char* variable : {"VISUAL", "EDITOR"}) {
        const QStringList words = wordsOf(around.variable(variable)).value_or(QStringList());
        if (words.isEmpty()) continue;
        const QString wished = QFileInfo(words.first()).fileName();
        for (const KnownEditor& editor : kEditors) {
            if (!programsOf(editor).contains(wished)) continue;
            const QString program = around.findProgram(words.first());
            if (!program.isEmpty())
                return made(QLatin1String(editor.name), program, QLatin1String(editor.words));
        }
    }
    return std::nullopt;
}

std::optional<EditorChoice> installedEditor(const EditorSurroundings& around) {
    for (const KnownEditor& editor : kEditors)
        for (const QString& name : programsOf(editor))
            if (const QString program = around.findProgram(name); !program.isEmpty())
                return made(QLatin1String(editor.name), program, QLatin1String(editor.words));
    return std::nullopt;
}

std::optional<EditorChoice> editorInTerminal(const EditorSurroundings& around) {
    QString terminal = around.findProgram(around.variable("TERMINAL"));
    for (const char* name : kTerminals)
        if (terminal.isEmpty()) terminal = around.findProgram(QLatin1String(name));
    if (terminal.isEmpty()) return std::nullopt;
    for (const auto& [program, name] : kTerminalEditors) {
        const QString editor = around.findProgram(QLatin1String(program));
        if (editor.isEmpty()) continue;
        return EditorChoice{QLatin1String(name),
                            {terminal, QStringLiteral("-e"), editor, QLatin1String(kMovesCursor),
                             QStringLiteral("--"), QStringLiteral("FILE")}};
    }
    return std::nullopt;
}

QString quotedForVim(QString path) {
    return path.replace(QLatin1Char('\''), QLatin1String("''"));
}

}  // namespace

EditorSurroundings EditorSurroundings::ofThisMachine() {
    return {[](const char* name) { return qEnvironmentVariable(name); },
            [](const QString& name) {
                return name.isEmpty() ? QString() : QStandardPaths::findExecutable(name);
            }};
}

std::optional<QStringList> wordsOf(const QString& command) {
    QStringList words;
    QString word;
    QChar quote;  // null: outside
    bool isInWord = false;
    for (qsizetype i = 0; i < command.size(); ++i) {
        const QChar c = command.at(i);
        const bool isEscape = c == QLatin1Char('\\') && quote != QLatin1Char('\'');
        if (isEscape && i + 1 < command.size()) {
            word += command.at(++i);
            isInWord = true;
        } else if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
            else
                word += c;
        } else if (c == QLatin1Char('"') || c == QLatin1Char('\'')) {
            quote = c;
            isInWord = true;
        } else if (c.isSpace()) {
            if (std::exchange(isInWord, false)) words << std::exchange(word, {});
        } else {
            word += c;
            isInWord = true;
        }
    }
    if (!quote.isNull()) return std::nullopt;
    if (isInWord) words << word;
    if (words.isEmpty()) return std::nullopt;
    return words;
}

QStringList argumentsFor(const QStringList& command, const EditorPlace& place) {
    static const QRegularExpression placeholder(
        QStringLiteral("(?<![A-Za-z0-9_])(QUOTED_FILE|FILE|LINE|COLUMN|COL)(?![A-Za-z0-9_])"));
    QStringList made;
    bool hasFile = false;
    for (const QString& word : command) {
        QString filled;
        qsizetype end = 0;
        // One pass: a path that contains "LINE" stays as it is.
        for (auto found = placeholder.globalMatch(word); found.hasNext();) {
            const QRegularExpressionMatch match = found.next();
            const QString name = match.captured(1);
            filled += word.mid(end, match.capturedStart() - end);
            end = match.capturedEnd();
            const bool isFile = name.endsWith(QLatin1String("FILE"));
            hasFile |= isFile;
            if (isFile)
                filled += name == QLatin1String("FILE") ? place.path : quotedForVim(place.path);
            else
                filled += QString::number(
                    std::max(1, name == QLatin1String("LINE") ? place.line : place.column));
        }
        made << filled + word.mid(end);
    }
    if (!hasFile) made << place.path;
    return made;
}

std::optional<EditorChoice> findEditor(const EditorSurroundings& around) {
    for (const auto& look : {neovimAround, wishedEditor, installedEditor, editorInTerminal})
        if (auto found = look(around)) return found;
    return std::nullopt;
}

EditorLink::EditorLink(const Settings& settings, EditorSurroundings around, QObject* parent)
    : QObject(parent),
      settings_(settings),
      around_(std::move(around)) {}

std::optional<EditorChoice> EditorLink::choice() const {
    const QString command = settings_.text("desktop.editor").trimmed();
    if (command.isEmpty()) return findEditor(around_);
    const auto words = wordsOf(command);
    if (!words) return std::nullopt;
    return EditorChoice{QFileInfo(words->first()).fileName(), *words};
}

QString EditorLink::editorName() const {
    const auto chosen = choice();
    return chosen ? chosen->name : QString();
}

void EditorLink::open(const EditorPlace& place) {
    const auto chosen = choice();
    if (!chosen) {
        emit failed(settings_.text("desktop.editor").trimmed().isEmpty()
                        ? tr("No editor was found. Name one under Settings, Editor command.")
                        : tr("The editor command in the settings cannot be understood: a quote "
                             "is not closed."));
        return;
    }
    QStringList words = argumentsFor(chosen->command, place);
    const QString program = words.takeFirst();
    if (QProcess::startDetached(program, words))
        emit opened(chosen->name);
    else
        emit failed(tr("%1 could not be started: %2").arg(chosen->name, program));
}

}  // namespace moxie::desktop

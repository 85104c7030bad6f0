#include "app/desktop/screens/code/code_rows.h"

#include <QLocale>
#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr qsizetype kSnippetLinesMax = 3, kReasonWordsMax = 4;

struct KindSign {
    const char* badge;
    CodeRole role;
    const char* title;
};

KindSign signOf(indexer::SymbolKind kind) {
    using K = indexer::SymbolKind;
    switch (kind) {
        case K::function:
            return {"f", CodeRole::function, QT_TRANSLATE_NOOP("CodeRows", "function")};
        case K::method:
            return {"m", CodeRole::function, QT_TRANSLATE_NOOP("CodeRows", "method")};
        case K::constructor:
            return {"m", CodeRole::function, QT_TRANSLATE_NOOP("CodeRows", "constructor")};
        case K::type:
            return {"T", CodeRole::type, QT_TRANSLATE_NOOP("CodeRows", "type")};
        case K::interface:
            return {"I", CodeRole::type, QT_TRANSLATE_NOOP("CodeRows", "interface")};
        case K::enumeration:
            return {"E", CodeRole::type, QT_TRANSLATE_NOOP("CodeRows", "enumeration")};
        case K::enumerator:
            return {"e", CodeRole::constant, QT_TRANSLATE_NOOP("CodeRows", "enumerator")};
        case K::field:
            return {"p", CodeRole::property, QT_TRANSLATE_NOOP("CodeRows", "field")};
        case K::variable:
            return {"v", CodeRole::variable, QT_TRANSLATE_NOOP("CodeRows", "variable")};
        case K::constant:
            return {"c", CodeRole::constant, QT_TRANSLATE_NOOP("CodeRows", "constant")};
        case K::macro:
            return {"#", CodeRole::preprocessor, QT_TRANSLATE_NOOP("CodeRows", "macro")};
        case K::module:
            return {"N", CodeRole::keyword, QT_TRANSLATE_NOOP("CodeRows", "module")};
        case K::typeAlias:
            return {"T", CodeRole::type, QT_TRANSLATE_NOOP("CodeRows", "type alias")};
    }
    return {"?", CodeRole::text, QT_TRANSLATE_NOOP("CodeRows", "symbol")};
}

QString toQString(const std::string& text) {
    return QString::fromStdString(text);
}

QString folderOf(const QString& path) {
    return path.left(std::max<qsizetype>(0, path.lastIndexOf(QLatin1Char('/'))));
}

QString lineOf(const QString& path, int line) {
    return line > 0 ? path + QLatin1Char(':') + QString::number(line) : path;
}

// The first lines that are not empty, without what they are all moved in by.
QString shortSnippet(const std::string& text) {
    QStringList lines;
    qsizetype indent = 1'000;
    for (const QString& line : toQString(text).split(QLatin1Char('\n'))) {
        QString shown = line;
        shown.replace(QLatin1Char('\t'), QLatin1String("    "));
        const QString trimmed = shown.trimmed();
        if (trimmed.isEmpty()) continue;
        indent = std::min(indent, shown.indexOf(trimmed.front()));
        lines << shown;
        if (lines.size() == kSnippetLinesMax) break;
    }
    for (QString& line : lines)
        line.remove(0, indent);
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

QString CodeRows::kindTitle(indexer::SymbolKind kind) {
    return tr(signOf(kind).title);
}

QString CodeRows::price(int64_t tokens) {
    return tr("about %Ln tokens", "what a reference costs",
              int(std::min<int64_t>(tokens, INT_MAX)));
}

QString CodeRows::milliseconds(double value) {
    return tr("%1 ms", "how long a question took")
        .arg(QLocale().toString(value, 'f', value < 10 ? 1 : 0));
}

CodeRow CodeRows::heading(const QString& title) {
    CodeRow row;
    row.look = CodeRow::Look::heading;
    row.title = row.spoken = title;
    return row;
}

CodeRow CodeRows::of(const CodeHit& hit) {
    CodeRow row;
    row.title = hit.name;
    row.matched = hit.matched;
    row.target = {hit.path, hit.lineFirst, 0};
    row.reference = referenceTo(hit);
    row.tokens = aboutTokens(hit.bytes);
    if (hit.kind == CodeHitKind::file) {
        row.look = CodeRow::Look::file;
        row.detail = folderOf(hit.path);
        row.spoken = tr("file %1").arg(hit.path);
        return row;
    }
    const KindSign sign = signOf(hit.symbolKind);
    row.look = CodeRow::Look::symbol;
    row.badge = QLatin1String(sign.badge);
    row.badgeRole = sign.role;
    row.detail = hit.parent;
    row.place = lineOf(hit.path, hit.lineFirst);
    row.spoken = tr("%1 %2 in %3, line %4", "kind, name, file, line")
                     .arg(tr(sign.title), hit.name, hit.path)
                     .arg(hit.lineFirst);
    return row;
}

CodeRow CodeRows::inOutline(const CodeHit& hit) {
    CodeRow row = of(hit);
    row.place = QLocale().toString(hit.lineFirst);
    row.spoken = tr("%1 %2, line %3", "kind, name, line")
                     .arg(kindTitle(hit.symbolKind), hit.name)
                     .arg(hit.lineFirst);
    return row;
}

CodeRow CodeRows::of(const indexer::SearchHit& hit) {
    CodeRow row;
    const QString path = toQString(hit.path);
    row.look = CodeRow::Look::file;
    row.title = path.mid(path.lastIndexOf(QLatin1Char('/')) + 1);
    row.detail = reasonOf(hit.explain);
    row.place = lineOf(folderOf(path), 0);
    if (hit.lineFirst > 0) row.title = lineOf(row.title, hit.lineFirst);
    row.snippet = shortSnippet(hit.snippet);
    row.target = {path, hit.lineFirst, 0};
    row.reference = referenceTo(path, hit.lineFirst, hit.lineLast);
    // The snippet has eight lines at most; what is longer is reckoned by them.
    const auto lines = std::max<int64_t>(1, hit.lineLast - hit.lineFirst + 1);
    const auto shown =
        std::max<int64_t>(1, std::count(hit.snippet.begin(), hit.snippet.end(), '\n') +
                                 (hit.snippet.ends_with('\n') ? 0 : 1));
    row.tokens = aboutTokens(int64_t(hit.snippet.size()) * std::max(lines, shown) / shown);
    row.spoken =
        hit.lineFirst > 0
            ? tr("%1, line %2: %3", "file, line, why").arg(path).arg(hit.lineFirst).arg(row.detail)
            : tr("%1: %2", "file, why").arg(path, row.detail);
    return row;
}

QString CodeRows::reasonOf(const indexer::SearchExplanation& explanation) {
    bool isPathNamed = false, hasQuote = false;
    QStringList names, words, reasons;
    for (const indexer::SearchPin& pin : explanation.pins) {
        isPathNamed |= pin.kind == indexer::PinKind::path || pin.kind == indexer::PinKind::frame;
        hasQuote |= pin.kind == indexer::PinKind::quote;
        const QString name = toQString(pin.text);
        if (pin.kind == indexer::PinKind::name && !names.contains(name)) names << name;
    }
    const auto isPartOfName = [&](const QString& word) {
        return std::any_of(names.begin(), names.end(), [&](const QString& name) {
            return name.contains(word, Qt::CaseInsensitive);
        });
    };
    bool isInCommits = false;
    for (const indexer::MatchedWord& match : explanation.words) {
        isInCommits |= match.inCommits > 0;
        const QString word = toQString(match.word);
        const bool isInFile = match.inPath + match.inNames + match.inText > 0;
        if (isInFile && words.size() < kReasonWordsMax && !isPartOfName(word)) words << word;
    }
    if (isPathNamed) reasons << tr("its path is named");
    if (!names.isEmpty()) reasons << tr("name %1").arg(names.join(QLatin1String(", ")));
    if (hasQuote) reasons << tr("has the quoted text");
    if (!words.isEmpty()) reasons << tr("words: %1").arg(words.join(QLatin1String(", ")));
    if (isInCommits) reasons << tr("messages of commits");
    return reasons.join(tr("; ", "between reasons"));
}

QString CodeRows::roleTitle(const std::string& role) {
    if (role == "call") return tr("called", "how a symbol is used");
    if (role == "type") return tr("used as a type", "how a symbol is used");
    if (role == "read") return tr("read", "how a symbol is used");
    if (role == "write") return tr("written", "how a symbol is used");
    if (role == "inherit") return tr("inherited", "how a symbol is used");
    if (role == "import") return tr("imported", "how a symbol is used");
    return toQString(role);
}

CodeRow CodeRows::of(const indexer::Reference& use, const QString& name) {
    CodeRow row;
    const QString path = toQString(use.path), enclosing = toQString(use.enclosing);
    const QString role = roleTitle(use.role);
    row.look = CodeRow::Look::use;
    row.title = enclosing.isEmpty() ? tr("outside of functions") : enclosing;
    row.detail = use.count > 1
                     ? tr("%1, %Ln times", "how a symbol is used, how often", use.count).arg(role)
                     : role;
    row.place = lineOf(path, use.line);
    row.snippet = toQString(use.text);
    row.target = {path, use.line, 0};
    row.reference = referenceTo(path, use.line, use.line);
    row.tokens = std::max<int64_t>(1, aboutTokens(int64_t(use.text.size())));
    row.spoken = tr("%1 is %2 in %3, line %4: %5", "symbol, how it is used, file, line, text")
                     .arg(name, row.detail, path)
                     .arg(use.line)
                     .arg(row.snippet);
    return row;
}

CodeRow CodeRows::of(const SymbolCall& call, const QString& caller) {
    CodeRow row;
    row.look = CodeRow::Look::use;
    row.title = call.name;
    row.detail = call.count > 1 ? tr("%Ln times", "how often it is called", call.count) : QString();
    row.place = lineOf(call.path, call.line);
    row.target = {call.path, call.line, 0};
    row.reference = referenceTo(call.path, call.line, call.line);
    row.tokens = 1;
    row.spoken =
        tr("%1 calls %2, line %3", "symbol, symbol, line").arg(caller, call.name).arg(call.line);
    return row;
}

std::vector<CodeRow> CodeRows::of(const SymbolUses& uses) {
    std::vector<CodeRow> rows;
    if (!uses.definitions.empty()) rows.push_back(heading(tr("Defined")));
    for (const CodeHit& hit : uses.definitions)
        rows.push_back(of(hit));
    if (!uses.uses.empty()) rows.push_back(heading(tr("Used")));
    for (const indexer::Reference& use : uses.uses)
        rows.push_back(of(use, uses.name));
    if (!uses.calls.empty()) rows.push_back(heading(tr("Calls")));
    for (const SymbolCall& call : uses.calls)
        rows.push_back(of(call, uses.name));
    return rows;
}

}  // namespace moxie::desktop

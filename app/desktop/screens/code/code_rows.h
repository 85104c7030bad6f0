// Files, symbols, uses and found texts as rows of a list: what is written where, what a row stands
// for and what it would cost in a message. Threads: values; GUI thread only (translations).
#pragma once
#include <QCoreApplication>
#include <vector>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/theme/color_roles.h"

namespace moxie::desktop {

struct CodeRow {
    enum class Look : uint8_t { file, symbol, use, heading };
    Look look = Look::file;
    QString badge = {};  // one letter for the kind of symbol
    CodeRole badgeRole = CodeRole::text;
    QString title = {};
    std::vector<int> matched = {};  // letters of the title that were typed
    QString detail = {};            // quietly behind the title
    QString place = {};             // quietly at the right end
    QString snippet = {};           // lines of code below
    QString spoken = {};
    CodePlace target = {};
    QString reference = {};  // for a message; empty: there is none
    int64_t tokens = 0;      // about
    bool operator==(const CodeRow&) const = default;
};

class CodeRows {
    Q_DECLARE_TR_FUNCTIONS(CodeRows)

public:
    static QString kindTitle(indexer::SymbolKind kind);
    // "about 340 tokens"
    static QString price(int64_t tokens);
    static QString milliseconds(double value);

    static CodeRow heading(const QString& title);
    static CodeRow of(const CodeHit& hit);
    // In the outline of its file: the line instead of the path, members moved in.
    static CodeRow inOutline(const CodeHit& hit);
    static CodeRow of(const indexer::SearchHit& hit);
    // Why a hit was found, in few words; empty if nothing is known.
    static QString reasonOf(const indexer::SearchExplanation& explanation);
    static CodeRow of(const indexer::Reference& use, const QString& name);
    static CodeRow of(const SymbolCall& call, const QString& caller);
    static std::vector<CodeRow> of(const SymbolUses& uses);
    static QString roleTitle(const std::string& role);
};

}  // namespace moxie::desktop

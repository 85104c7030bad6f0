// What one types to go somewhere: letters of a name, "path:line", "@symbol", "in:folder". Values.
#pragma once
#include <QString>
#include <cstdint>

namespace moxie::desktop {

enum class CodeHitKind : uint8_t { file, symbol };

enum class CodeScope : uint8_t { everything, files, symbols, functions, types, values };

struct CodeQuery {
    QString text = {};
    int line = 0, column = 0;  // from 1; 0: not said
    CodeScope scope = CodeScope::everything;
    QString folder = {};  // only below it
    bool operator==(const CodeQuery&) const = default;
};

// "@name" asks for symbols, "name:12:3" for a line and column in what is found, ":12" for a line of
// the open file (no text), "in:src" for what lies below a folder.
CodeQuery parseCodeQuery(const QString& typed);

}  // namespace moxie::desktop

// Names of files and symbols for an "@" in a message, best first. The window hands them to the
// message box. Threads: GUI thread only.
#pragma once
#include <QString>
#include <functional>
#include <vector>

class QObject;

namespace moxie::desktop {

class CodeModel;

struct CodeSuggestion {
    QString label = {};       // the name
    QString detail = {};      // kind, place, price; quietly
    QString insertText = {};  // "@src/a.cpp:12-40"
    int64_t tokens = 0;       // about
    bool operator==(const CodeSuggestion&) const = default;
};

class CodeSuggester {
public:
    explicit CodeSuggester(CodeModel& model) : model_(model) {}

    // `typed`: what stands behind the "@". Answers later, once, and not at all if `receiver` is
    // gone or has asked again. Empty: the files opened last.
    void find(const QString& typed, QObject& receiver,
              std::function<void(const std::vector<CodeSuggestion>&)> then);

private:
    CodeModel& model_;
};

}  // namespace moxie::desktop

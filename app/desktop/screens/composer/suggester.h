// What the message box asks for names of files and symbols while one types behind an '@'.
// Threads: GUI thread only.
#pragma once
#include <QString>
#include <functional>
#include <vector>

class QObject;

namespace moxie::desktop {

struct Suggestion {
    QString label = {};
    QString detail = {};      // where it is, what it does; shown quietly
    QString insertText = {};  // takes the place of what was typed, the sign included
    bool operator==(const Suggestion&) const = default;
};

class Suggester {
public:
    using Answer = std::function<void(const std::vector<Suggestion>&)>;

    virtual ~Suggester() = default;
    Suggester() = default;
    Suggester(const Suggester&) = delete;
    Suggester& operator=(const Suggester&) = delete;

    // Answers at once, later or never, on this thread and only while `receiver` lives; best first.
    // Whoever asked knows which answers came too late. An empty query asks for what is likely.
    virtual void suggest(const QString& query, QObject& receiver, Answer answer) = 0;
};

}  // namespace moxie::desktop

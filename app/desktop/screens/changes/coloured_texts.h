// Syntax colours for the texts of a review: made on a thread of their own, for the texts one looks
// at, and kept for those looked at last. A text without them is plain. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/desktop/canvas/line_source.h"
#include "app/desktop/core/worker.h"
#include "app/desktop/model/line_texts.h"
#include "indexer/highlight.h"

namespace moxie::desktop {

// A text with its lines and colours; immutable.
class ColouredText {
public:
    // Fails: cancelled. Cost: as indexer::HighlightedText::parse.
    static base::Result<ColouredText> make(const std::string& path, const FileText& text,
                                           const std::stop_token& stop);

    // Of a line, from 0; empty for one that is not there.
    std::vector<LineRun> runs(int64_t line) const;

private:
    indexer::HighlightedText text_;
    std::vector<size_t> lineBegins_;  // and the size
};

class ColouredTexts final : public QObject {
    Q_OBJECT

public:
    struct Wanted {
        std::string path = {};  // says the language
        FileText text = {};
    };

    using QObject::QObject;
    ~ColouredTexts() override;

    // What one sees now, most important first. What was wanted before and is not any more is not
    // begun, and stopped if it runs.
    void want(const std::vector<Wanted>& texts);
    // Nullptr: not there yet.
    const ColouredText* of(const FileText& text) const;

signals:
    void coloured(const moxie::desktop::FileText& text);

private:
    struct Known {
        FileText text;  // kept, so that its address is no other's
        std::shared_ptr<const ColouredText> colours;
        int64_t wantedAt = 0;
    };

    using Made = std::shared_ptr<const ColouredText>;

    void startNext();
    void take(const Wanted& done, Made made);
    void forgetOldest();

    std::map<const std::string*, Known> known_;
    std::vector<Wanted> queue_;  // next one last
    FileText running_;
    std::stop_source stop_;
    int64_t round_ = 0;  // of want()
    Worker worker_;      // last: joined before the rest goes
};

}  // namespace moxie::desktop

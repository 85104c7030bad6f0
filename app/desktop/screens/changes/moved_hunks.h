// Which hunks only moved lines: what one takes away another adds, perhaps with another indentation.
// A hint, for lines in a row; it decides nothing. Threads: findMoved any thread; MovedHunks GUI
// thread only.
#pragma once
#include <QObject>
#include <memory>
#include <stop_token>
#include <vector>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/changes/review_model.h"

namespace moxie::desktop {

using ReviewedFiles = std::vector<std::shared_ptr<const ReviewedFile>>;

struct MovedHunk {  // indices of files and of their hunks
    int64_t fromFile = 0, fromHunk = 0, toFile = 0, toHunk = 0;
    bool operator==(const MovedHunk&) const = default;
};

// Hunks that add three lines or more of which at least half were taken away by one other hunk.
// Cost: O(lines of all hunks), about 0.1 µs each.
std::vector<MovedHunk> findMoved(const ReviewedFiles& files, const std::stop_token& stop);

// The same on a thread of its own; what was asked before is stopped.
class MovedHunks final : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    ~MovedHunks() override;

    void look(const ReviewedFiles& files);

signals:
    // Only for the files asked for last.
    void found(const std::vector<moxie::desktop::MovedHunk>& moved);

private:
    ReviewedFiles asked_;
    std::stop_source stop_;
    Worker worker_;  // last: joined before the rest goes
};

}  // namespace moxie::desktop

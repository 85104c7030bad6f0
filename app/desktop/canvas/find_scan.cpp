#include "app/desktop/canvas/find_scan.h"

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <limits>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr int kSliceMs = 4;
constexpr int kItemsBetweenClockReads = 64;

}  // namespace

Qt::CaseSensitivity caseOf(const QString& query) {
    return std::any_of(query.begin(), query.end(), [](QChar c) { return c.isUpper(); })
               ? Qt::CaseSensitive
               : Qt::CaseInsensitive;
}

std::vector<int> findAll(const QString& text, const QString& query, int countMax) {
    std::vector<int> offsets;
    if (query.isEmpty()) return offsets;
    const Qt::CaseSensitivity sensitivity = caseOf(query);
    for (qsizetype at = text.indexOf(query, 0, sensitivity);
         at >= 0 && int(offsets.size()) < countMax;
         at = text.indexOf(query, at + query.size(), sensitivity))
        offsets.push_back(int(at));
    return offsets;
}

FindScan::FindScan(QObject* parent) : QObject(parent), timer_(new QTimer(this)) {
    timer_->setSingleShot(true);
    timer_->setInterval(0);
    connect(timer_, &QTimer::timeout, this, &FindScan::slice);
}

void FindScan::start(QString query, int64_t itemCount, TextOf textOf, TextPlace from,
                     FindDirection direction) {
    query_ = std::move(query);
    textOf_ = std::move(textOf);
    from_ = from;
    direction_ = direction;
    itemCount_ = itemCount;
    visited_ = 0;
    timer_->start();
}

void FindScan::cancel() {
    timer_->stop();
}

bool FindScan::isRunning() const {
    return timer_->isActive();
}

void FindScan::slice() {
    QElapsedTimer clock;
    clock.start();
    if (query_.isEmpty() || itemCount_ == 0) return emit notFound();
    for (int n = 0; visited_ <= itemCount_; ++visited_) {
        const int64_t step = visited_ % itemCount_;
        const int64_t item = direction_ == FindDirection::forward
                                 ? (from_.item + step) % itemCount_
                                 : (from_.item - step + itemCount_) % itemCount_;
        if (lookInto(item)) return;
        if (++n % kItemsBetweenClockReads == 0 && clock.elapsed() >= kSliceMs) {
            ++visited_;
            timer_->start();
            return;
        }
    }
    emit notFound();
}

// The first visit of the first item looks only at the side of `from` in the direction of search.
bool FindScan::lookInto(int64_t item) {
    const QString text = textOf_(item);
    const Qt::CaseSensitivity sensitivity = caseOf(query_);
    const bool isFirst = visited_ == 0;
    qsizetype at = -1;
    if (direction_ == FindDirection::forward) {
        at = text.indexOf(query_, isFirst ? from_.offset : 0, sensitivity);
    } else if (!isFirst) {
        at = text.lastIndexOf(query_, -1, sensitivity);
    } else if (from_.offset > 0) {
        at = text.lastIndexOf(query_, qsizetype(from_.offset) - 1, sensitivity);
    }
    if (at < 0) return false;
    emit found({item, int(std::min<qsizetype>(at, std::numeric_limits<int>::max()))});
    return true;
}

}  // namespace moxie::desktop

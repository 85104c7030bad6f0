#include "app/desktop/screens/output/output_source.h"

#include <algorithm>
#include <utility>

#include "app/desktop/screens/output/output_rows.h"
#include "app/desktop/text/terminal_text.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

OutputSource::OutputSource(const Appearance& appearance, QObject* parent)
    : LineSource(parent),
      appearance_(appearance) {}

void OutputSource::show(TerminalSnapshot snapshot, int64_t firstChanged) {
    const TerminalSnapshot before = std::exchange(lines_, std::move(snapshot));
    const int64_t nBefore = before.size(), nNow = lines_.size();
    // Rows that moved, or an open line that was taken back.
    if (before.nLeftOut() != lines_.nLeftOut() || nNow < nBefore) return emit reset();
    const int64_t first = std::max<int64_t>(0, firstChanged - lines_.nLeftOut());
    if (first < nBefore) emit changed(first, nBefore - first);
    if (nNow > nBefore) emit appended(nNow - nBefore);
}

void OutputSource::showBytes(std::string_view bytes) {
    TerminalText text;
    text.append(bytes);
    text.finish();
    lines_ = text.snapshot();
    emit reset();
}

void OutputSource::clear() {
    lines_ = {};
    emit reset();
}

LineRow OutputSource::row(int64_t row) const {
    return rowOf(lines_.line(row), appearance_.look().theme());
}

QString OutputSource::text(int64_t row) const {
    return QString::fromStdString(lines_.text(row));
}

}  // namespace moxie::desktop

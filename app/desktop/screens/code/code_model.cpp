#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

namespace {

constexpr qsizetype kRecentMax = 50;

}

void CodeModel::noteOpened(const QString& path) {
    recent_.removeAll(path);
    recent_.prepend(path);
    if (recent_.size() > kRecentMax) recent_.resize(kRecentMax);
}

QString referenceTo(const QString& path, int lineFirst, int lineLast) {
    QString text = QLatin1Char('@') + path;
    if (lineFirst > 0) text += QLatin1Char(':') + QString::number(lineFirst);
    if (lineFirst > 0 && lineLast > lineFirst) text += QLatin1Char('-') + QString::number(lineLast);
    return text;
}

QString referenceTo(const CodeHit& hit) {
    return referenceTo(hit.path, hit.lineFirst, hit.lineLast);
}

int64_t aboutTokens(int64_t bytes) {
    return (bytes + 3) / 4;
}

}  // namespace moxie::desktop

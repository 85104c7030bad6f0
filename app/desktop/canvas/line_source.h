// What a LineCanvas shows: rows of equal height made on demand. A source owns no widgets and keeps
// its rows as it likes; it is asked for the visible ones only. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QRgb>
#include <QString>
#include <vector>

#include "app/desktop/theme/color_roles.h"

namespace moxie::desktop {

enum class RowTone : uint8_t { plain, added, removed, changed, header, current, error, absent };

// A stretch of a row in one style. Own colours are for terminal output; 0 means by role.
struct LineRun {
    int begin = 0, length = 0;  // UTF-16 units; outside the text is cut
    CodeRole role = CodeRole::text;
    QRgb foreground = 0, background = 0;
    bool isBold = false, isItalic = false, isUnderlined = false;
};

// A stretch that a click, Enter or a screen reader follows: Canvas::linkActivated(row, href).
struct LineLink {
    int begin = 0, length = 0;  // as in LineRun
    QString href = {};
};

struct LineRow {
    QString text;
    std::vector<LineRun> runs = {};
    std::vector<LineRun> marks = {};  // changed words: only begin and length count
    std::vector<LineLink> links = {};
    RowTone tone = RowTone::plain;
    QString gutter = {};  // line numbers; right-aligned
    QChar sign = {};      // '+', '-' and so on: colour is never the only sign
};

class LineSource : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual int64_t rowCount() const = 0;
    // Requires: 0 <= row < rowCount(). Cost: microseconds; it is called while painting.
    virtual LineRow row(int64_t row) const = 0;

    // For find and copy.
    virtual QString text(int64_t row) const { return this->row(row).text; }

    // What is folded away behind the row, with its line breaks: copied with it.
    virtual QString textBehind(int64_t) const { return {}; }

    // What a screen reader says; empty: sign, number and text.
    virtual QString spokenName(int64_t) const { return {}; }

    virtual int gutterColumns() const { return 0; }

    // The widest row in columns, if known; rows seen may widen it.
    virtual int64_t columnsMax() const { return 0; }

signals:
    void appended(qint64 count);
    void changed(qint64 first, qint64 count);
    void reset();  // anything may be different
};

}  // namespace moxie::desktop

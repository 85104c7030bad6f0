// Looks for a text in the items of a canvas in slices of a few milliseconds, so that a million rows
// never hold the window up. Wraps around. Small letters find capitals too; a capital finds only
// itself. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <functional>
#include <vector>

#include "app/desktop/canvas/text_place.h"

class QTimer;

namespace moxie::desktop {

enum class FindDirection : uint8_t { forward, backward };

Qt::CaseSensitivity caseOf(const QString& query);

// The offsets of `query` in `text`, not overlapping, at most `countMax`.
std::vector<int> findAll(const QString& text, const QString& query, int countMax);

class FindScan final : public QObject {
    Q_OBJECT

public:
    using TextOf = std::function<QString(int64_t item)>;

    explicit FindScan(QObject* parent);

    // Cancels what was under way. The hit at `from` itself counts when looking forward; looking
    // backward it does not.
    void start(QString query, int64_t itemCount, TextOf textOf, TextPlace from,
               FindDirection direction);
    void cancel();
    bool isRunning() const;

signals:
    void found(moxie::desktop::TextPlace place);
    void notFound();

private:
    void slice();
    bool lookInto(int64_t item);

    QTimer* timer_;
    QString query_;
    TextOf textOf_;
    TextPlace from_;
    FindDirection direction_ = FindDirection::forward;
    int64_t itemCount_ = 0;
    int64_t visited_ = 0;  // items looked at; the first is visited again at the end, its other half
};

}  // namespace moxie::desktop

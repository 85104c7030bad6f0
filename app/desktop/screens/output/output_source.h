// The lines of one command's output, for a LineCanvas: of a snapshot that grows, or of the last
// lines that a card of the conversation has. Threads: GUI thread only.
#pragma once
#include <string_view>

#include "app/desktop/canvas/line_source.h"
#include "app/desktop/text/terminal_snapshot.h"

namespace moxie::desktop {

class Appearance;

class OutputSource final : public LineSource {
    Q_OBJECT

public:
    // `appearance` outlives it.
    explicit OutputSource(const Appearance& appearance, QObject* parent = nullptr);

    // `firstChanged`: the first line that may be another one than before, counted with those left
    // out (TerminalText::takeFirstChanged()).
    void show(TerminalSnapshot snapshot, int64_t firstChanged);
    // All of it anew.
    void showBytes(std::string_view bytes);
    void clear();

    int64_t nLeftOut() const { return lines_.nLeftOut(); }

    int64_t rowCount() const override { return lines_.size(); }

    LineRow row(int64_t row) const override;
    QString text(int64_t row) const override;

private:
    const Appearance& appearance_;
    TerminalSnapshot lines_;
};

}  // namespace moxie::desktop

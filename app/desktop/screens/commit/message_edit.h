// The box for a commit message: quiet guides after column 50 (subject) and 72 (body), and a
// suggestion as grey text that Tab takes while the box is empty. Threads: GUI thread only.
#pragma once
#include <QPlainTextEdit>

namespace moxie::desktop {

class Appearance;

class CommitMessageEdit final : public QPlainTextEdit {
    Q_OBJECT

public:
    static constexpr int kSubjectColumns = 50, kBodyColumns = 72;

    CommitMessageEdit(Appearance& appearance, QWidget* parent);

    void setSuggestion(const QString& suggestion);

    bool hasSuggestion() const { return !suggestion_.isEmpty() && toPlainText().isEmpty(); }

    void takeSuggestion();
    void setHint(const QString& hint);

signals:
    void suggestionChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool focusNextPrevChild(bool isNext) override;

private:
    void restyle();
    void showPlaceholder();

    Appearance& appearance_;
    QString suggestion_, hint_;
};

}  // namespace moxie::desktop

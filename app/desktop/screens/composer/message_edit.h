// The box one writes a message in: a stock editor that grows with its text, sends on Enter, walks
// through what was sent before and hands pictures on. It knows nothing of sessions.
// Threads: GUI thread only.
#pragma once
#include <QPlainTextEdit>
#include <QStringList>
#include <optional>

namespace moxie::desktop {

// Which key sends; the other one breaks the line.
enum class SendKey : uint8_t { enter, shiftEnter };

// The word before the caret that asks for a completion: '@' anywhere, '/' at the beginning.
struct CompletionToken {
    QChar sign;
    QString query;  // without the sign
    int begin = 0;  // of the sign
    bool operator==(const CompletionToken&) const = default;
};

class MessageEdit final : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit MessageEdit(QWidget* parent = nullptr);

    void setSendKey(SendKey key);
    // Oldest first. Up in an empty box begins at the end.
    void setHistory(const QStringList& sent);
    // The box grows up to this many pixels, then it scrolls.
    void setHeightMax(int pixels);
    // Of the repository; dropped files inside it become "@path".
    void setRepository(const QString& folder);

    // As typing would do it: can be undone.
    void replaceAll(const QString& text);
    std::optional<CompletionToken> token() const;
    // Requires: `token` is the present one.
    void replaceToken(const CompletionToken& token, const QString& text);
    // As "@path" where they lie in the repository, else as they are.
    void insertMentions(const QStringList& paths);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void sendWanted();
    void escaped();
    // Dropped or pasted; nothing is written of them.
    void imageOffered(const QImage& image);
    void pictureFilesOffered(const QStringList& paths);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool canInsertFromMimeData(const QMimeData* source) const override;
    void insertFromMimeData(const QMimeData* source) override;

private:
    bool takeEnter(const QKeyEvent& event);
    bool walkHistory(const QKeyEvent& event);
    QString mentionOf(const QString& path) const;

    QStringList history_;
    QString repository_;
    qsizetype historyAt_ = -1;  // shown from the history and unchanged; -1: own text
    int heightMax_ = 400;
    SendKey sendKey_ = SendKey::enter;
};

}  // namespace moxie::desktop

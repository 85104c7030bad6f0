// The bars above and below a source text: back, forward and the file's name; the lines chosen and
// what one may do with them. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QBoxLayout;
class QToolButton;

namespace moxie::desktop {

class ActionRegistry;
class Appearance;

// A text that gives way: cut with an ellipsis where there is no room.
class ElidedLabel final : public QWidget {
    Q_OBJECT

public:
    ElidedLabel(Appearance& appearance, Qt::TextElideMode mode, QWidget* parent);

    // `strong` stands first, `quiet` behind it.
    void setTexts(const QString& strong, const QString& quiet);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Appearance& appearance_;
    Qt::TextElideMode mode_;
    QString strong_, quiet_;
};

class ViewerHead final : public QWidget {
    Q_OBJECT

public:
    ViewerHead(Appearance& appearance, ActionRegistry& registry, QWidget* parent);

    void setPath(const QString& path, const QString& note);
    void setWays(bool canGoBack, bool canGoForward);

    // Which panes are open.
    struct Panes {
        bool files = false, uses = false, outline = false;
    };

    void setPanes(const Panes& panes);
    void setReading(bool isReading);  // only then there are uses, an outline, lines

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();

    Appearance& appearance_;
    ActionRegistry& registry_;
    QToolButton* files_;
    QToolButton* back_;
    QToolButton* forward_;
    ElidedLabel* path_;
    QToolButton* uses_;
    QToolButton* outline_;
    QToolButton* more_;
};

class ViewerFoot final : public QWidget {
    Q_OBJECT

public:
    ViewerFoot(Appearance& appearance, ActionRegistry& registry, QWidget* parent);

    void setLines(const QString& lines, const QString& price);

signals:
    void editorWanted();

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void retranslate();
    void fit();

    Appearance& appearance_;
    ActionRegistry& registry_;
    QBoxLayout* layout_;  // in one row, or in two where that is too wide
    ElidedLabel* lines_;
    QToolButton* ask_;
    QToolButton* add_;
    QToolButton* editor_;
};

}  // namespace moxie::desktop

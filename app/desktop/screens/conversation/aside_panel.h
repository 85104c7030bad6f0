// Questions on the side, between the conversation and the message box: what was asked and answered,
// and a line to ask the next one. Closing it stops an answer and keeps what is there until the
// session is left. A view over an AsideModel. Threads: GUI thread only.
#pragma once
#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace moxie::base {
class Clock;
}

namespace moxie::desktop {

class Appearance;
class AsideModel;
class BlockCanvas;
class ConversationSource;

class AsidePanel final : public QWidget {
    Q_OBJECT

public:
    // All outlive this.
    AsidePanel(AsideModel& model, Appearance& appearance, const base::Clock& clock,
               QWidget* parent = nullptr);

    void open();
    void close();

signals:
    void quoteWanted(const QString& markdown);
    void openPlace(const QString& path, int line, int column);
    void webWanted(const QString& address);
    void closed();

protected:
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void layOut();
    void ask();
    void follow(qint64 block, const QString& href);
    void fitCanvas();
    void retranslate();
    void applyLook();

    AsideModel& model_;
    Appearance& appearance_;
    ConversationSource* source_;
    QLabel *sign_, *title_, *hint_;
    QToolButton* close_;
    BlockCanvas* canvas_;
    QLineEdit* question_;
    QPushButton* ask_;
};

}  // namespace moxie::desktop

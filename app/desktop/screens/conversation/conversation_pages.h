// What the conversation shows while there are no messages: an invitation with examples, or what
// went wrong. Threads: GUI thread only.
#pragma once
#include <QStringList>
#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace moxie::desktop {

class Appearance;

class EmptyPage final : public QWidget {
    Q_OBJECT

public:
    EmptyPage(Appearance& appearance, QWidget* parent);

    void setRepository(const QString& folder);
    // At most three are shown.
    void setExamples(const QStringList& examples);

signals:
    void exampleChosen(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    Appearance& appearance_;
    QLabel *title_, *hint_;
    QVBoxLayout* exampleLayout_;
    std::vector<QPushButton*> examples_;
    QString repository_;
};

// Also the page for "loading", which has nothing to press.
class StatePage final : public QWidget {
    Q_OBJECT

public:
    StatePage(Appearance& appearance, QWidget* parent);

    void setTexts(const QString& title, const QString& text, const QString& kept);
    // Empty: no button.
    void setButton(const QString& text);

signals:
    void pressed();

private:
    void applyLook();

    Appearance& appearance_;
    QLabel *title_, *text_, *kept_;
    QPushButton* button_;
};

}  // namespace moxie::desktop

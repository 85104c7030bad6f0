// The sheet of all keys, by place, as the registry has them now. Follows changes of the keymap and
// the language. Threads: GUI thread only.
#pragma once
#include <QDialog>

class QTextBrowser;

namespace moxie::desktop {

class ActionRegistry;

// As a page that can be printed from a browser.
QString keySheetHtml(const ActionRegistry& registry);

class KeySheet final : public QDialog {
    Q_OBJECT

public:
    // `registry` must outlive the sheet.
    KeySheet(const ActionRegistry& registry, QWidget* window);

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();

    const ActionRegistry& registry_;
    QTextBrowser* page_;
};

}  // namespace moxie::desktop

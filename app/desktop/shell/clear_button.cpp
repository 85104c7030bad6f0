#include "app/desktop/shell/clear_button.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLineEdit>
#include <QToolButton>

namespace moxie::desktop {

namespace {

// Goes with the field and follows the language.
class ClearButtonName final : public QObject {
public:
    explicit ClearButtonName(QLineEdit& field) : QObject(&field), field_(field) {
        field.installEventFilter(this);
        retranslate();
    }

    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::LanguageChange) retranslate();
        return false;
    }

private:
    void retranslate() {
        for (QToolButton* button : field_.findChildren<QToolButton*>())
            button->setAccessibleName(QCoreApplication::translate("ClearButton", "Clear"));
    }

    QLineEdit& field_;
};

}  // namespace

void addClearButton(QLineEdit& field) {
    field.setClearButtonEnabled(true);
    new ClearButtonName(field);  // Qt's parent owns it
}

}  // namespace moxie::desktop

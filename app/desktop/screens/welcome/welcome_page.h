// One step of the first run. Threads: GUI thread only.
#pragma once
#include <QEvent>
#include <QWidget>

#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/screens/welcome/welcome_model.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

class WelcomePage : public QWidget {
    Q_OBJECT

public:
    WelcomePage(WelcomeModel& model, Appearance& appearance)
        : model_(model),
          appearance_(appearance) {
        connect(&appearance_, &Appearance::changed, this, [this] { applyLook(); });
    }

    virtual QString title() const = 0;
    virtual QString lead() const = 0;  // one or two sentences below the title

    virtual QString nextText() const { return tr("Next"); }

    // Comes into view; goes out of it (work that nobody sees is cancelled).
    virtual void enter() {}

    virtual void leave() {}

    // Next was pressed. What keeps one here, as a sentence; empty: nothing.
    virtual QString finish() { return {}; }

signals:
    // title(), lead() or nextText() may be different.
    void textsChanged();

protected:
    virtual void applyLook() = 0;
    virtual void retranslate() = 0;

    void changeEvent(QEvent* event) override {
        if (event->type() == QEvent::LanguageChange) {
            retranslate();
            emit textsChanged();
        }
        QWidget::changeEvent(event);
    }

    WelcomeModel& model_;
    Appearance& appearance_;
};

}  // namespace moxie::desktop

// The language of the window: English is the source, with a catalogue of plural forms only; other
// languages are whole catalogues, with Qt's own texts beside them. All are built into the program.
// Dates and numbers (QLocale()) follow. A change sends LanguageChange to every widget.
// Threads: GUI thread only.
#pragma once
#include <QObject>

class QTranslator;

namespace moxie::desktop {

class Translations final : public QObject {
    Q_OBJECT

public:
    explicit Translations(QObject* parent = nullptr);
    ~Translations() override;

    // "auto" (MOXIE_LANG, then the locale), "en", "zh". Nothing happens if it is in use already.
    void use(const QString& language);

private:
    void remove();

    QTranslator* ours_ = nullptr;
    QTranslator* qts_ = nullptr;
};

}  // namespace moxie::desktop

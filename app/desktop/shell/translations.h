// The language of the window: English is the source, other languages are catalogues built into the
// program, with Qt's own texts beside them. Changing it sends LanguageChange to every widget.
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

    // "auto" (MOXIE_LANG, then the locale), "en", "zh".
    void use(const QString& language);

private:
    void remove();

    QTranslator* ours_ = nullptr;
    QTranslator* qts_ = nullptr;
};

}  // namespace moxie::desktop

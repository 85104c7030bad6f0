#include "app/desktop/shell/translations.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

#include "app/cli/messages.h"

namespace moxie::desktop {

Translations::Translations(QObject* parent) : QObject(parent) {}

Translations::~Translations() {
    remove();
}

void Translations::remove() {
    for (QTranslator** translator : {&ours_, &qts_}) {
        if (*translator == nullptr) continue;
        QCoreApplication::removeTranslator(*translator);
        delete *translator;
        *translator = nullptr;
    }
}

void Translations::use(const QString& language) {
    const auto wanted =
        language == QLatin1String("auto")
            ? app::languageFromEnvironment()
            : app::languageFromTag(language.toStdString()).value_or(app::Language::english);
    const bool isChinese = wanted == app::Language::chinese;
    const QString catalogue =
        isChinese ? QStringLiteral(":/i18n/moxie_zh_CN.qm") : QStringLiteral(":/i18n/moxie_en.qm");
    if (ours_ != nullptr && ours_->filePath() == catalogue) return;
    remove();
    // Dates and numbers speak the same language, in the system's own way if it speaks it too.
    const QLocale plain(isChinese ? QLocale::Chinese : QLocale::English);
    const QLocale system = QLocale::system();
    QLocale::setDefault(system.language() == plain.language() ? system : plain);
    ours_ = new QTranslator(this);
    if (ours_->load(catalogue)) QCoreApplication::installTranslator(ours_);
    if (!isChinese) return;
    qts_ = new QTranslator(this);
    if (qts_->load(QStringLiteral("qtbase_zh_CN"),
                   QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(qts_);
}

}  // namespace moxie::desktop

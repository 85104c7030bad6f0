#include "app/desktop/shell/key_sheet.h"

#include <QAction>
#include <QCoreApplication>
#include <QEvent>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

QString keySheetHtml(const ActionRegistry& registry) {
    QString html;
    const ActionContext* before = nullptr;
    for (const QAction* action : registry.actions()) {
        const ActionSpec& spec = registry.spec(*action);
        const QString keys = registry.keysText(*action);
        if (keys.isEmpty()) continue;
        if (before == nullptr || *before != spec.context) {
            if (before != nullptr) html += QStringLiteral("</table>");
            html +=
                QStringLiteral("<h3>%1</h3><table width=\"100%\" cellpadding=\"3\">")
                    .arg(QCoreApplication::translate("ActionContexts", contextTitle(spec.context))
                             .toHtmlEscaped());
            before = &spec.context;
        }
        html += QStringLiteral("<tr><td width=\"40%\"><b>%1</b></td><td>%2</td></tr>")
                    .arg(keys.toHtmlEscaped(), action->text().toHtmlEscaped());
    }
    return before == nullptr ? html : html + QStringLiteral("</table>");
}

KeySheet::KeySheet(const ActionRegistry& registry, QWidget* window)
    : QDialog(window),
      registry_(registry),
      page_(new QTextBrowser(this)) {
    setObjectName(QStringLiteral("keySheet"));
    page_->setObjectName(QStringLiteral("keySheetPage"));
    page_->setFrameShape(QFrame::NoFrame);
    page_->setOpenLinks(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(3), grid(3), grid(3));
    layout->addWidget(page_);
    resize(560, 640);
    connect(&registry_, &ActionRegistry::keysChanged, this, &KeySheet::fill);
    fill();
}

void KeySheet::fill() {
    setWindowTitle(tr("Keyboard"));
    page_->setAccessibleName(tr("Keys of all actions"));
    page_->setHtml(keySheetHtml(registry_));
}

void KeySheet::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) fill();
    QDialog::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/settings/about_page.h"

#include <QClipboard>
#include <QDateTime>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QSysInfo>
#include <QVBoxLayout>
#include <array>
#include <string_view>
#include <thread>

#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/theme/appearance.h"
#include "kernels/dispatch.h"

namespace moxie::app {
std::string_view moxieVersion();  // of command_line.h, which no file with Qt's "signals" can read
}

namespace moxie::desktop {

namespace {

struct Part {
    const char *name, *licence;
};

constexpr auto kParts = std::to_array<Part>({
    {"Qt 6", "LGPL-3.0"},
    {"libgit2", "GPL-2.0 with linking exception"},
    {"SQLite", "public domain"},
    {"libcurl", "curl"},
    {"PCRE2", "BSD-3-Clause"},
    {"tree-sitter and its grammars", "MIT"},
    {"MD4C", "MIT"},
    {"nlohmann/json", "MIT"},
    {"{fmt}", "MIT"},
    {"spdlog", "MIT"},
    {"CLI11", "BSD-3-Clause"},
    {"tl::expected", "CC0-1.0"},
});

QString versionText() {
    const std::string_view version = app::moxieVersion();
    return QString::fromUtf8(version.data(), qsizetype(version.size()));
}

}  // namespace

QString diagnosticsText(const Settings& settings, const StallMonitor& stalls) {
    const std::string_view isa = kernels::toString(kernels::detectIsa());
    QStringList changed;
    for (const SettingTitle& title : settingTitles())
        if (settings.isChanged(title.path))
            changed << QString::fromUtf8(title.path.data(), qsizetype(title.path.size()));
    QString text = QStringLiteral("moxie %1\nQt %2 (%3)\n%4, kernel %5, %6\n%7 processors, %8\n")
                       .arg(versionText(), QLatin1String(qVersion()),
                            QGuiApplication::platformName(), QSysInfo::prettyProductName(),
                            QSysInfo::kernelVersion(), QSysInfo::currentCpuArchitecture())
                       .arg(std::thread::hardware_concurrency())
                       .arg(QString::fromUtf8(isa.data(), qsizetype(isa.size())));
    text += QStringLiteral("changed settings: %1\n").arg(changed.join(QStringLiteral(", ")));
    for (const Stall& stall : stalls.stalls())
        text += QStringLiteral("stall %1 ms: %2\n").arg(stall.durationMs).arg(stall.action);
    return text;
}

AboutPage::AboutPage(const Settings& settings, Appearance& appearance, const StallMonitor& stalls)
    : settings_(settings),
      appearance_(appearance),
      stalls_(stalls),
      version_(makeText(this, QStringLiteral("settings.about.version"))),
      stallsTitle_(makeText(this, QStringLiteral("settings.about.stallsTitle"))),
      stallsText_(makeText(this, QStringLiteral("settings.about.stalls"))),
      partsTitle_(makeText(this, QStringLiteral("settings.about.partsTitle"))),
      partsText_(makeText(this, QStringLiteral("settings.about.parts"))),
      copied_(makeText(this, QStringLiteral("settings.about.copied"))),
      copy_(makeButton(this, QStringLiteral("settings.about.copy"))) {
    setObjectName(QStringLiteral("settings.about"));
    partsText_->setTextFormat(Qt::RichText);
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(3));
    row->addWidget(copy_);
    row->addWidget(copied_, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(2), 0, 0);
    layout->setSpacing(grid(2));
    layout->addWidget(version_);
    layout->addLayout(row);
    layout->addSpacing(grid(4));
    layout->addWidget(stallsTitle_);
    layout->addWidget(stallsText_);
    layout->addSpacing(grid(4));
    layout->addWidget(partsTitle_);
    layout->addWidget(partsText_);
    layout->addStretch(1);
    connect(copy_, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(diagnosticsText(settings_, stalls_));
        copied_->setText(tr("Copied. It holds no paths and none of your texts."));
    });
    connect(&appearance_, &Appearance::changed, this, &AboutPage::applyLook);
    applyLook();
    retranslate();
}

void AboutPage::applyLook() {
    const Look& look = appearance_.look();
    dress(*version_, look, TextRole::heading3, Role::text);
    dress(*stallsTitle_, look, TextRole::title, Role::text);
    dress(*partsTitle_, look, TextRole::title, Role::text);
    dress(*stallsText_, look, TextRole::body, Role::text);
    dress(*partsText_, look, TextRole::body, Role::text);
    dress(*copied_, look, TextRole::small, Role::textMuted);
}

void AboutPage::retranslate() {
    version_->setText(tr("Moxie %1").arg(versionText()));
    copy_->setText(tr("Copy diagnostics"));
    copied_->clear();
    stallsTitle_->setText(tr("When the window did not react"));
    partsTitle_->setText(tr("Parts of others and their licences"));
    QString rows;
    for (const Part& part : kParts)
        rows += QStringLiteral("<tr><td style=\"padding-right:24px\">%1</td><td>%2</td></tr>")
                    .arg(QLatin1String(part.name), QLatin1String(part.licence));
    partsText_->setText(
        QStringLiteral("<table cellspacing=\"0\" cellpadding=\"2\">%1</table>").arg(rows));
    reload();
}

void AboutPage::reload() {
    QStringList lines;
    for (const Stall& stall : stalls_.stalls())
        lines << tr("%1: %2 ms, %3")
                     .arg(QLocale().toString(QDateTime::fromMSecsSinceEpoch(stall.wallMs).time(),
                                             QLocale::LongFormat))
                     .arg(stall.durationMs)
                     .arg(stall.action);
    stallsText_->setText(lines.isEmpty() ? tr("Not once for more than 100 ms since it started.")
                                         : lines.join(QLatin1Char('\n')));
}

void AboutPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

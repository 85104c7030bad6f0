#include "app/desktop/screens/welcome/download_form.h"

#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>

#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kPerMille = 1'000;

QString sizeText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace

DownloadForm::DownloadForm(WelcomeModel& model, Appearance& appearance)
    : model_(model),
      appearance_(appearance),
      form_(new QFormLayout(this)),
      bar_(new QProgressBar(this)),
      button_(makeButton(this, QStringLiteral("welcome.download.start"))),
      state_(makeText(this, QStringLiteral("welcome.download.state"))) {
    form_->setContentsMargins(grid(6), grid(1), grid(3), grid(2));
    form_->setHorizontalSpacing(grid(4));
    form_->setVerticalSpacing(grid(2));
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    url_ = addField(QStringLiteral("welcome.download.url"));
    sum_ = addField(QStringLiteral("welcome.download.sum"));
    bar_->setObjectName(QStringLiteral("welcome.download.progress"));
    bar_->setRange(0, kPerMille);
    bar_->setTextVisible(false);
    bar_->setFixedHeight(grid(2));
    bar_->hide();
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(3));
    row->addWidget(button_, 0, Qt::AlignVCenter);
    row->addWidget(state_, 1);
    auto* foot = new QVBoxLayout;
    foot->setSpacing(grid(2));
    foot->addWidget(bar_);
    foot->addLayout(row);
    form_->addRow(QString(), foot);
    connect(button_, &QPushButton::clicked, this, [this] { isRunning_ ? cancel() : begin(); });
    for (QLineEdit* line : {url_, sum_})
        connect(line, &QLineEdit::returnPressed, this, &DownloadForm::begin);
    connect(url_, &QLineEdit::textEdited, this, [this] {
        canGoOn_ = false;
        retranslate();
    });
    connect(&model_, &WelcomeModel::downloadStepped, this, &DownloadForm::showStep);
    connect(&model_, &WelcomeModel::downloadEnded, this, &DownloadForm::finish);
    connect(&appearance_, &Appearance::changed, this, &DownloadForm::applyLook);
    applyLook();
    retranslate();
}

QLineEdit* DownloadForm::addField(const QString& objectName) {
    auto* line = new QLineEdit(this);
    line->setObjectName(objectName);
    form_->addRow(new QLabel(this), line);
    return line;
}

void DownloadForm::begin() {
    if (isRunning_) return;
    if (url_->text().trimmed().isEmpty())
        return showState(tr("Write the address of the file first."), Tone::problem);
    isRunning_ = true;
    bar_->setRange(0, 0);
    bar_->show();
    retranslate();
    showState(tr("Asking the server…"), Tone::quiet);
    model_.download({url_->text().trimmed(), sum_->text().trimmed()});
}

void DownloadForm::cancel() {
    if (isRunning_) model_.cancelDownload();
}

void DownloadForm::showStep(const DownloadStep& step) {
    if (!isRunning_) return;
    bar_->setRange(0, step.bytesTotal > 0 ? kPerMille : 0);
    if (step.bytesTotal > 0) bar_->setValue(int(step.bytes * kPerMille / step.bytesTotal));
    showState(step.isChecking ? tr("Checking its SHA-256…")
              : step.bytesTotal > 0
                  ? tr("%1 of %2").arg(sizeText(step.bytes), sizeText(step.bytesTotal))
                  : tr("%1 so far").arg(sizeText(step.bytes)),
              Tone::quiet);
}

void DownloadForm::finish(const DownloadEnd& end) {
    isRunning_ = false;
    canGoOn_ = end.wasCancelled;
    bar_->hide();
    retranslate();
    if (end.wasCancelled)
        return showState(tr("Stopped. What is here stays, and it can go on from there."),
                         Tone::quiet);
    if (!end.problem.isEmpty())
        return showState(tr("Not downloaded: %1.").arg(end.problem), Tone::problem);
    showState(tr("It is here."), Tone::quiet);
    emit fetched(end.file);
}

void DownloadForm::showState(const QString& text, Tone tone) {
    tone_ = tone;
    state_->setText(text);
    applyLook();
}

void DownloadForm::applyLook() {
    const Look& look = appearance_.look();
    dress(*state_, look, TextRole::body, tone_ == Tone::problem ? Role::error : Role::text);
}

void DownloadForm::retranslate() {
    const std::pair<QLineEdit*, QString> labels[] = {{url_, tr("Address")}, {sum_, tr("SHA-256")}};
    for (const auto& [field, text] : labels) {
        static_cast<QLabel*>(form_->labelForField(field))->setText(text);
        field->setAccessibleName(text);
        field->setReadOnly(isRunning_);
    }
    url_->setPlaceholderText(QStringLiteral("https://example.com/model-q4_0.gguf"));
    sum_->setPlaceholderText(tr("if the page of the model says it"));
    bar_->setAccessibleName(tr("How much of the model is here"));
    button_->setText(isRunning_ ? tr("Stop") : canGoOn_ ? tr("Go on") : tr("Download"));
    button_->setAccessibleName(isRunning_ ? tr("Stop the download") : button_->text());
}

void DownloadForm::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/welcome/server_form.h"

#include <QComboBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QUrl>

#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kServerTestTokens = 16;

}  // namespace

ServerForm::ServerForm(WelcomeModel& model, Appearance& appearance)
    : model_(model),
      appearance_(appearance),
      form_(new QFormLayout(this)),
      api_(new QComboBox(this)),
      test_(makeButton(this, QStringLiteral("welcome.server.test"))),
      state_(makeText(this, QStringLiteral("welcome.server.state"))),
      keyHint_(makeText(this, QStringLiteral("welcome.server.keyHint"))) {
    form_->setContentsMargins(grid(6), grid(1), grid(3), grid(2));
    form_->setHorizontalSpacing(grid(4));
    form_->setVerticalSpacing(grid(2));
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    api_->setObjectName(QStringLiteral("welcome.server.api"));
    api_->addItem(QString());
    api_->addItem(QString());
    baseUrl_ = addField(QStringLiteral("welcome.server.baseUrl"));
    form_->addRow(new QLabel(this), api_);
    modelName_ = addField(QStringLiteral("welcome.server.model"));
    keyVariable_ = addField(QStringLiteral("welcome.server.keyVariable"));
    key_ = addField(QStringLiteral("welcome.server.key"));
    key_->setEchoMode(QLineEdit::Password);
    form_->addRow(QString(), keyHint_);
    auto* row = new QHBoxLayout;
    row->setSpacing(grid(3));
    row->addWidget(test_, 0, Qt::AlignVCenter);
    row->addWidget(state_, 1);
    form_->addRow(QString(), row);
    connect(test_, &QPushButton::clicked, this, [this] {
        if (isTesting_)
            stopTest();
        else
            startTest();
    });
    connect(&model_, &WelcomeModel::tested, this, &ServerForm::showTest);
    connect(&appearance_, &Appearance::changed, this, &ServerForm::applyLook);
    applyLook();
    retranslate();
}

QLineEdit* ServerForm::addField(const QString& objectName) {
    auto* line = new QLineEdit(this);
    line->setObjectName(objectName);
    form_->addRow(new QLabel(this), line);
    return line;
}

void ServerForm::applyLook() {
    const Look& look = appearance_.look();
    dress(*keyHint_, look, TextRole::small, Role::textMuted);
    dress(*state_, look, TextRole::body, isProblem_ ? Role::error : Role::text);
}

void ServerForm::retranslate() {
    const std::pair<QWidget*, QString> labels[] = {
        {baseUrl_, tr("Address")},          {api_, tr("Interface")},
        {modelName_, tr("Model")},          {key_, tr("Key")},
        {keyVariable_, tr("Key variable")},
    };
    for (const auto& [field, text] : labels) {
        static_cast<QLabel*>(form_->labelForField(field))->setText(text);
        field->setAccessibleName(text);
    }
    api_->setItemText(0, tr("OpenAI and what speaks like it"));
    api_->setItemText(1, tr("Anthropic and what speaks like it"));
    baseUrl_->setPlaceholderText(QStringLiteral("http://127.0.0.1:8080/v1"));
    modelName_->setPlaceholderText(tr("as the server calls it"));
    keyVariable_->setPlaceholderText(tr("EXAMPLE_API_KEY, if the key is in the environment"));
    key_->setPlaceholderText(tr("or the key itself, if it needs one"));
    keyHint_->setText(
        tr("A key that you type goes into the keyring of this desktop, else into a file that only "
           "you can read; never into the settings."));
    test_->setText(isTesting_ ? tr("Cancel the test") : tr("Test"));
}

ModelServer ServerForm::server() const {
    ModelServer server;
    server.baseUrl = baseUrl_->text().trimmed();
    server.model = modelName_->text().trimmed();
    server.isAnthropic = api_->currentIndex() == 1;
    server.keyVariable = keyVariable_->text().trimmed();
    server.key = key_->text().trimmed();
    return server;
}

QString ServerForm::problem() const {
    const ModelServer server = this->server();
    const QUrl url(server.baseUrl, QUrl::StrictMode);
    const bool isWeb =
        url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!isWeb || url.host().isEmpty())
        return tr("The address begins with http:// or https://, and names the server.");
    if (server.model.isEmpty()) return tr("Write the model's name as the server calls it.");
    return {};
}

void ServerForm::startTest() {
    if (const QString missing = problem(); !missing.isEmpty()) return showState(missing, true);
    isTesting_ = true;
    retranslate();
    showState(tr("Asking the server…"), false);
    ModelChoice choice;
    choice.kind = ModelChoice::Kind::server;
    choice.server = server();
    model_.test(choice, kServerTestTokens);
}

void ServerForm::stopTest() {
    if (isTesting_) model_.cancelTest();
}

void ServerForm::showTest(const ModelTest& result) {
    if (!isTesting_) return;
    isTesting_ = false;
    retranslate();
    if (result.wasCancelled) return showState(tr("Cancelled."), false);
    if (!result.problem.isEmpty()) return showState(result.problem, true);
    const QString answer = result.answer.simplified();
    showState(answer.isEmpty()
                  ? tr("It answered after %1 ms, without a word.").arg(result.firstTokenMs)
                  : tr("It answered after %1 ms: “%2”").arg(result.firstTokenMs).arg(answer),
              false);
}

void ServerForm::showState(const QString& text, bool isProblem) {
    isProblem_ = isProblem;
    state_->setText(text);
    applyLook();
}

void ServerForm::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/settings/model_facts.h"

#include <QAction>
#include <QComboBox>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QRegularExpressionValidator>
#include <QSignalBlocker>
#include <QToolButton>
#include <utility>

#include "app/desktop/theme/look.h"
#include "engine/open_model.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

constexpr double kPriceMax = 1'000'000;

QString numberText(const json& object, const char* name) {
    const auto member = object.find(name);
    if (member == object.end() || !member->is_number()) return {};
    return member->is_number_integer() ? QString::number(member->get<int64_t>())
                                       : QString::number(member->get<double>());
}

QString nameOf(const json& model) {
    const auto name = model.find("model");
    return name != model.end() && name->is_string()
               ? QString::fromStdString(name->get<std::string>())
               : QString();
}

}  // namespace

ModelFacts::ModelFacts(int64_t nowMs, QWidget* parent)
    : QWidget(parent),
      nowMs_(nowMs),
      form_(new QFormLayout(this)),
      context_(addNumber("settings.models.context")),
      input_(addNumber("settings.models.priceInput")),
      cached_(addNumber("settings.models.priceCached")),
      output_(addNumber("settings.models.priceOutput")),
      inputLabel_(new QLabel(this)),
      cachedLabel_(new QLabel(this)),
      outputLabel_(new QLabel(this)),
      pictures_(new QComboBox(this)),
      known_(new QToolButton(this)),
      hint_(new QLabel(this)) {
    pictures_->setObjectName(QStringLiteral("settings.models.pictures"));
    for (int i = 0; i < 3; ++i)
        pictures_->addItem(QString());
    known_->setObjectName(QStringLiteral("settings.models.known"));
    known_->setFocusPolicy(Qt::StrongFocus);
    known_->setPopupMode(QToolButton::InstantPopup);
    known_->setMenu(new QMenu(known_));
    known_->menu()->setObjectName(QStringLiteral("settings.models.knownMenu"));
    connect(known_->menu(), &QMenu::aboutToShow, this, &ModelFacts::fillKnown);
    hint_->setWordWrap(true);
    hint_->setForegroundRole(QPalette::PlaceholderText);
    static const QRegularExpression digits(QStringLiteral("^[0-9]{0,9}$"));
    context_->setValidator(new QRegularExpressionValidator(digits, context_));
    auto* prices = new QHBoxLayout;
    prices->setSpacing(grid(2));
    const std::pair<QLabel*, QLineEdit*> parts[] = {
        {inputLabel_, input_}, {cachedLabel_, cached_}, {outputLabel_, output_}};
    for (const auto& [label, line] : parts) {
        auto* validator = new QDoubleValidator(0, kPriceMax, 6, line);
        validator->setLocale(QLocale::c());
        line->setValidator(validator);
        label->setBuddy(line);
        prices->addWidget(label);
        prices->addWidget(line, 1);
    }
    form_->setContentsMargins(0, 0, 0, 0);
    form_->setHorizontalSpacing(grid(4));
    form_->setVerticalSpacing(grid(2));
    form_->addRow(new QLabel(this), context_);
    form_->addRow(new QLabel(this), prices);
    form_->addRow(new QLabel(this), pictures_);
    form_->addRow(known_);
    form_->addRow(hint_);
    connect(context_, &QLineEdit::editingFinished, this, &ModelFacts::takeContext);
    for (QLineEdit* line : {input_, cached_, output_})
        connect(line, &QLineEdit::editingFinished, this, &ModelFacts::takePrice);
    connect(pictures_, &QComboBox::activated, this, &ModelFacts::takePictures);
    retranslate();
}

QLineEdit* ModelFacts::addNumber(const char* name) {
    auto* line = new QLineEdit(this);
    line->setObjectName(QLatin1String(name));
    return line;
}

void ModelFacts::show(const json& model) {
    model_ = model;
    const json none = json::object();
    const auto price = model_.find("price");
    const json& prices = price != model_.end() && price->is_object() ? *price : none;
    context_->setText(numberText(model_, "context_tokens"));
    input_->setText(numberText(prices, "input"));
    cached_->setText(numberText(prices, "cached_input"));
    output_->setText(numberText(prices, "output"));
    const auto images = model_.find("images");
    const bool isSaid = images != model_.end() && images->is_boolean();
    pictures_->setCurrentIndex(!isSaid ? 0 : images->get<bool>() ? 1 : 2);
    showKnown();
}

void ModelFacts::setReadOnly(bool isReadOnly) {
    for (QLineEdit* line : {context_, input_, cached_, output_})
        line->setReadOnly(isReadOnly);
    pictures_->setEnabled(!isReadOnly);
    known_->setEnabled(!isReadOnly);
}

// In grey where nothing is written.
void ModelFacts::showKnown() {
    const QLocale locale;
    const auto facts = engine::factsOfModel(nameOf(model_).toStdString(), nowMs_);
    context_->setPlaceholderText(locale.toString(qlonglong(facts.contextTokens)));
    const auto price = [&](double engine::ModelLimits::Price::*member) {
        return facts.price ? QString::number(*facts.price.*member) : tr("unknown");
    };
    input_->setPlaceholderText(price(&engine::ModelLimits::Price::input));
    cached_->setPlaceholderText(price(&engine::ModelLimits::Price::cachedInput));
    output_->setPlaceholderText(price(&engine::ModelLimits::Price::output));
    pictures_->setItemText(0, facts.takesImages ? tr("As known by its name: it takes them")
                                                : tr("As known by its name: it takes none"));
}

void ModelFacts::fillKnown() {
    const QLocale locale;
    known_->menu()->clear();
    for (const engine::KnownModelFacts& facts : engine::knownModels(nowMs_)) {
        const QString name = QString::fromStdString(facts.name);
        QString text = tr("%1 · %2 tokens", "model, its window")
                           .arg(name, locale.toString(qlonglong(facts.contextTokens)));
        if (facts.price)
            text = tr("%1 · $%2 in, $%3 out", "and its price per million tokens")
                       .arg(text, QString::number(facts.price->input),
                            QString::number(facts.price->output));
        if (facts.takesImages) text = tr("%1 · pictures", "and it takes pictures").arg(text);
        connect(known_->menu()->addAction(text), &QAction::triggered, this,
                [this, name] { emit modelChosen(name); });
    }
}

void ModelFacts::takeContext() {
    if (!context_->isModified()) return;
    context_->setModified(false);
    const int64_t tokens = context_->text().toLongLong();
    if (tokens > 0)
        model_["context_tokens"] = tokens;
    else
        model_.erase("context_tokens");
    emit edited(model_);
}

// A price is whole or none: a budget must not count what nobody said.
void ModelFacts::takePrice() {
    bool isModified = false;
    for (QLineEdit* line : {input_, cached_, output_}) {
        isModified = isModified || line->isModified();
        line->setModified(false);
    }
    if (!isModified) return;
    json price = json::object();
    const std::pair<QLineEdit*, const char*> parts[] = {
        {input_, "input"}, {cached_, "cached_input"}, {output_, "output"}};
    for (const auto& [line, member] : parts)
        if (!line->text().isEmpty()) price[member] = line->text().toDouble();
    if (price.empty())
        model_.erase("price");
    else
        model_["price"] = std::move(price);
    emit edited(model_);
}

void ModelFacts::takePictures(int index) {
    if (index == 0)
        model_.erase("images");
    else
        model_["images"] = index == 1;
    emit edited(model_);
}

void ModelFacts::retranslate() {
    const auto label = [&](int row, const QString& text) {
        static_cast<QLabel*>(form_->itemAt(row, QFormLayout::LabelRole)->widget())->setText(text);
    };
    label(0, tr("Context window"));
    label(1, tr("US$ per million tokens"));
    label(2, tr("Pictures"));
    context_->setAccessibleName(tr("Context window in tokens"));
    inputLabel_->setText(tr("in", "tokens that are sent"));
    cachedLabel_->setText(tr("cached", "tokens that are sent and known already"));
    outputLabel_->setText(tr("out", "tokens of the answer"));
    input_->setAccessibleName(tr("Price of a million input tokens in US dollars"));
    cached_->setAccessibleName(tr("Price of a million cached input tokens in US dollars"));
    output_->setAccessibleName(tr("Price of a million output tokens in US dollars"));
    pictures_->setAccessibleName(tr("Whether the model takes pictures"));
    pictures_->setItemText(1, tr("It takes pictures"));
    pictures_->setItemText(2, tr("It takes none"));
    known_->setText(tr("Known models") + QStringLiteral(" \u25BE"));
    known_->setAccessibleName(tr("Choose one of the known models"));
    const auto date = engine::knownPricesDate();
    hint_->setText(tr("Grey numbers are what Moxie knows by the model's name (prices of %1). What "
                      "you write takes their place.")
                       .arg(QString::fromUtf8(date.data(), qsizetype(date.size()))));
    showKnown();
}

}  // namespace moxie::desktop

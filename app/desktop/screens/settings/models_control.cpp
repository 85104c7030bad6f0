#include "app/desktop/screens/settings/models_control.h"

#include <QComboBox>
#include <QDateTime>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/settings/model_facts.h"
#include "app/desktop/screens/settings/page_parts.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

QString memberOf(const json& model, const char* name) {
    const auto member = model.find(name);
    return member != model.end() && member->is_string()
               ? QString::fromStdString(member->get<std::string>())
               : QString();
}

bool isServer(const json& model) {
    return !model.contains("file");
}

// What a model is called where it has no name.
QString shownName(const json& model) {
    for (const char* member : {"name", "model", "file"})
        if (const QString name = memberOf(model, member); !name.isEmpty()) return name;
    return {};
}

bool isVariableName(const QString& text) {
    static const QRegularExpression name(QStringLiteral("^[A-Za-z_][A-Za-z0-9_]*$"));
    return text.isEmpty() || name.match(text).hasMatch();
}

}  // namespace

ModelsControl::ModelsControl()
    : list_(new QListWidget(this)),
      addServer_(addButton(QStringLiteral("settings.models.addServer"), &ModelsControl::addServer)),
      addFile_(addButton(QStringLiteral("settings.models.addFile"), &ModelsControl::addFile)),
      remove_(addButton(QStringLiteral("settings.models.remove"), &ModelsControl::remove)),
      up_(addButton(QStringLiteral("settings.models.up"), &ModelsControl::moveUp)),
      down_(addButton(QStringLiteral("settings.models.down"), &ModelsControl::moveDown)),
      setUp_(addButton(QStringLiteral("settings.models.setUp"), &ModelsControl::setUpWanted)),
      fields_(new QWidget(this)) {
    list_->setObjectName(QStringLiteral("settings.models.list"));
    list_->setUniformItemSizes(true);
    list_->setItemDelegate(new RoomyRows(list_));
    setFocusProxy(list_);
    makeFields();
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    for (QPushButton* button : {addServer_, addFile_, remove_, up_, down_})
        buttons->addWidget(button);
    buttons->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(2));
    layout->addWidget(list_);
    layout->addLayout(buttons);
    layout->addWidget(setUp_, 0, Qt::AlignLeft);
    layout->addWidget(fields_);
    connect(list_, &QListWidget::currentRowChanged, this, &ModelsControl::showFields);
    retranslate();
    showFields();
}

QPushButton* ModelsControl::addButton(const QString& objectName, void (ModelsControl::*run)()) {
    auto* button = new QPushButton(this);
    button->setObjectName(objectName);
    connect(button, &QPushButton::clicked, this, run);
    return button;
}

QLineEdit* ModelsControl::addField(const char* member, const QString& objectName) {
    auto* line = new QLineEdit(fields_);
    line->setObjectName(objectName);
    form_->addRow(new QLabel(fields_), line);
    connect(line, &QLineEdit::editingFinished, this, [this, line, member] {
        if (line->isModified()) take(member, line->text().trimmed());
        line->setModified(false);
    });
    return line;
}

void ModelsControl::makeFields() {
    form_ = new QFormLayout(fields_);
    form_->setContentsMargins(0, grid(1), 0, 0);
    form_->setHorizontalSpacing(grid(4));
    form_->setVerticalSpacing(grid(2));
    form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    name_ = addField("name", QStringLiteral("settings.models.name"));
    file_ = addField("file", QStringLiteral("settings.models.file"));
    api_ = new QComboBox(fields_);
    api_->setObjectName(QStringLiteral("settings.models.api"));
    api_->addItem(QString(), QStringLiteral("openai"));
    api_->addItem(QString(), QStringLiteral("anthropic"));
    form_->addRow(new QLabel(fields_), api_);
    connect(api_, &QComboBox::activated, this,
            [this](int index) { take("api", api_->itemData(index).toString()); });
    baseUrl_ = addField("base_url", QStringLiteral("settings.models.baseUrl"));
    model_ = addField("model", QStringLiteral("settings.models.model"));
    keyVariable_ = addField("key_env", QStringLiteral("settings.models.keyVariable"));
    hint_ = new QLabel(fields_);
    hint_->setWordWrap(true);
    hint_->setForegroundRole(QPalette::PlaceholderText);
    form_->addRow(hint_);
    facts_ = new ModelFacts(QDateTime::currentMSecsSinceEpoch(), fields_);
    form_->addRow(facts_);
    connect(facts_, &ModelFacts::edited, this, &ModelsControl::takeFacts);
    connect(facts_, &ModelFacts::modelChosen, this, &ModelsControl::takeKnown);
}

void ModelsControl::retranslate() {
    list_->setAccessibleName(tr("Models in the order they are tried"));
    addServer_->setText(tr("Add server"));
    addFile_->setText(tr("Add file"));
    remove_->setText(tr("Remove"));
    up_->setText(tr("Up"));
    up_->setAccessibleName(tr("Try this model earlier"));
    down_->setText(tr("Down"));
    down_->setAccessibleName(tr("Try this model later"));
    setUp_->setText(tr("Download or test…"));
    setUp_->setToolTip(tr("Opens the first run, which finds, downloads and tests models"));
    api_->setItemText(0, tr("OpenAI and what speaks like it"));
    api_->setItemText(1, tr("Anthropic and what speaks like it"));
    const std::pair<QWidget*, QString> labels[] = {
        {name_, tr("Name")},       {file_, tr("Model file")}, {api_, tr("Interface")},
        {baseUrl_, tr("Address")}, {model_, tr("Model")},     {keyVariable_, tr("Key variable")},
    };
    for (const auto& [field, text] : labels) {
        static_cast<QLabel*>(form_->labelForField(field))->setText(text);
        field->setAccessibleName(text);
    }
    baseUrl_->setPlaceholderText(QStringLiteral("https://api.example.com/v1"));
    keyVariable_->setPlaceholderText(QStringLiteral("EXAMPLE_API_KEY"));
    facts_->retranslate();
    fillList(chosen());
    showFields();
}

void ModelsControl::setReadOnly(bool isReadOnly) {
    isReadOnly_ = isReadOnly;
    showFields();
}

// A list that could not be written yet stays until the setting itself becomes another.
void ModelsControl::showValue(const std::string& value) {
    if (value == std::exchange(shown_, value)) return;
    json models = json::parse(value);
    if (models == models_) return;
    models_ = std::move(models);
    fillList(std::max(0, chosen()));
    showFields();
}

int ModelsControl::chosen() const {
    return list_->currentRow();
}

void ModelsControl::fillList(int chosen) {
    const QSignalBlocker quiet(list_);
    list_->clear();
    for (const json& model : models_) {
        const QString name = shownName(model);
        list_->addItem(name.isEmpty() ? tr("New model") : name);
    }
    list_->setCurrentRow(std::min(chosen, list_->count() - 1));
    const int rows = std::clamp(list_->count(), 2, 6);
    list_->setFixedHeight(rows * (list_->fontMetrics().lineSpacing() + grid(3)) + grid(2));
}

void ModelsControl::showFields() {
    const int index = chosen();
    const bool hasOne = index >= 0 && size_t(index) < models_.size();
    remove_->setEnabled(hasOne && !isReadOnly_);
    up_->setEnabled(hasOne && index > 0 && !isReadOnly_);
    down_->setEnabled(hasOne && size_t(index) + 1 < models_.size() && !isReadOnly_);
    addServer_->setEnabled(!isReadOnly_);
    addFile_->setEnabled(!isReadOnly_);
    fields_->setVisible(hasOne);
    if (!hasOne) return;
    const json& model = models_[size_t(index)];
    const bool hasServer = isServer(model);
    for (QWidget* field : {static_cast<QWidget*>(api_), static_cast<QWidget*>(baseUrl_),
                           static_cast<QWidget*>(model_), static_cast<QWidget*>(keyVariable_),
                           static_cast<QWidget*>(file_)}) {
        const bool isShown = (field != file_) == hasServer;
        field->setVisible(isShown);
        form_->labelForField(field)->setVisible(isShown);
    }
    const std::pair<QLineEdit*, const char*> lines[] = {{name_, "name"},
                                                        {baseUrl_, "base_url"},
                                                        {model_, "model"},
                                                        {keyVariable_, "key_env"},
                                                        {file_, "file"}};
    for (const auto& [line, member] : lines) {
        line->setText(memberOf(model, member));
        line->setReadOnly(isReadOnly_);
    }
    api_->setCurrentIndex(std::max(0, api_->findData(memberOf(model, "api"))));
    api_->setEnabled(!isReadOnly_);
    facts_->setVisible(hasServer);
    facts_->show(model);
    facts_->setReadOnly(isReadOnly_);
    hint_->setText(!hasServer ? tr("A GGUF file on this computer.")
                   : isVariableName(keyVariable_->text())
                       ? tr("The key itself stays in the environment variable; it is written into "
                            "no file.")
                       : tr("This is no name of an environment variable. Put the key into one, and "
                            "write its name here."));
}

void ModelsControl::take(const char* member, const QString& text) {
    const int index = chosen();
    if (index < 0) return;
    // A key that was pasted here must not reach the file.
    if (member == std::string_view("key_env") && !isVariableName(text)) {
        keyVariable_->clear();
        hint_->setText(
            tr("This is no name of an environment variable. Put the key into one, and "
               "write its name here."));
        return;
    }
    json& model = models_[size_t(index)];
    if (text.isEmpty() && member != std::string_view("file"))
        model.erase(member);
    else
        model[member] = text.toStdString();
    fillList(index);
    facts_->show(models_[size_t(index)]);  // another name, other facts
    tell();
}

void ModelsControl::takeFacts(const json& model) {
    const int index = chosen();
    if (index < 0) return;
    models_[size_t(index)] = model;
    tell();
}

void ModelsControl::takeKnown(const QString& name) {
    take("model", name);
    showFields();
    model_->setFocus();
}

void ModelsControl::add(json model) {
    models_.push_back(std::move(model));
    fillList(int(models_.size()) - 1);
    showFields();
    name_->setFocus();
}

void ModelsControl::addServer() {
    add({{"api", "openai"}});
}

void ModelsControl::addFile() {
    add({{"file", ""}});
}

void ModelsControl::remove() {
    const int index = chosen();
    if (index < 0) return;
    models_.erase(size_t(index));
    fillList(index);
    showFields();
    tell();
}

void ModelsControl::moveUp() {
    move(-1);
}

void ModelsControl::moveDown() {
    move(1);
}

void ModelsControl::move(int step) {
    const int index = chosen(), other = index + step;
    if (index < 0 || other < 0 || size_t(other) >= models_.size()) return;
    std::swap(models_[size_t(index)], models_[size_t(other)]);
    fillList(other);
    showFields();
    tell();
}

void ModelsControl::tell() {
    emit edited(models_.dump());
}

}  // namespace moxie::desktop

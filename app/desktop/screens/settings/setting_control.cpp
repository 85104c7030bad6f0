#include "app/desktop/screens/settings/setting_control.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/config.h"
#include "app/desktop/screens/settings/choice_titles.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

constexpr int kTypingPauseMs = 500;  // a list is written when the user stops typing
constexpr int kListLinesMin = 2, kListLinesMax = 8;

// Turning the wheel over a form scrolls it, and changes no value on the way.
class WheelGuard final : public QObject {
public:
    explicit WheelGuard(QWidget& guarded) : QObject(&guarded) {
        guarded.setFocusPolicy(Qt::StrongFocus);
        guarded.installEventFilter(this);
    }

    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::Wheel || static_cast<QWidget*>(watched)->hasFocus())
            return false;
        event->ignore();
        return true;
    }
};

void fillWith(SettingControl& control, QWidget& inner, const QString& objectName) {
    inner.setObjectName(objectName);
    control.setFocusProxy(&inner);
    auto* layout = new QVBoxLayout(&control);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(&inner);
}

class ChoiceControl final : public SettingControl {
public:
    ChoiceControl(const app::Setting& setting, const QString& objectName)
        : setting_(setting),
          box_(new QComboBox(this)) {
        fillWith(*this, *box_, objectName);
        new WheelGuard(*box_);
        for (const std::string_view word : setting.choices)
            box_->addItem(QString(), QString::fromUtf8(word.data(), qsizetype(word.size())));
        connect(box_, &QComboBox::activated, this, [this](int index) {
            emit edited(json(box_->itemData(index).toString().toStdString()).dump());
        });
        ChoiceControl::retranslate();
    }

    void showValue(const std::string& value) override {
        const auto word = QString::fromStdString(json::parse(value).get<std::string>());
        box_->setCurrentIndex(box_->findData(word));
    }

    void retranslate() override {
        for (int i = 0; i < box_->count(); ++i)
            box_->setItemText(i, choiceTitle(setting_.path, setting_.choices[size_t(i)]));
    }

private:
    const app::Setting& setting_;
    QComboBox* box_;
};

class NumberControl final : public SettingControl {
public:
    NumberControl(const app::Setting& setting, const QString& objectName)
        : setting_(setting),
          box_(new QDoubleSpinBox(this)) {
        fillWith(*this, *box_, objectName);
        new WheelGuard(*box_);
        box_->setRange(setting.min, setting.max);
        box_->setDecimals(setting.type == app::SettingType::integer ? 0 : 2);
        box_->setKeyboardTracking(false);  // 120 is not first 1, then 12
        box_->setGroupSeparatorShown(true);
        box_->setAlignment(Qt::AlignRight);
        if (setting.max >= 10'000) box_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
        if (setting.path == "desktop.text_percent") box_->setSingleStep(10);
        connect(box_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
            emit edited(setting_.type == app::SettingType::integer
                            ? json(int64_t(std::llround(value))).dump()
                            : json(value).dump());
        });
        NumberControl::retranslate();
    }

    void showValue(const std::string& value) override {
        const QSignalBlocker quiet(box_);
        box_->setValue(json::parse(value).get<double>());
    }

    void retranslate() override {
        if (setting_.projectMay == app::ProjectMay::lowers)
            box_->setSpecialValueText(SettingControl::tr("no bound"));
        else if (setting_.min < 0)
            box_->setSpecialValueText(SettingControl::tr("automatic"));
    }

private:
    const app::Setting& setting_;
    QDoubleSpinBox* box_;
};

class FlagControl final : public SettingControl {
public:
    explicit FlagControl(const QString& objectName) : box_(new QCheckBox(this)) {
        fillWith(*this, *box_, objectName);
        connect(box_, &QCheckBox::clicked, this,
                [this](bool isOn) { emit edited(isOn ? "true" : "false"); });
        connect(box_, &QCheckBox::toggled, this, [this] { FlagControl::retranslate(); });
        FlagControl::retranslate();
    }

    void showValue(const std::string& value) override { box_->setChecked(value == "true"); }

    void retranslate() override {
        box_->setText(box_->isChecked() ? SettingControl::tr("On", "a switch")
                                        : SettingControl::tr("Off", "a switch"));
    }

private:
    QCheckBox* box_;
};

class TextControl final : public SettingControl {
public:
    explicit TextControl(const QString& objectName) : line_(new QLineEdit(this)) {
        fillWith(*this, *line_, objectName);
        connect(line_, &QLineEdit::editingFinished, this, [this] {
            if (line_->isModified()) emit edited(json(line_->text().toStdString()).dump());
            line_->setModified(false);
        });
    }

    bool isWide() const override { return true; }

    void showValue(const std::string& value) override {
        if (line_->hasFocus() && line_->isModified()) return;
        line_->setText(QString::fromStdString(json::parse(value).get<std::string>()));
    }

    void setReadOnly(bool isReadOnly) override { line_->setReadOnly(isReadOnly); }

private:
    QLineEdit* line_;
};

class TextListControl final : public SettingControl {
public:
    explicit TextListControl(const QString& objectName)
        : lines_(new QPlainTextEdit(this)),
          pause_(new QTimer(this)) {
        fillWith(*this, *lines_, objectName);
        lines_->setTabChangesFocus(true);
        lines_->setLineWrapMode(QPlainTextEdit::NoWrap);
        lines_->installEventFilter(this);
        pause_->setSingleShot(true);
        pause_->setInterval(kTypingPauseMs);
        connect(pause_, &QTimer::timeout, this, &TextListControl::tell);
        connect(lines_, &QPlainTextEdit::textChanged, this, [this] {
            fit();
            pause_->start();
        });
        TextListControl::retranslate();
        fit();
    }

    bool isWide() const override { return true; }

    // What is being typed stays: an empty last line is no item yet, but the cursor is in it.
    void showValue(const std::string& value) override {
        if (itemsJson() == value) return;
        QStringList items;
        for (const json& item : json::parse(value))
            items << QString::fromStdString(item.get<std::string>());
        const QSignalBlocker quiet(lines_);
        lines_->setPlainText(items.join(QLatin1Char('\n')));
        fit();
    }

    void retranslate() override {
        lines_->setPlaceholderText(SettingControl::tr("One in each line"));
    }

    void setReadOnly(bool isReadOnly) override { lines_->setReadOnly(isReadOnly); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::FocusOut && pause_->isActive()) {
            pause_->stop();
            tell();
        }
        return SettingControl::eventFilter(watched, event);
    }

    void changeEvent(QEvent* event) override {
        if (event->type() == QEvent::FontChange) fit();
        SettingControl::changeEvent(event);
    }

private:
    std::string itemsJson() const {
        json items = json::array();
        for (const QString& line : lines_->toPlainText().split(QLatin1Char('\n')))
            if (!line.trimmed().isEmpty()) items.push_back(line.trimmed().toStdString());
        return items.dump();
    }

    void tell() { emit edited(itemsJson()); }

    void fit() {
        const int count = std::clamp(lines_->blockCount(), kListLinesMin, kListLinesMax);
        lines_->setFixedHeight(count * lines_->fontMetrics().lineSpacing() + grid(4));
    }

    QPlainTextEdit* lines_;
    QTimer* pause_;
};

}  // namespace

std::unique_ptr<SettingControl> makeSettingControl(const app::Setting& setting,
                                                   const QString& objectName) {
    switch (setting.type) {
        case app::SettingType::choice:
            return std::make_unique<ChoiceControl>(setting, objectName);
        case app::SettingType::integer:
        case app::SettingType::number:
            return std::make_unique<NumberControl>(setting, objectName);
        case app::SettingType::flag:
            return std::make_unique<FlagControl>(objectName);
        case app::SettingType::text:
            return std::make_unique<TextControl>(objectName);
        case app::SettingType::textList:
            return std::make_unique<TextListControl>(objectName);
        case app::SettingType::models:
            break;
    }
    BASE_CHECK(setting.type != app::SettingType::models);
    return nullptr;
}

}  // namespace moxie::desktop

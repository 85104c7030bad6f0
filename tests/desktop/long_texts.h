// A language that shows what has no room: every text is 1.4 times as long, in brackets.
#pragma once
#include <QAbstractButton>
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QToolButton>
#include <QTranslator>
#include <string>

#include "app/desktop/shell/one_line_label.h"

namespace moxie::desktop::testing {

// In force while it lives.
class LongTexts final : public QTranslator {
public:
    LongTexts() { QCoreApplication::installTranslator(this); }

    ~LongTexts() override { QCoreApplication::removeTranslator(this); }

    QString translate(const char*, const char* source, const char*, int) const override {
        const QString text = QString::fromUtf8(source);
        return QLatin1Char('[') + text +
               QString(qsizetype(double(text.size()) * 0.4), QChar(0x00E6)) + QLatin1Char(']');
    }

    bool isEmpty() const override { return false; }
};

// True if the text of a label, button or box does not fit into it. What ends in an ellipsis was
// shortened by its widget, which says it whole elsewhere.
inline bool isClipped(const QWidget& widget) {
    if (qobject_cast<const OneLineLabel*>(&widget) != nullptr) return false;
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        if (label->text().isEmpty() || label->text().endsWith(QChar(0x2026))) return false;
        if (!label->wordWrap()) return label->width() < label->minimumSizeHint().width();
        return label->height() < label->heightForWidth(label->width());
    }
    const bool isBox = qobject_cast<const QComboBox*>(&widget) != nullptr;
    const auto* button = qobject_cast<const QAbstractButton*>(&widget);
    if (!isBox && (button == nullptr || button->text().isEmpty())) return false;
    return widget.width() < widget.minimumSizeHint().width();
}

// What is clipped of what can be seen below `root`: a line "class name: text" for each.
inline std::string clippedTexts(const QWidget& root) {
    QStringList clipped;
    for (const QWidget* widget : root.findChildren<QWidget*>()) {
        if (!widget->isVisibleTo(&root) || !isClipped(*widget)) continue;
        const QVariant text = widget->property("text");
        clipped << QStringLiteral("%1 %2: %3")
                       .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                            text.toString());
    }
    return clipped.join(QLatin1Char('\n')).toStdString();
}

}  // namespace moxie::desktop::testing

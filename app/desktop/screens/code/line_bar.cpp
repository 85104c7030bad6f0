#include "app/desktop/screens/code/line_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>

#include "app/desktop/screens/code/code_query.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

LineBar::LineBar(QWidget* parent)
    : QWidget(parent),
      label_(new QLabel(this)),
      line_(new QLineEdit(this)),
      range_(new QLabel(this)) {
    setObjectName(QStringLiteral("code.lineBar"));
    line_->setObjectName(QStringLiteral("code.line"));
    line_->setMaxLength(24);
    line_->installEventFilter(this);
    label_->setBuddy(line_);
    range_->setForegroundRole(QPalette::PlaceholderText);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(1), grid(2), grid(1));
    layout->setSpacing(grid(2));
    layout->addWidget(label_);
    layout->addWidget(line_);
    layout->addWidget(range_, 1);
    connect(line_, &QLineEdit::returnPressed, this, [this] {
        const CodeQuery query = parseCodeQuery(QLatin1Char(':') + line_->text().trimmed());
        if (query.line == 0 || !query.text.isEmpty()) return;
        close();
        emit lineWanted(query.line, query.column);
    });
    retranslate();
    hide();
}

void LineBar::retranslate() {
    label_->setText(tr("Go to line"));
    line_->setAccessibleName(tr("Line to go to"));
    range_->setText(tr("of %1").arg(QLocale().toString(qlonglong(lineCount_))));
}

void LineBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

void LineBar::open(int line, int64_t lineCount) {
    lineCount_ = lineCount;
    retranslate();
    line_->setText(QString::number(line));
    line_->selectAll();
    show();
    line_->setFocus(Qt::ShortcutFocusReason);
}

void LineBar::close() {
    hide();
    emit closed();
}

bool LineBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == line_ && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        close();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

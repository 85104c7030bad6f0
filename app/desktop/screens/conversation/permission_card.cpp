#include "app/desktop/screens/conversation/permission_card.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QEvent>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <utility>

#include "app/desktop/screens/conversation/permission_text.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

using agent::PermissionAnswer;

constexpr std::array kAnswers = {PermissionAnswer::once, PermissionAnswer::forTurn,
                                 PermissionAnswer::forSession, PermissionAnswer::always,
                                 PermissionAnswer::denied};
constexpr int kLinesMax = 8;  // of a command; a longer one scrolls
constexpr int kCornerRadius = 6;
constexpr QMargins kMargins(grid(2), 0, grid(2), grid(2));  // around the painted card
constexpr int kPadding = grid(3);

QLabel* addLabel(QVBoxLayout& layout, const char* name) {
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setFocusPolicy(Qt::NoFocus);
    layout.addWidget(label);
    return label;
}

bool isWider(PermissionAnswer answer) {
    return answer == PermissionAnswer::forTurn || answer == PermissionAnswer::forSession ||
           answer == PermissionAnswer::always;
}

}  // namespace

PermissionCard::PermissionCard(Appearance& appearance, ActionRegistry& registry,
                               const base::Clock& clock, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      registry_(registry),
      clock_(clock),
      title_(new QLabel(this)),
      rowLayout_(new QVBoxLayout),
      buttonLayout_(new QGridLayout),
      reason_(new QLineEdit(this)),
      hint_(new QLabel(this)),
      protection_(new QTimer(this)) {
    setObjectName(QStringLiteral("conversation.permission"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kMargins + QMargins(kPadding, grid(3), kPadding, grid(3)));
    layout->setSpacing(grid(2));
    title_->setObjectName(QStringLiteral("permission.title"));
    title_->setWordWrap(true);
    layout->addWidget(title_);
    rowLayout_->setSpacing(grid(2));
    layout->addLayout(rowLayout_);
    makeButtons();
    buttonLayout_->setSpacing(grid(2));
    layout->addLayout(buttonLayout_);
    reason_->setObjectName(QStringLiteral("permission.reason"));
    reason_->hide();
    connect(reason_, &QLineEdit::returnPressed, this, [this] { answer(PermissionAnswer::denied); });
    layout->addWidget(reason_);
    hint_->setObjectName(QStringLiteral("permission.hint"));
    hint_->setWordWrap(true);
    layout->addWidget(hint_);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    protection_->setSingleShot(true);
    connect(protection_, &QTimer::timeout, this, &PermissionCard::updateButtons);
    connect(&appearance_, &Appearance::changed, this, &PermissionCard::fitTexts);
    connect(&registry_, &ActionRegistry::keysChanged, this, &PermissionCard::retranslate);
    retranslate();
    hide();
}

void PermissionCard::makeButtons() {
    const char* names[] = {"permission.once",   "permission.turn", "permission.session",
                           "permission.always", "permission.deny", "permission.denyWhy"};
    for (size_t i = 0; i < std::size(names); ++i) {
        auto* button = new QPushButton(this);
        button->setObjectName(QLatin1String(names[i]));
        button->setAutoDefault(false);  // Enter is no answer
        if (i < kAnswers.size())
            connect(button, &QPushButton::clicked, this, [this, i] { answer(kAnswers[i]); });
        else
            connect(button, &QPushButton::clicked, this, &PermissionCard::askWhy);
        buttons_.push_back(button);
    }
}

// As many in a row as there is room for.
void PermissionCard::arrangeButtons() {
    int widest = 0;
    for (const QPushButton* button : buttons_)
        widest = std::max(widest, button->sizeHint().width());
    const int room = width() - kMargins.left() - kMargins.right() - 2 * kPadding;
    int columns = 1;
    for (const int wanted : {2, 3})
        if (wanted * widest + (wanted - 1) * grid(2) <= room) columns = wanted;
    for (size_t i = 0; i < buttons_.size(); ++i)
        buttonLayout_->addWidget(buttons_[i], int(i) / columns, int(i) % columns);
}

PermissionCard::Row PermissionCard::makeRow(const agent::PermissionQuestion& question) {
    Row row;
    row.question = question;
    row.widget = new QWidget(this);
    auto* layout = new QVBoxLayout(row.widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(1));
    row.tick = new QCheckBox(row.widget);
    row.tick->setObjectName(QStringLiteral("permission.tick"));
    row.tick->setChecked(true);
    connect(row.tick, &QCheckBox::toggled, this, &PermissionCard::updateButtons);
    layout->addWidget(row.tick);
    row.wanted = new QPlainTextEdit(row.widget);
    row.wanted->setObjectName(QStringLiteral("permission.wanted"));
    row.wanted->setReadOnly(true);
    row.wanted->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    row.wanted->setTabChangesFocus(true);
    row.wanted->setFrameShape(QFrame::NoFrame);
    layout->addWidget(row.wanted);
    row.why = addLabel(*layout, "permission.why");
    row.touches = addLabel(*layout, "permission.touches");
    row.whyOnlyOnce = addLabel(*layout, "permission.onlyOnce");
    row.ruleLabel = addLabel(*layout, "permission.ruleLabel");
    row.rule = new QLineEdit(fromUtf8(question.suggestedRule), row.widget);
    row.rule->setCursorPosition(0);  // its beginning says what kind of call it is for
    row.rule->setObjectName(QStringLiteral("permission.rule"));
    row.ruleLabel->setBuddy(row.rule);
    layout->addWidget(row.rule);
    const bool hasRule = !question.suggestedRule.empty();
    row.ruleLabel->setVisible(hasRule);
    row.rule->setVisible(hasRule);
    return row;
}

void PermissionCard::setQuestions(const std::vector<PendingPermission>& pending) {
    const bool isSame = std::equal(pending.begin(), pending.end(), rows_.begin(), rows_.end(),
                                   [](const PendingPermission& one, const Row& row) {
                                       return one.question.callId == row.question.callId;
                                   });
    if (isSame) return;
    const bool hasNew = std::any_of(pending.begin(), pending.end(), [&](const auto& one) {
        return std::none_of(rows_.begin(), rows_.end(), [&](const Row& row) {
            return row.question.callId == one.question.callId;
        });
    });
    const bool hadFocus = isAncestorOf(QApplication::focusWidget());
    for (const Row& row : rows_) {
        row.widget->hide();
        row.widget->deleteLater();
    }
    rows_.clear();
    for (const PendingPermission& one : pending) {
        rows_.push_back(makeRow(one.question));
        rowLayout_->addWidget(rows_.back().widget);
    }
    reason_->hide();
    reason_->clear();
    if (hasNew) {
        shownMs_ = clock_.steadyMs();
        protection_->start(kProtectionMs);
    }
    setVisible(!rows_.empty());
    retranslate();
    orderTabs();
    setFocusProxy(rows_.empty() ? nullptr : rows_.front().wanted);
    if (hadFocus && !rows_.empty()) rows_.front().wanted->setFocus();
}

// As one reads: what is wanted, the rules, then the answers. Rows are younger than all else.
void PermissionCard::orderTabs() {
    QWidget* last = title_;
    const auto add = [&last](QWidget* next) {
        setTabOrder(last, next);
        last = next;
    };
    for (const Row& row : rows_)
        for (QWidget* part : {static_cast<QWidget*>(row.tick), static_cast<QWidget*>(row.wanted),
                              static_cast<QWidget*>(row.rule)})
            add(part);
    for (QPushButton* button : buttons_)
        add(button);
    add(reason_);
}

bool PermissionCard::isProtected() const {
    return clock_.steadyMs() - shownMs_ < kProtectionMs;
}

bool PermissionCard::isOffered(PermissionAnswer answer) const {
    const auto isTicked = [](const Row& row) { return row.tick->isChecked(); };
    if (std::none_of(rows_.begin(), rows_.end(), isTicked)) return false;
    return !isWider(answer) || std::all_of(rows_.begin(), rows_.end(), [&](const Row& row) {
        return !isTicked(row) || !row.question.suggestedRule.empty();
    });
}

void PermissionCard::updateButtons() {
    const int64_t left = shownMs_ + kProtectionMs - clock_.steadyMs();
    for (size_t i = 0; i < buttons_.size(); ++i) {
        const PermissionAnswer answer =
            i < kAnswers.size() ? kAnswers[i] : PermissionAnswer::denied;
        buttons_[i]->setEnabled(left <= 0 && isOffered(answer));
    }
    if (left > 0 && isVisible()) protection_->start(int(left));
}

void PermissionCard::answer(PermissionAnswer answer) {
    if (rows_.empty() || isProtected() || !isOffered(answer)) return;
    std::vector<std::pair<std::string, agent::PermissionReply>> replies;
    for (const Row& row : rows_) {
        if (!row.tick->isChecked()) continue;
        agent::PermissionReply reply = {.answer = answer};
        if (isWider(answer)) reply.rule = row.rule->text().trimmed().toStdString();
        if (answer == PermissionAnswer::denied)
            reply.reason = reason_->text().trimmed().toStdString();
        replies.emplace_back(row.question.callId, std::move(reply));
    }
    for (const auto& [callId, reply] : replies)
        emit answered(callId, reply);
}

void PermissionCard::askWhy() {
    if (isProtected()) return;
    reason_->show();
    reason_->setFocus();
}

// ---- texts

void PermissionCard::retranslate() {
    for (size_t i = 0; i < kAnswers.size(); ++i) {
        const QByteArray id = "permission." + QByteArray::number(int(i) + 1);
        const QAction& action = registry_.action(QLatin1String(id));
        buttons_[i]->setText(action.text());
        buttons_[i]->setToolTip(action.toolTip());
        buttons_[i]->setAccessibleName(action.text());
    }
    buttons_.back()->setText(tr("Deny and say why…"));
    buttons_.back()->setAccessibleName(tr("Deny and say why"));
    reason_->setPlaceholderText(tr("What should it do instead? Enter denies and tells the agent."));
    reason_->setAccessibleName(tr("Reason of the denial"));
    setAccessibleName(tr("Permission needed"));
    hint_->setText(tr("%1 to %2 answer. Enter answers nothing.", "keys")
                       .arg(registry_.keysText(registry_.action(QLatin1String("permission.1"))),
                            registry_.keysText(registry_.action(QLatin1String("permission.5")))));
    const auto count = int(rows_.size());
    if (count > 1) title_->setText(tr("The agent asks for %n permissions", nullptr, count));
    for (Row& row : rows_) {
        const PermissionTexts texts = textsOf(row.question);
        if (count == 1) title_->setText(texts.question);
        row.tick->setVisible(count > 1);
        row.tick->setText(texts.question);
        row.wanted->setPlainText(texts.wanted);
        row.wanted->setAccessibleName(texts.question);
        row.why->setText(texts.why);
        row.why->setVisible(!texts.why.isEmpty());
        row.touches->setText(texts.touches);
        row.touches->setVisible(!texts.touches.isEmpty());
        row.whyOnlyOnce->setText(texts.whyOnlyOnce);
        row.whyOnlyOnce->setVisible(!texts.whyOnlyOnce.isEmpty());
        row.ruleLabel->setText(tr("A wider answer allows all that this pattern covers:"));
        row.rule->setAccessibleName(tr("Pattern of a wider answer"));
    }
    fitTexts();
    updateButtons();
}

void PermissionCard::fitTexts() {
    const Look& look = appearance_.look();
    title_->setFont(look.font(TextRole::title));
    QPalette palette = look.palette();
    palette.setColor(QPalette::Base, look.color(Role::sunken));
    QPalette quiet = look.palette();
    quiet.setColor(QPalette::WindowText, look.color(Role::textMuted));
    hint_->setFont(look.font(TextRole::small));
    hint_->setPalette(quiet);
    for (Row& row : rows_) {
        row.wanted->setPalette(palette);
        row.wanted->setFont(look.font(TextRole::code));
        row.rule->setFont(look.font(TextRole::code));
        for (QLabel* label : {row.why, row.touches, row.whyOnlyOnce, row.ruleLabel}) {
            label->setFont(look.font(TextRole::small));
            label->setPalette(quiet);
        }
        const QFontMetrics metrics(row.wanted->font());
        const int room = std::max(1, row.wanted->viewport()->width() - grid(3));
        int nLines = 0;
        for (const QString& line : row.wanted->toPlainText().left(10'000).split(QLatin1Char('\n')))
            nLines += 1 + metrics.horizontalAdvance(line) / room;
        row.wanted->setFixedHeight(std::clamp(nLines, 1, kLinesMax) * metrics.lineSpacing() +
                                   grid(3));
    }
    arrangeButtons();
    update();
}

// ---- events

void PermissionCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    if (event->type() == QEvent::FontChange) fitTexts();
    QWidget::changeEvent(event);
}

void PermissionCard::keyPressEvent(QKeyEvent* event) {
    if (event->key() != Qt::Key_Escape || !reason_->isVisible())
        return QWidget::keyPressEvent(event);
    reason_->hide();
    reason_->clear();
    if (!rows_.empty()) rows_.front().wanted->setFocus();
}

void PermissionCard::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(appearance_.look().color(Role::warning), 1));
    painter.setBrush(appearance_.look().color(Role::warningSoft));
    painter.drawRoundedRect(QRectF(rect().marginsRemoved(kMargins)).adjusted(0.5, 0.5, -0.5, -0.5),
                            kCornerRadius, kCornerRadius);
}

void PermissionCard::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitTexts();
}

}  // namespace moxie::desktop

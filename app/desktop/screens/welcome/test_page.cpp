#include "app/desktop/screens/welcome/test_page.h"

#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr int kTestTokens = 32;

QString memoryText(int64_t bytes) {
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace

TestPage::TestPage(WelcomeModel& model, Appearance& appearance, std::function<ModelChoice()> choice)
    : WelcomePage(model, appearance),
      choice_(std::move(choice)),
      answer_(makeText(this, QStringLiteral("welcome.test.answer"))),
      summary_(makeText(this, QStringLiteral("welcome.test.summary"))),
      button_(makeButton(this, QStringLiteral("welcome.test.again"))) {
    answer_->setAutoFillBackground(true);
    answer_->setContentsMargins(grid(4), grid(3), grid(4), grid(3));
    answer_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* table = new QGridLayout;
    table->setHorizontalSpacing(grid(6));
    table->setVerticalSpacing(grid(2));
    table->setColumnStretch(1, 1);
    for (size_t i = 0; i < names_.size(); ++i) {
        names_[i] = makeText(this, QStringLiteral("welcome.test.name.%1").arg(i));
        names_[i]->setWordWrap(false);
        values_[i] = makeText(this, QStringLiteral("welcome.test.value.%1").arg(i));
        table->addWidget(names_[i], int(i), 0);
        table->addWidget(values_[i], int(i), 1);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(4));
    layout->addWidget(summary_);
    layout->addWidget(answer_);
    layout->addLayout(table);
    layout->addWidget(button_, 0, Qt::AlignLeft);
    layout->addStretch();
    connect(button_, &QPushButton::clicked, this, [this] {
        if (state_ == State::running)
            model_.cancelTest();
        else
            start();
    });
    connect(&model_, &WelcomeModel::testProgressed, this, [this](const QString& text, int tokens) {
        if (!isEntered_) return;
        tokens_ = tokens;
        answer_->setText(text);
        showState();
    });
    connect(&model_, &WelcomeModel::tested, this, &TestPage::show);
    TestPage::applyLook();
    TestPage::retranslate();
}

QString TestPage::title() const {
    return tr("A first answer");
}

QString TestPage::lead() const {
    return tr("The model says a few words, so that you know how fast it is.");
}

void TestPage::enter() {
    isEntered_ = true;
    start();
}

void TestPage::leave() {
    isEntered_ = false;
    if (state_ == State::running) model_.cancelTest();
}

void TestPage::start() {
    const ModelChoice choice = choice_();
    state_ = choice.kind == ModelChoice::Kind::none ? State::noModel : State::running;
    result_ = {};
    tokens_ = 0;
    answer_->clear();
    showState();
    if (state_ == State::running) model_.test(choice, kTestTokens);
}

void TestPage::show(const ModelTest& result) {
    if (!isEntered_) return;
    result_ = result;
    state_ = result.wasCancelled         ? State::cancelled
             : !result.problem.isEmpty() ? State::failed
                                         : State::done;
    if (state_ == State::done) answer_->setText(result.answer);
    showState();
}

void TestPage::showState() {
    const bool isDone = state_ == State::done;
    switch (state_) {
        case State::noModel:
            summary_->setText(tr("No model was chosen, so there is nothing to test."));
            break;
        case State::running:
            summary_->setText(tokens_ == 0 ? tr("Waiting for the first word…")
                                           : tr("Tokens so far: %1").arg(tokens_));
            break;
        case State::done:
            summary_->setText(tr("✓ It works."));
            break;
        case State::failed:
            summary_->setText(tr("It did not answer: %1. Go back to choose another one, or go on.")
                                  .arg(result_.problem));
            break;
        case State::cancelled:
            summary_->setText(tr("Cancelled."));
            break;
    }
    dress(*summary_, appearance_.look(), TextRole::title,
          isDone                    ? Role::success
          : state_ == State::failed ? Role::error
                                    : Role::text);
    answer_->setVisible(!answer_->text().isEmpty());
    button_->setVisible(state_ != State::noModel);
    button_->setText(state_ == State::running ? tr("Cancel") : tr("Once more"));
    const bool isHere = result_.measuredBytes > 0;
    values_[0]->setText(
        tr("%1 tokens a second").arg(QLocale().toString(result_.tokensPerSecond, 'f', 1)));
    values_[1]->setText(tr("%1 ms").arg(QLocale().toString(qlonglong(result_.firstTokenMs))));
    values_[2]->setText(tr("%1 ms").arg(QLocale().toString(qlonglong(result_.loadMs))));
    values_[3]->setText(
        tr("%1 measured, %2 planned")
            .arg(memoryText(result_.measuredBytes), memoryText(result_.plannedBytes)));
    for (size_t i = 0; i < names_.size(); ++i) {
        names_[i]->setVisible(isDone && (i < 2 || isHere));
        values_[i]->setVisible(isDone && (i < 2 || isHere));
    }
}

void TestPage::applyLook() {
    const Look& look = appearance_.look();
    dress(*answer_, look, TextRole::body, Role::text);
    QPalette palette = answer_->palette();
    palette.setColor(QPalette::Window, look.color(Role::card));
    answer_->setPalette(palette);
    for (size_t i = 0; i < names_.size(); ++i) {
        dress(*names_[i], look, TextRole::body, Role::textMuted);
        dress(*values_[i], look, TextRole::body, Role::text);
    }
    showState();
}

void TestPage::retranslate() {
    names_[0]->setText(tr("Speed"));
    names_[1]->setText(tr("First token after"));
    names_[2]->setText(tr("Loaded in"));
    names_[3]->setText(tr("Memory"));
    answer_->setAccessibleName(tr("Answer of the model"));
    showState();
}

}  // namespace moxie::desktop

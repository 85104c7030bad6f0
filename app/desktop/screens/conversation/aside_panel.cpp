#include "app/desktop/screens/conversation/aside_panel.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/screens/conversation/conversation_source.h"
#include "app/desktop/screens/conversation/hrefs.h"
#include "app/desktop/screens/conversation/words.h"
#include "app/desktop/session/aside_model.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/theme/icons.h"

namespace moxie::desktop {

namespace {

constexpr int kCanvasShare = 3;  // a third of the window at most

}  // namespace

AsidePanel::AsidePanel(AsideModel& model, Appearance& appearance, const base::Clock& clock,
                       QWidget* parent)
    : QWidget(parent),
      model_(model),
      appearance_(appearance),
      source_(new ConversationSource(clock, this, ConversationSource::Buttons::none)),
      sign_(new QLabel(this)),
      title_(new QLabel(this)),
      hint_(new QLabel(this)),
      close_(new QToolButton(this)),
      canvas_(new BlockCanvas(*source_, appearance, this)),
      question_(new QLineEdit(this)),
      ask_(new QPushButton(this)) {
    setObjectName(QStringLiteral("aside"));
    setAutoFillBackground(true);
    canvas_->setObjectName(QStringLiteral("aside.canvas"));
    canvas_->setFollow(Follow::end);
    question_->setObjectName(QStringLiteral("aside.question"));
    ask_->setObjectName(QStringLiteral("aside.ask"));
    ask_->setAutoDefault(false);
    close_->setObjectName(QStringLiteral("aside.close"));
    close_->setAutoRaise(true);
    close_->setFocusPolicy(Qt::StrongFocus);
    hint_->setWordWrap(true);
    layOut();
    connect(&model_, &AsideModel::changed, this,
            [this](const std::vector<ConversationChange>& changes) {
                source_->take(model_.now(), changes);
                fitCanvas();
            });
    connect(&model_, &AsideModel::statusChanged, this, &AsidePanel::retranslate);
    connect(question_, &QLineEdit::returnPressed, this, [this] {
        if (!model_.isAsking()) ask();  // an answer is stopped by its button
    });
    connect(question_, &QLineEdit::textChanged, this, &AsidePanel::retranslate);
    connect(ask_, &QPushButton::clicked, this, &AsidePanel::ask);
    connect(close_, &QToolButton::clicked, this, &AsidePanel::close);
    connect(canvas_, &Canvas::linkActivated, this, &AsidePanel::follow);
    connect(&appearance, &Appearance::changed, this, &AsidePanel::applyLook);
    source_->load(model_.now());
    retranslate();
    applyLook();
    hide();
}

void AsidePanel::layOut() {
    auto* head = new QHBoxLayout;
    head->setSpacing(grid(2));
    head->addWidget(sign_);
    head->addWidget(title_);
    head->addWidget(hint_, 1);
    head->addWidget(close_, 0, Qt::AlignTop);
    auto* line = new QHBoxLayout;
    line->setSpacing(grid(2));
    line->addWidget(question_, 1);
    line->addWidget(ask_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addLayout(head);
    layout->addWidget(canvas_);
    layout->addLayout(line);
    setTabOrder(canvas_, question_);
    setTabOrder(question_, ask_);
    setTabOrder(ask_, close_);
    setFocusProxy(question_);
}

void AsidePanel::open() {
    show();
    fitCanvas();
    question_->setFocus(Qt::OtherFocusReason);
}

void AsidePanel::close() {
    model_.stop();
    hide();
    emit closed();
}

void AsidePanel::ask() {
    if (model_.isAsking()) return model_.stop();
    const QString question = question_->text().trimmed();
    if (question.isEmpty()) return;
    question_->clear();
    model_.ask(question);
}

void AsidePanel::follow(qint64 block, const QString& href) {
    const MoxieHref link(href);
    if (link.verb.isEmpty()) return emit webWanted(href);
    if (link.verb == QLatin1String("file"))
        return emit openPlace(link.value("path"), link.value("line").toInt(),
                              link.value("column").toInt());
    const Turn& turn = source_->conversation().turns[source_->placeOf(block).turn];
    const int32_t answer = answerOf(turn);
    const QString text =
        answer < 0 ? QString() : fromUtf8(turn.items[answer].get<TextItem>().text).trimmed();
    if (link.verb == QLatin1String("quote")) return emit quoteWanted(text);
    if (link.verb == QLatin1String("copy"))
        QGuiApplication::clipboard()->setText(
            link.value("what") == QLatin1String("code") ? source_->codeOf(block) : text);
}

// As high as its content, up to a share of the window.
void AsidePanel::fitCanvas() {
    const int64_t nBlocks = source_->blockCount();
    canvas_->setVisible(nBlocks > 0);
    if (nBlocks == 0) return;
    const int line = QFontMetrics(appearance_.look().font(TextRole::body)).lineSpacing();
    int64_t characters = 0;
    for (int64_t block = 0; block < std::min<int64_t>(nBlocks, 200); ++block)
        characters += source_->textLength(block);
    const int64_t perLine = std::max(20, width() / std::max(1, line / 2));
    const int64_t rows = characters / perLine + 3 * nBlocks + 3;
    const int heightMax = std::max(8 * line, window()->height() / kCanvasShare);
    canvas_->setFixedHeight(int(std::clamp<int64_t>(rows * line, 6 * line, heightMax)));
}

void AsidePanel::retranslate() {
    const bool isAsking = model_.isAsking();
    title_->setText(tr("On the side"));
    const QString tokens = QLocale().toString(qlonglong(model_.tokens()));
    hint_->setText(model_.tokens() > 0
                       ? tr("Not part of the session. %1 tokens, in none of its sums.").arg(tokens)
                       : tr("Not part of the session: the agent does not see it."));
    canvas_->setAccessibleName(tr("Questions on the side"));
    question_->setAccessibleName(tr("Question on the side"));
    question_->setPlaceholderText(tr("Ask about what the agent knows by now"));
    ask_->setText(isAsking ? tr("Stop") : tr("Ask"));
    ask_->setAccessibleName(isAsking ? tr("Stop the answer") : tr("Ask on the side"));
    ask_->setEnabled(isAsking || !question_->text().trimmed().isEmpty());
    close_->setAccessibleName(tr("Close the questions on the side"));
    close_->setToolTip(close_->accessibleName());
}

void AsidePanel::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::Window, look.color(Role::raised));
    setPalette(palette);
    palette.setColor(QPalette::WindowText, look.color(Role::textMuted));
    hint_->setPalette(palette);
    hint_->setFont(look.font(TextRole::small));
    QFont strong = look.font(TextRole::body);
    strong.setWeight(QFont::DemiBold);
    title_->setFont(strong);
    const int edge = QFontMetrics(strong).height();
    sign_->setPixmap(icon(IconShape::aside, Role::text, appearance_).pixmap(edge, edge));
    close_->setIcon(icon(IconShape::close, Role::text, appearance_));
    fitCanvas();
}

void AsidePanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

void AsidePanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return close();
    QWidget::keyPressEvent(event);
}

void AsidePanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitCanvas();
}

}  // namespace moxie::desktop

#include "app/desktop/screens/code/viewer_bars.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <algorithm>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kLinesColumns = 32;

QToolButton* plainButton(const char* name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

QToolButton* barButton(const char* name, ActionRegistry& registry, const char* action,
                       QWidget* parent) {
    QToolButton* button = plainButton(name, parent);
    QAction& known = registry.action(QLatin1String(action));
    QObject::connect(button, &QToolButton::clicked, &known, &QAction::trigger);
    return button;
}

void nameButton(QToolButton& button, const QString& name, const ActionRegistry& registry,
                const char* action) {
    button.setAccessibleName(name);
    const QString keys = registry.keysText(registry.action(QLatin1String(action)));
    button.setToolTip(keys.isEmpty() ? name
                                     : name + QStringLiteral(" (") + keys + QLatin1Char(')'));
}

}  // namespace

// ---- a text that gives way

ElidedLabel::ElidedLabel(Appearance& appearance, Qt::TextElideMode mode, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      mode_(mode) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void ElidedLabel::setTexts(const QString& strong, const QString& quiet) {
    if (strong_ == strong && quiet_ == quiet) return;
    strong_ = strong;
    quiet_ = quiet;
    const QString all = quiet.isEmpty() ? strong : strong + QStringLiteral(", ") + quiet;
    setAccessibleName(all);
    setToolTip(all);
    update();
}

QSize ElidedLabel::sizeHint() const {
    const QFontMetrics metrics(appearance_.look().font(TextRole::body));
    return {metrics.horizontalAdvance(strong_) + metrics.horizontalAdvance(quiet_) + grid(4),
            metrics.height()};
}

QSize ElidedLabel::minimumSizeHint() const {
    return {grid(8), sizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    const Look& look = appearance_.look();
    QPainter painter(this);
    QFont bold = look.font(TextRole::body);
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(look.color(Role::text));
    const QString strong = painter.fontMetrics().elidedText(strong_, mode_, width());
    painter.drawText(rect(), int(Qt::AlignLeft | Qt::AlignVCenter), strong);
    const int left = painter.fontMetrics().horizontalAdvance(strong) + grid(2);
    if (quiet_.isEmpty() || width() - left < grid(6)) return;
    painter.setFont(look.font(TextRole::small));
    painter.setPen(look.color(Role::textMuted));
    painter.drawText(rect().adjusted(left, 0, 0, 0), int(Qt::AlignLeft | Qt::AlignVCenter),
                     painter.fontMetrics().elidedText(quiet_, Qt::ElideRight, width() - left));
}

// ---- above

ViewerHead::ViewerHead(Appearance& appearance, ActionRegistry& registry, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      registry_(registry),
      files_(barButton("code.filesButton", registry, "code.files", this)),
      back_(barButton("code.back", registry, "code.back", this)),
      forward_(barButton("code.forward", registry, "code.forward", this)),
      path_(new ElidedLabel(appearance, Qt::ElideMiddle, this)),
      uses_(barButton("code.usesButton", registry, "code.uses", this)),
      outline_(barButton("code.outlineButton", registry, "code.outline", this)),
      more_(plainButton("code.more", this)) {
    back_->setArrowType(Qt::LeftArrow);
    forward_->setArrowType(Qt::RightArrow);
    for (QToolButton* button : {files_, uses_, outline_})
        button->setCheckable(true);
    more_->setText(QStringLiteral("\u22EF"));
    more_->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more_);
    for (const char* action : {"code.blame", "code.fold", "code.foldAll", "code.line", "code.edit"})
        menu->addAction(&registry.action(QLatin1String(action)));
    more_->setMenu(menu);
    path_->setObjectName(QStringLiteral("code.path"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(1), grid(2), grid(1) + 1);
    layout->setSpacing(grid(1));
    layout->addWidget(files_);
    layout->addWidget(back_);
    layout->addWidget(forward_);
    layout->addSpacing(grid(1));
    layout->addWidget(path_, 1);
    layout->addWidget(uses_);
    layout->addWidget(outline_);
    layout->addWidget(more_);
    connect(&registry, &ActionRegistry::keysChanged, this, &ViewerHead::retranslate);
    retranslate();
}

void ViewerHead::retranslate() {
    files_->setText(tr("Files"));
    uses_->setText(tr("Uses"));
    outline_->setText(tr("Outline"));
    more_->setAccessibleName(tr("More for this text"));
    more_->setToolTip(tr("More for this text"));
    nameButton(*files_, tr("Files of the repository"), registry_, "code.files");
    nameButton(*back_, tr("Back to where I was"), registry_, "code.back");
    nameButton(*forward_, tr("Forward again"), registry_, "code.forward");
    nameButton(*uses_, tr("Where the symbol at the caret is used"), registry_, "code.uses");
    nameButton(*outline_, tr("Outline of this file"), registry_, "code.outline");
}

void ViewerHead::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

void ViewerHead::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

void ViewerHead::setPath(const QString& path, const QString& note) {
    const qsizetype slash = path.lastIndexOf(QLatin1Char('/'));
    const QString folder = path.left(std::max<qsizetype>(0, slash));
    const QString quiet =
        folder.isEmpty() || note.isEmpty() ? folder + note : folder + QStringLiteral(" · ") + note;
    path_->setTexts(path.mid(slash + 1), quiet);
}

void ViewerHead::setWays(bool canGoBack, bool canGoForward) {
    back_->setEnabled(canGoBack);
    forward_->setEnabled(canGoForward);
}

void ViewerHead::setReading(bool isReading) {
    uses_->setEnabled(isReading);
    outline_->setEnabled(isReading);
    more_->setEnabled(isReading);
}

void ViewerHead::setPanes(const Panes& panes) {
    files_->setChecked(panes.files);
    uses_->setChecked(panes.uses);
    outline_->setChecked(panes.outline);
}

// ---- below

ViewerFoot::ViewerFoot(Appearance& appearance, ActionRegistry& registry, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      registry_(registry),
      layout_(new QBoxLayout(QBoxLayout::LeftToRight, this)),
      lines_(new ElidedLabel(appearance, Qt::ElideRight, this)),
      ask_(barButton("code.askButton", registry, "code.ask", this)),
      add_(barButton("code.addButton", registry, "code.add", this)),
      editor_(plainButton("code.editorButton", this)) {
    connect(editor_, &QToolButton::clicked, this, &ViewerFoot::editorWanted);
    lines_->setObjectName(QStringLiteral("code.lines"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(1));
    for (QToolButton* button : {ask_, add_, editor_})
        buttons->addWidget(button);
    layout_->setContentsMargins(grid(3), grid(1) + 1, grid(2), grid(1));
    layout_->setSpacing(grid(1));
    layout_->addWidget(lines_, 1);
    layout_->addLayout(buttons);
    connect(&registry, &ActionRegistry::keysChanged, this, &ViewerFoot::retranslate);
    connect(&appearance, &Appearance::changed, this, &ViewerFoot::fit);
    retranslate();
}

void ViewerFoot::retranslate() {
    ask_->setText(tr("Ask about it"));
    add_->setText(tr("Add to message"));
    editor_->setText(tr("Open in editor"));
    nameButton(*ask_, tr("Ask about these lines"), registry_, "code.ask");
    nameButton(*add_, tr("Add these lines to the message"), registry_, "code.add");
    nameButton(*editor_, tr("Open in the editor at this line"), registry_, "editor.open");
    fit();
}

void ViewerFoot::fit() {
    const int buttons = ask_->sizeHint().width() + add_->sizeHint().width() +
                        editor_->sizeHint().width() + 2 * grid(1);
    // What is longer gives way: the bar does not change its shape with each line.
    const int lines = std::min(lines_->sizeHint().width(),
                               kLinesColumns * lines_->fontMetrics().averageCharWidth());
    const bool isWide = buttons + lines + grid(6) <= width();
    layout_->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ViewerFoot::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fit();
}

void ViewerFoot::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

void ViewerFoot::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, 0, width(), 0);
}

void ViewerFoot::setLines(const QString& lines, const QString& price) {
    lines_->setTexts(lines, price);
    fit();
}

}  // namespace moxie::desktop

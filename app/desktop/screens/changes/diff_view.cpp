#include "app/desktop/screens/changes/diff_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

DiffView::DiffView(DiffSource& source, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      source_(source),
      appearance_(appearance),
      beforeSource_(new BeforeSource(source, this)),
      colours_(new ColouredTexts(this)),
      moved_(new MovedHunks(this)),
      before_(new LineCanvas(*beforeSource_, appearance, this)),
      now_(new LineCanvas(source, appearance, this)),
      active_(now_),
      findBefore_(new FindBar(*before_, this)),
      find_(new FindBar(*now_, this)) {
    before_->setObjectName(QStringLiteral("changes.before"));
    now_->setObjectName(QStringLiteral("changes.diff"));
    setFocusProxy(now_);
    layOut();
    wire(*before_, *now_);
    wire(*now_, *before_);
    source_.setColours(*colours_);
    connect(&source_, &LineSource::reset, this, &DiffView::lookAtRows);
    connect(moved_, &MovedHunks::found, this,
            [this](const std::vector<MovedHunk>& moved) { source_.setMoved(moved); });
    connect(now_->verticalScrollBar(), &QScrollBar::valueChanged, this, &DiffView::wantColours);
    connect(&appearance_, &Appearance::changed, this, qOverload<>(&QWidget::update));
    showSides(DiffLayout::unified);
    retranslate();
}

void DiffView::layOut() {
    auto* sides = new QHBoxLayout;
    sides->setContentsMargins(0, 0, 0, 0);
    sides->setSpacing(1);  // a line between them
    sides->addWidget(before_, 1);
    sides->addWidget(now_, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(sides, 1);
    layout->addWidget(findBefore_);
    layout->addWidget(find_);
    before_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    findBefore_->setObjectName(QStringLiteral("changes.findBefore"));
}

void DiffView::wire(LineCanvas& own, LineCanvas& other) {
    connect(&own, &Canvas::selectionChanged, this, [this, &own, &other] { takeCaret(own, other); });
    connect(&own, &Canvas::zoomChanged, &other, &Canvas::setZoomPercent);
    connect(own.verticalScrollBar(), &QScrollBar::valueChanged, other.verticalScrollBar(),
            &QScrollBar::setValue);
    connect(own.horizontalScrollBar(), &QScrollBar::valueChanged, other.horizontalScrollBar(),
            &QScrollBar::setValue);
    connect(own.horizontalScrollBar(), &QScrollBar::rangeChanged, this, &DiffView::shareScrollBar);
    own.installEventFilter(this);
    own.viewport()->installEventFilter(this);
}

// Both sides have a bar below or none, so that their rows stay on one height.
void DiffView::shareScrollBar() {
    const bool isSided = before_->isVisibleTo(this);
    const bool isNeeded = isSided && (before_->horizontalScrollBar()->maximum() > 0 ||
                                      now_->horizontalScrollBar()->maximum() > 0);
    const auto policy = !isSided   ? Qt::ScrollBarAsNeeded
                        : isNeeded ? Qt::ScrollBarAlwaysOn
                                   : Qt::ScrollBarAlwaysOff;
    for (LineCanvas* canvas : {before_, now_})
        canvas->setHorizontalScrollBarPolicy(policy);
}

void DiffView::showSides(DiffLayout layout) {
    const bool isSided = layout == DiffLayout::sideBySide;
    const bool hadFocus = before_->hasFocus() || findBefore_->isAncestorOf(focusWidget());
    before_->setVisible(isSided);
    if (!isSided) findBefore_->hide();
    if (!isSided && hadFocus) now_->setFocus(Qt::OtherFocusReason);
    if (!isSided) active_ = now_;
    shareScrollBar();
    before_->verticalScrollBar()->setValue(now_->verticalScrollBar()->value());
    retranslate();
}

void DiffView::takeCaret(LineCanvas& from, LineCanvas& to) {
    if (isMirroring_) return;
    const QScopedValueRollback guard(isMirroring_, true);
    active_ = &from;
    const int64_t row = from.caret().item;
    if (before_->isVisibleTo(this)) to.select({row, 0}, {row, 0});
    emit selectionChanged();
}

TextRange DiffView::selection() const {
    return active_->selection();
}

int64_t DiffView::caretRow() const {
    return active_->caret().item;
}

void DiffView::openFind() {
    (before_->hasFocus() ? findBefore_ : find_)->open();
}

// The files in sight, and both texts of each.
void DiffView::wantColours() {
    if (!isVisible() || source_.rowCount() == 0) return;
    const ItemRange visible = now_->visibleItems();
    if (visible.begin >= visible.end) return;
    std::vector<ColouredTexts::Wanted> wanted;
    const int64_t last = source_.rows().at(visible.end - 1).file;
    for (int64_t i = source_.rows().at(visible.begin).file; i <= last; ++i) {
        const FileReview& review = source_.file(i).review;
        if (review.kind != FileReview::Kind::text || source_.isFolded(i)) continue;
        wanted.push_back({review.path, review.now});
        wanted.push_back({review.path, review.reviewed});
    }
    colours_->want(wanted);
}

void DiffView::lookAtRows() {
    moved_->look(source_.snapshot().files);
    wantColours();
}

void DiffView::retranslate() {
    before_->setAccessibleName(tr("The lines before"));
    now_->setAccessibleName(before_->isVisibleTo(this) ? tr("The lines now") : tr("Changes"));
}

void DiffView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

void DiffView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    wantColours();
}

void DiffView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    wantColours();
}

// The line between the sides.
void DiffView::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), appearance_.look().color(Role::border));
}

bool DiffView::eventFilter(QObject* watched, QEvent* event) {
    const auto isKey = [&] {
        if (event->type() != QEvent::KeyPress) return false;
        const int key = static_cast<QKeyEvent*>(event)->key();
        return key == Qt::Key_Return || key == Qt::Key_Enter;
    };
    const bool isClick = event->type() == QEvent::MouseButtonDblClick &&
                         (watched == now_->viewport() || watched == before_->viewport());
    if (isClick || ((watched == now_ || watched == before_) && isKey())) {
        const int64_t row = caretRow();
        if (row < source_.rowCount() && source_.rows().at(row).kind == DiffRow::Kind::file)
            return emit foldWanted(source_.rows().at(row).file), true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/sessions/filter_row.h"

#include <QButtonGroup>
#include <QEvent>
#include <QGridLayout>
#include <QToolButton>
#include <algorithm>
#include <numeric>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr std::array kFilterNames = {"sessions.filter.all", "sessions.filter.needsMe",
                                     "sessions.filter.running", "sessions.filter.archived"};

}  // namespace

FilterRow::FilterRow(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      group_(new QButtonGroup(this)),
      layout_(new QGridLayout(this)) {
    setObjectName(QStringLiteral("sessions.filter"));
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(grid(1));
    for (size_t i = 0; i < buttons_.size(); ++i) {
        auto* button = new QToolButton(this);
        button->setObjectName(QLatin1String(kFilterNames[i]));
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        // The row wraps instead of asking for width.
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        group_->addButton(button, int(i));
        buttons_[i] = button;
    }
    buttons_.front()->setChecked(true);
    connect(group_, &QButtonGroup::idClicked, this,
            [this](int id) { emit filterChosen(SessionFilter(id)); });
    connect(&appearance, &Appearance::changed, this, &FilterRow::applyLook);
    retranslate();
    applyLook();
}

SessionFilter FilterRow::filter() const {
    return SessionFilter(group_->checkedId());
}

void FilterRow::setNeedMe(int count) {
    if (nNeedMe_ == count) return;
    nNeedMe_ = count;
    retranslate();
}

void FilterRow::retranslate() {
    buttons_[0]->setText(tr("All"));
    buttons_[1]->setText(nNeedMe_ > 0 ? tr("Needs me %n", "", nNeedMe_) : tr("Needs me"));
    buttons_[2]->setText(tr("Running"));
    buttons_[3]->setText(tr("Archived"));
    buttons_[0]->setAccessibleName(tr("All sessions"));
    buttons_[1]->setAccessibleName(tr("Sessions that need me: %n", "", nNeedMe_));
    buttons_[2]->setAccessibleName(tr("Running sessions"));
    buttons_[3]->setAccessibleName(tr("Archived and deleted sessions"));
    for (QToolButton* button : buttons_)
        button->setToolTip(button->accessibleName());
    columns_ = 0;
    arrange();
}

// Four in a row, or two rows of two. Columns are as wide as they need, so that a short word leaves
// its room to a long one; those of two rows are halves as long as every word fits into one.
void FilterRow::arrange() {
    std::array<int, 4> needs{};
    for (size_t i = 0; i < needs.size(); ++i)
        needs[i] = buttons_[i]->sizeHint().width();
    const int columns = std::accumulate(needs.begin(), needs.end(), 3 * grid(1)) <= width() ? 4 : 2;
    const int half = (width() - grid(1)) / 2;
    const bool isEven = columns == 2 && *std::max_element(needs.begin(), needs.end()) <= half;
    if (columns == columns_ && isEven == isEven_) return;
    columns_ = columns;
    isEven_ = isEven;
    if (columns == 2) needs = {std::max(needs[0], needs[2]), std::max(needs[1], needs[3]), 0, 0};
    if (isEven) needs = {1, 1, 0, 0};
    for (size_t i = 0; i < buttons_.size(); ++i) {
        layout_->addWidget(buttons_[i], int(i) / columns, int(i) % columns);
        layout_->setColumnStretch(int(i), needs[i]);
    }
}

void FilterRow::applyLook() {
    for (QToolButton* button : buttons_)
        button->setFont(appearance_.look().font(TextRole::small));
    columns_ = 0;
    arrange();
}

void FilterRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

void FilterRow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

}  // namespace moxie::desktop

#include "app/desktop/screens/sessions/search_hits.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/sessions/session_age.h"
#include "app/desktop/theme/appearance.h"
#include "base/clock.h"

namespace moxie::desktop {

namespace {

constexpr qsizetype kBeforeMatchMax = 24;  // characters shown before the first match

// The excerpt from a little before its first match.
SessionHit fromFirstMatch(SessionHit hit) {
    if (hit.matches.empty() || hit.matches.front().begin <= kBeforeMatchMax) return hit;
    qsizetype cut = hit.matches.front().begin - kBeforeMatchMax;
    if (hit.excerpt.at(cut).isLowSurrogate()) ++cut;
    hit.excerpt = QChar(0x2026) + hit.excerpt.mid(cut);
    for (MatchRange& match : hit.matches)
        match.begin -= cut - 1;
    return hit;
}

class HitPainter final : public QStyledItemDelegate {
public:
    HitPainter(const base::Clock& clock, Appearance& appearance, QObject* parent)
        : QStyledItemDelegate(parent),
          clock_(clock),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        const Look& look = appearance_.look();
        return {0, QFontMetrics(look.font(TextRole::body)).height() +
                       QFontMetrics(look.font(TextRole::small)).height() + grid(4)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const auto* hit = static_cast<const SessionHit*>(index.internalPointer());
        const Look& look = appearance_.look();
        const bool isChosen = (option.state & QStyle::State_Selected) != 0;
        painter->save();
        if (isChosen) painter->fillRect(option.rect, look.color(Role::currentRow));
        if ((option.state & QStyle::State_HasFocus) != 0) {
            painter->setPen(look.color(Role::focusRing));
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
        QRect inner = option.rect.adjusted(grid(2), grid(2), -grid(2), -grid(2));
        painter->setFont(look.font(TextRole::small));
        painter->setPen(look.color(Role::textMuted));
        const QString age = SessionAge(hit->timeMs, clock_.wallMs()).brief();
        QRect first = inner;
        first.setHeight(QFontMetrics(look.font(TextRole::body)).height());
        painter->drawText(first, int(Qt::AlignRight | Qt::AlignVCenter), age);
        const int ageWidth = painter->fontMetrics().horizontalAdvance(age) + grid(2);
        paintExcerpt(*painter, inner, *hit, look);
        painter->setFont(look.font(TextRole::body));
        painter->setPen(look.color(Role::text));
        painter->drawText(first, int(Qt::AlignLeft | Qt::AlignVCenter),
                          painter->fontMetrics().elidedText(hit->title, Qt::ElideRight,
                                                            inner.width() - ageWidth));
        painter->restore();
    }

private:
    static void paintExcerpt(QPainter& painter, const QRect& inner, const SessionHit& hit,
                             const Look& look) {
        QTextLayout layout(hit.excerpt, look.font(TextRole::small));
        QTextOption wrap;
        wrap.setWrapMode(QTextOption::NoWrap);
        layout.setTextOption(wrap);
        QList<QTextLayout::FormatRange> marks;
        for (const MatchRange& match : hit.matches) {
            QTextLayout::FormatRange mark;
            mark.start = int(match.begin);
            mark.length = int(match.length);
            mark.format.setBackground(look.color(Role::findMatch));
            mark.format.setForeground(look.color(Role::text));
            marks << mark;
        }
        layout.setFormats(marks);
        layout.beginLayout();
        QTextLine line = layout.createLine();
        if (line.isValid()) line.setLineWidth(inner.width());
        layout.endLayout();
        painter.setPen(look.color(Role::textMuted));
        painter.setClipRect(inner);
        const double top = inner.bottom() + 1 - layout.boundingRect().height();
        layout.draw(&painter, QPointF(inner.left(), top));
        painter.setClipping(false);
    }

    const base::Clock& clock_;
    Appearance& appearance_;
};

}  // namespace

class SearchHits::Model final : public QAbstractListModel {
public:
    Model(const base::Clock& clock, QObject* parent) : QAbstractListModel(parent), clock_(clock) {}

    void fill(std::vector<SessionHit> hits) {
        beginResetModel();
        hits_.clear();
        for (SessionHit& hit : hits)
            hits_.push_back(fromFirstMatch(std::move(hit)));
        endResetModel();
    }

    // The hit itself stands behind each index, for the painter.
    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override {
        if (row < 0 || row >= rowCount(parent) || column != 0) return {};
        return createIndex(row, column, &hits_[size_t(row)]);
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(hits_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override {
        const SessionHit& hit = hits_[size_t(index.row())];
        switch (role) {
            case Qt::DisplayRole:
                return hit.title;
            case Qt::ToolTipRole:
            case Qt::AccessibleTextRole:
                return SearchHits::tr("%1: %2, %3", "title, excerpt, age")
                    .arg(hit.title, hit.excerpt, SessionAge(hit.timeMs, clock_.wallMs()).spoken());
            default:
                return {};
        }
    }

    const SessionHit& hit(int row) const { return hits_[size_t(row)]; }

private:
    const base::Clock& clock_;
    std::vector<SessionHit> hits_;
};

SearchHits::SearchHits(const base::Clock& clock, Appearance& appearance, QWidget* parent)
    : QListView(parent),
      appearance_(appearance),
      model_(new Model(clock, this)) {
    setObjectName(QStringLiteral("sessions.hits"));
    setModel(model_);
    setItemDelegate(new HitPainter(clock, appearance, this));
    setFrameShape(QFrame::NoFrame);
    setUniformItemSizes(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(this, &QListView::clicked, this, &SearchHits::choose);
    connect(&appearance, &Appearance::changed, this, &SearchHits::applyLook);
    applyLook();
}

void SearchHits::setHits(std::vector<SessionHit> hits) {
    model_->fill(std::move(hits));
}

int SearchHits::hitCount() const {
    return model_->rowCount();
}

void SearchHits::choose(const QModelIndex& index) {
    if (index.isValid()) emit hitChosen(model_->hit(index.row()));
}

void SearchHits::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return choose(currentIndex());
    QListView::keyPressEvent(event);
}

void SearchHits::applyLook() {
    QPalette palette = appearance_.look().palette();
    palette.setColor(QPalette::Base, appearance_.look().color(Role::window));
    setPalette(palette);
    scheduleDelayedItemsLayout();
}

}  // namespace moxie::desktop

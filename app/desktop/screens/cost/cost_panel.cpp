#include "app/desktop/screens/cost/cost_panel.h"

#include <QComboBox>
#include <QDate>
#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/theme/appearance.h"
#include "engine/open_model.h"

namespace moxie::desktop {

namespace {

enum Choice { byTurn, byDay };

constexpr int kTurnsShownMax = 200;  // older ones are one row
constexpr int kRowsVisibleMax = 10;
constexpr int kCellMargin = 3;  // as Qt's item delegate has
constexpr double kHourMs = 3'600'000, kMinuteMs = 60'000;

// Only the words, quiet: no borders, no grounds.
class PlainHeader final : public QHeaderView {
public:
    PlainHeader(const Appearance& appearance, QWidget* parent)
        : QHeaderView(Qt::Horizontal, parent),
          appearance_(appearance) {}

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override {
        const QString text = model()->headerData(section, Qt::Horizontal).toString();
        const bool isFirst = section == CostTable::title;
        painter->setFont(font());
        painter->setPen(appearance_.look().color(Role::textMuted));
        painter->drawText(rect.adjusted(kCellMargin, 0, -kCellMargin, 0),
                          (isFirst ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text);
    }

private:
    const Appearance& appearance_;
};

QTableView* makeTable(const char* name, CostTable& model, const Appearance& appearance,
                      QWidget* parent) {
    auto* view = new QTableView(parent);
    view->setObjectName(QLatin1String(name));
    view->setHorizontalHeader(new PlainHeader(appearance, view));
    view->setModel(&model);
    view->setFrameShape(QFrame::NoFrame);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setTabKeyNavigation(false);  // Tab leaves the table
    view->verticalHeader()->hide();
    view->horizontalHeader()->setSectionsClickable(false);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view->horizontalHeader()->setSectionResizeMode(CostTable::title, QHeaderView::Stretch);
    return view;
}

// Of the widest text in a column; the total is bold.
int widthOf(const QTableView& view, int column) {
    QFont bold = view.font();
    bold.setBold(true);
    const QFontMetrics cells(bold), words(view.horizontalHeader()->font());
    const QAbstractItemModel& model = *view.model();
    int width = words.horizontalAdvance(model.headerData(column, Qt::Horizontal).toString());
    for (int row = 0; row < model.rowCount(); ++row)
        width =
            std::max(width, cells.horizontalAdvance(model.index(row, column).data().toString()));
    return width + 2 * kCellMargin;
}

QLabel* makeLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void setInk(QWidget& widget, const QColor& color) {
    QPalette palette = widget.palette();
    palette.setColor(QPalette::WindowText, color);
    widget.setPalette(palette);
}

}  // namespace

SessionSpending spendingOf(const SessionModel& session, int64_t nowMs) {
    SessionSpending spending;
    const SessionView& view = session.now();
    const SharedList<Turn>& turns = view.conversation.turns;
    for (int64_t i = 0; i < turns.size(); ++i) {
        const Turn& turn = turns[i];
        const int64_t endMs = turn.endedMs > 0 ? turn.endedMs : turn.isRunning ? nowMs : 0;
        spending.workMs += std::max<int64_t>(0, endMs - turn.startedMs);
    }
    if (turns.isEmpty()) return spending;
    if (turns.back().isRunning) spending.settled = Settled::no;
    const auto& costs = view.turnCosts;
    if (!costs.empty() && costs.back().turn == turns.back().number)
        spending.turn = costs.back().cost;
    return spending;
}

CostPanel::CostPanel(CostHistory& history, const Appearance& appearance, QWidget* parent)
    : QFrame(parent),
      history_(history),
      appearance_(appearance),
      summary_(new CostTable(this)),
      rows_(new CostTable(this)),
      heading_(makeLabel("cost.heading", this)),
      prices_(makeLabel("cost.prices", this)),
      summaryView_(makeTable("cost.summary", *summary_, appearance, this)),
      choice_(new QComboBox(this)),
      rowsView_(makeTable("cost.rows", *rows_, appearance, this)),
      message_(makeLabel("cost.message", this)),
      rate_(makeLabel("cost.rate", this)),
      budgetsLabel_(makeLabel("cost.budgets", this)) {
    setObjectName(QStringLiteral("cost"));
    setAutoFillBackground(true);
    setFrameShape(QFrame::StyledPanel);
    heading_->setWordWrap(false);
    prices_->setWordWrap(false);
    prices_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    choice_->setObjectName(QStringLiteral("cost.choice"));
    choice_->addItems({QString(), QString()});
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(grid(4), grid(3), grid(4), grid(4));
    rows->setSpacing(grid(2));
    auto* top = new QHBoxLayout;
    top->addWidget(heading_);
    top->addWidget(prices_, 1);
    rows->addLayout(top);
    rows->addWidget(summaryView_);
    rows->addWidget(budgetsLabel_);
    rows->addWidget(rate_);
    rows->addSpacing(grid(1));
    rows->addWidget(choice_, 0, Qt::AlignLeft);
    rows->addWidget(message_);
    rows->addWidget(rowsView_);
    connect(choice_, &QComboBox::currentIndexChanged, this, &CostPanel::refresh);
    connect(&history_, &CostHistory::changed, this, &CostPanel::refresh);
    connect(&appearance_, &Appearance::changed, this, &CostPanel::look);
    look();
    retranslate();
}

void CostPanel::setSession(SessionModel* session, const BudgetWatch* budgets) {
    if (session_) session_->disconnect(this);
    if (budgets_) budgets_->disconnect(this);
    session_ = session;
    budgets_ = budgets;
    if (session != nullptr) {
        connect(session, &SessionModel::changed, this, &CostPanel::refresh);
        connect(session, &SessionModel::reset, this, &CostPanel::refresh);
    }
    if (budgets != nullptr) connect(budgets, &BudgetWatch::linesChanged, this, &CostPanel::refresh);
    refresh();
}

// Nothing is worked out while nobody looks.
void CostPanel::refresh() {
    if (!isVisible()) return;
    showSummary();
    showBudgets();
    showRows();
    fitTable();
}

void CostPanel::showSummary() {
    std::vector<CostRow> rows;
    Settled settled = Settled::yes;
    if (session_) {
        const SessionSpending spending = spendingOf(*session_, QDateTime::currentMSecsSinceEpoch());
        settled = spending.settled;
        rows.push_back({tr("This turn"), spending.turn, settled});
        rows.push_back({tr("This session"), session_->now().cost, settled});
    }
    const CostLedger& ledger = history_.now();
    Cost month;
    for (const DayCost& day : ledger.days(history_.firstDayOfMonth(), history_.today()))
        month += day.cost;
    rows.push_back({tr("Today"), ledger.ofDay(history_.today()), settled});
    rows.push_back({tr("This month"), month, settled});
    const int last = int(rows.size());
    summary_->setRows(std::move(rows));
    summaryView_->setRowHidden(last, true);
    rate_->setText(rateText());
    rate_->setVisible(!rate_->text().isEmpty());
}

QString CostPanel::rateText() const {
    if (!session_) return {};
    const Cost& cost = session_->now().cost;
    const SessionSpending spending = spendingOf(*session_, QDateTime::currentMSecsSinceEpoch());
    if (spending.workMs <= 0 || cost.nRequests == 0) return {};
    const auto perMinute =
        int64_t(double(cost.freshTokens + cost.cachedTokens + cost.outputTokens) * kMinuteMs /
                double(spending.workMs));
    const auto perHour = int64_t(double(cost.nanoDollars) * kHourMs / double(spending.workMs));
    QStringList parts;
    parts << (cost.nanoDollars > 0
                  ? tr("While it works this session burns %1 an hour and %2 tokens a minute.")
                        .arg(shortMoney(perHour), shortTokens(perMinute))
                  : tr("While it works this session burns %1 tokens a minute.")
                        .arg(shortTokens(perMinute)));
    if (cost.localMs > 0)
        parts << tr("On this machine: %1 s for %2 tokens, %3 tokens a second with the reading of "
                    "the prompt.")
                     .arg(
                         QLocale().toString(double(cost.localMs) / 1000, 'f', 1),
                         tokensText(cost.localOutputTokens),
                         QLocale().toString(
                             double(cost.localOutputTokens) * 1000 / double(cost.localMs), 'f', 1));
    return parts.join(QLatin1Char(' '));
}

void CostPanel::showBudgets() {
    QStringList sentences;
    if (budgets_)
        for (const BudgetLine& line : budgets_->lines())
            sentences << budgets_->sentenceOf(line);
    budgetsLabel_->setText(sentences.join(QLatin1Char('\n')));
    budgetsLabel_->setVisible(!sentences.isEmpty());
}

void CostPanel::showRows() {
    std::vector<CostRow> rows;
    QString message;
    if (choice_->currentIndex() == byTurn) {
        const auto* turns = session_ ? &session_->now().turnCosts : nullptr;
        CostRow older = {tr("Older turns"), {}, Settled::yes};
        for (size_t i = turns == nullptr ? 0 : turns->size(); i-- > 0;) {
            const TurnCost& turn = (*turns)[i];
            if (rows.size() < kTurnsShownMax)
                rows.push_back({tr("Turn %1").arg(turn.turn), turn.cost, Settled::yes});
            else
                older.cost += turn.cost;
        }
        if (older.cost.nRequests > 0) rows.push_back(older);
        if (session_ && !rows.empty() && spendingOf(*session_, 0).settled == Settled::no)
            rows.front().settled = Settled::no;
        if (rows.empty()) message = tr("This session has sent nothing to a model yet.");
    } else {
        const auto days = history_.now().days(history_.firstDayOfMonth(), history_.today());
        for (auto day = days.rbegin(); day != days.rend(); ++day)
            rows.push_back({QLocale().toString(dateOf(day->day), QLocale::ShortFormat), day->cost,
                            Settled::yes});
        if (rows.empty()) message = tr("Nothing was sent to a model this month.");
        if (history_.state() == CostHistory::State::loading)
            message = tr("The sessions are being read…");
        if (history_.state() == CostHistory::State::error)
            message = tr("The sessions cannot be read: %1")
                          .arg(QString::fromStdString(history_.errorText()));
    }
    rows_->setRows(std::move(rows));
    message_->setText(message);
    message_->setVisible(!message.isEmpty());
    rowsView_->setVisible(rows_->rowCount() > 0);
}

// As high as their rows, up to a bound; as wide as what is in them.
void CostPanel::fitTable() {
    const auto fit = [](QTableView& view, int nRows) {
        const int row = view.verticalHeader()->defaultSectionSize();
        view.setFixedHeight(view.horizontalHeader()->sizeHint().height() + nRows * row +
                            grid(1) / 2);
    };
    fit(*summaryView_, summary_->rowCount() - 1);
    fit(*rowsView_, std::min(rows_->rowCount(), kRowsVisibleMax));
    // Columns of one kind stand below each other.
    for (int column = CostTable::fresh; column < CostTable::nColumns; ++column) {
        const int width = std::max(widthOf(*summaryView_, column), widthOf(*rowsView_, column));
        for (QTableView* view : {summaryView_, rowsView_})
            view->setColumnWidth(column, width + grid(4));
    }
    adjustSize();
}

void CostPanel::retranslate() {
    heading_->setText(tr("Cost"));
    const QDate date =
        QDate::fromString(QString::fromUtf8(engine::knownPricesDate().data(),
                                            qsizetype(engine::knownPricesDate().size())),
                          Qt::ISODate);
    prices_->setText(tr("Prices as of %1").arg(QLocale().toString(date, QLocale::ShortFormat)));
    prices_->setToolTip(
        tr("Money is worked out from the counted tokens and a table of prices of that day, or from "
           "the prices in your settings. It is no bill."));
    choice_->setItemText(byTurn, tr("This session by turn"));
    choice_->setItemText(byDay, tr("This month by day"));
    choice_->setAccessibleName(tr("What the rows are"));
    summaryView_->setAccessibleName(tr("Cost of turn, session, day and month"));
    rowsView_->setAccessibleName(tr("Cost row by row"));
    refresh();
}

void CostPanel::look() {
    const Look& look = appearance_.look();
    QPalette ground = palette();
    ground.setColor(QPalette::Window, look.color(Role::raised));
    ground.setColor(QPalette::Base, look.color(Role::raised));
    setPalette(ground);
    heading_->setFont(look.font(TextRole::heading3));
    prices_->setFont(look.font(TextRole::small));
    rate_->setFont(look.font(TextRole::small));
    budgetsLabel_->setFont(look.font(TextRole::small));
    for (QLabel* label : {prices_, rate_, message_})
        setInk(*label, look.color(Role::textMuted));
    for (QTableView* view : {summaryView_, rowsView_}) {
        QPalette table = view->palette();
        table.setColor(QPalette::Base, look.color(Role::raised));
        table.setColor(QPalette::Button, look.color(Role::raised));
        view->setPalette(table);
        view->setFont(look.font(TextRole::body));
        view->horizontalHeader()->setFont(look.font(TextRole::small));
        const int row = QFontMetrics(look.font(TextRole::body)).height() + grid(2);
        view->verticalHeader()->setMinimumSectionSize(row);
        view->verticalHeader()->setDefaultSectionSize(row);
    }
    setMinimumWidth(QFontMetrics(look.font(TextRole::body)).averageCharWidth() * 84);
    refresh();
}

void CostPanel::showEvent(QShowEvent* event) {
    QFrame::showEvent(event);
    history_.refresh();
    refresh();
}

void CostPanel::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

}  // namespace moxie::desktop

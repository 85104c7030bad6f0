#include "app/desktop/screens/cost/cost_chip.h"

#include <QDateTime>
#include <QEvent>
#include <QGuiApplication>
#include <QScreen>
#include <QTimer>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/screens/cost/cost_panel.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kRefreshMs = 1'000;

}  // namespace

CostChip::CostChip(CostHistory& history, const Appearance& appearance, QWidget* parent)
    : QToolButton(parent),
      history_(history),
      appearance_(appearance),
      panel_(new CostPanel(history, appearance, this)),
      soon_(new QTimer(this)) {
    setObjectName(QStringLiteral("cost.chip"));
    setAutoRaise(true);
    panel_->setWindowFlags(Qt::Popup);
    soon_->setSingleShot(true);
    soon_->setInterval(kRefreshMs);
    connect(soon_, &QTimer::timeout, &history_, &CostHistory::refresh);
    connect(this, &QToolButton::clicked, this, &CostChip::openPanel);
    connect(&history_, &CostHistory::changed, this, &CostChip::refresh);
    connect(&appearance_, &Appearance::changed, this, &CostChip::look);
    look();
}

void CostChip::setSession(SessionModel* session, const BudgetWatch* budgets) {
    if (session_) session_->disconnect(this);
    if (budgets_) budgets_->disconnect(this);
    session_ = session;
    budgets_ = budgets;
    if (session != nullptr) {
        connect(session, &SessionModel::changed, this, [this] {
            const qint64 nRequests = session_->now().cost.nRequests;
            if (std::exchange(nRequestsSeen_, nRequests) != nRequests && !soon_->isActive())
                soon_->start();
        });
        connect(session, &SessionModel::statusChanged, this, &CostChip::refresh);
        connect(session, &SessionModel::reset, this, &CostChip::refresh);
    }
    if (budgets != nullptr) connect(budgets, &BudgetWatch::linesChanged, this, &CostChip::look);
    panel_->setSession(session, budgets);
    look();
}

void CostChip::openPanel() {
    panel_->show();  // has its size only then
    const QRect screen = this->screen()->availableGeometry();
    const QPoint corner = mapToGlobal(QPoint(width(), 0));
    QPoint at(corner.x() - panel_->width(), corner.y() - panel_->height());
    if (at.y() < screen.top()) at.setY(mapToGlobal(QPoint(0, height())).y());
    at.setX(std::clamp(at.x(), screen.left(),
                       std::max(screen.left(), screen.right() - panel_->width())));
    panel_->move(at);
}

void CostChip::refresh() {
    const Cost today = history_.now().ofDay(history_.today());
    const bool isWorking = session_ && session_->driver() != SessionModel::Driver::nobody;
    QString money = shortMoney(today.nanoDollars);
    if (isWorking) money.prepend(QLatin1Char('~'));
    const bool isUnknown = today.nanoDollars == 0 && today.nUnpriced > 0;
    if (history_.state() == CostHistory::State::loading)
        setText(tr("today …"));
    else
        setText(isUnknown ? tr("today: unknown price")
                          : tr("today %1", "an amount of money").arg(money));
    QString tip = tr("What was spent. Opens turn, session, day and month.");
    if (budgets_)
        for (const BudgetLine& line : budgets_->lines())
            tip += QLatin1Char('\n') + budgets_->sentenceOf(line);
    setToolTip(tip);
    setAccessibleName(tr("Cost: %1").arg(text()));
}

void CostChip::look() {
    const Look& look = appearance_.look();
    setFont(look.font(TextRole::small));
    BudgetState state = BudgetState::none;
    if (budgets_ && !budgets_->lines().empty()) state = budgets_->lines().front().state;
    QPalette ink = palette();
    const Role role = state == BudgetState::reached ? Role::error
                      : state == BudgetState::near  ? Role::warning
                                                    : Role::text;
    ink.setColor(QPalette::ButtonText, look.color(role));
    setPalette(ink);
    refresh();
}

void CostChip::changeEvent(QEvent* event) {
    QToolButton::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) refresh();
}

}  // namespace moxie::desktop

#include "app/desktop/screens/code/go_to_dialog.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kDialogWidthMax = 720, kDialogRowsShown = 12;

}

GoToDialog::GoToDialog(CodeModel& model, Appearance& appearance, QWidget& window)
    : QFrame(&window),
      model_(model),
      appearance_(appearance),
      query_(new QLineEdit(this)),
      list_(new CodeList(appearance, this)),
      state_(new QLabel(this)),
      keys_(new QLabel(this)),
      time_(new QLabel(this)) {
    setObjectName(QStringLiteral("goTo"));
    query_->setObjectName(QStringLiteral("goTo.query"));
    query_->installEventFilter(this);
    list_->setObjectName(QStringLiteral("goTo.list"));
    list_->setFocusPolicy(Qt::NoFocus);
    state_->setObjectName(QStringLiteral("goTo.state"));
    state_->setAlignment(Qt::AlignCenter);
    state_->setWordWrap(true);
    keys_->setForegroundRole(QPalette::PlaceholderText);
    time_->setForegroundRole(QPalette::PlaceholderText);
    time_->setObjectName(QStringLiteral("goTo.time"));
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(grid(1), 0, grid(1), 0);
    foot->addWidget(keys_);
    foot->addStretch();
    foot->addWidget(time_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(2), grid(2), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(query_);
    layout->addWidget(list_, 1);
    layout->addWidget(state_, 1);
    layout->addLayout(foot);
    connect(query_, &QLineEdit::textChanged, this, [this] { ask(); });
    connect(list_, &CodeList::placeWanted, this, &GoToDialog::goTo);
    connect(list_, &CodeList::addToMessage, this, [this](const QString& reference) {
        close();
        emit addToMessage(reference);
    });
    connect(&model_, &CodeModel::stateChanged, this, [this] {
        if (isVisible()) ask();
    });
    window.installEventFilter(this);
    retranslate();
    hide();
}

GoToDialog::~GoToDialog() = default;

void GoToDialog::retranslate() {
    setAccessibleName(tr("Go to file or symbol"));
    query_->setPlaceholderText(tr("File or symbol, path:line, @symbol, in:folder"));
    query_->setAccessibleName(tr("Name of a file or symbol"));
    list_->setAccessibleName(tr("Files and symbols that fit"));
    keys_->setText(tr("Enter goes there, Shift+Enter adds it to the message"));
}

void GoToDialog::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QFrame::changeEvent(event);
}

// A line of its own: a dark dialog over a dark window has no shadow to stand out by.
void GoToDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::borderStrong));
    painter.setBrush(appearance_.look().color(Role::raised));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void GoToDialog::open(const QString& typed) {
    if (!isVisible()) focusBefore_ = QApplication::focusWidget();
    {
        const QSignalBlocker quiet(query_);
        query_->setText(typed);
    }
    const QFont small = appearance_.look().font(TextRole::small);
    keys_->setFont(small);
    time_->setFont(small);
    place();
    show();
    raise();
    query_->setFocus(Qt::PopupFocusReason);
    ask();
}

void GoToDialog::place() {
    const QFontMetrics metrics(appearance_.look().font(TextRole::body));
    const int width = std::min(kDialogWidthMax * appearance_.look().textPercent() / 100,
                               parentWidget()->width() - grid(8));
    const int rows = kDialogRowsShown * (metrics.height() + grid(3));
    const int wanted = query_->sizeHint().height() + keys_->sizeHint().height() + rows + grid(8);
    resize(width, std::min(wanted, parentWidget()->height() - grid(20)));
    move((parentWidget()->width() - width) / 2, grid(10));
}

void GoToDialog::ask() {
    const CodeQuery query = parseCodeQuery(query_->text());
    switch (model_.state()) {
        case CodeModel::State::empty:
            return showState(tr("No repository is open."));
        case CodeModel::State::loading:
            return showState(tr("The names of this repository are being read…"));
        case CodeModel::State::error:
            return showState(tr("The index cannot be read: %1").arg(model_.errorText()));
        case CodeModel::State::ready:
            break;
    }
    if (query.text.isEmpty() && query.line > 0)
        return showState(tr("Enter goes to line %1 of the open file.").arg(query.line));
    // What is shown stays until the answer is there: no flicker while one types.
    model_.find(query, *this, [this, query](const CodeHits& found) { showHits(query, found); });
}

void GoToDialog::showHits(const CodeQuery& query, const CodeHits& found) {
    if (found.hits.empty())
        return showState(query.text.isEmpty() ? tr("There are no files in this repository.")
                                              : tr("Nothing is called “%1”.").arg(query.text));
    std::vector<CodeRow> rows;
    for (const CodeHit& hit : found.hits) {
        CodeRow row = CodeRows::of(hit);
        if (query.line > 0 && hit.kind == CodeHitKind::file) {
            row.target.line = query.line;
            row.target.column = query.column;
            row.place = tr("line %1").arg(query.line);
        }
        rows.push_back(std::move(row));
    }
    list_->setRows(std::move(rows));
    list_->show();
    state_->hide();
    time_->setText(CodeRows::milliseconds(found.milliseconds));
}

void GoToDialog::showState(const QString& hint) {
    list_->setRows({});
    list_->hide();
    state_->setText(hint);
    state_->show();
    time_->clear();
}

void GoToDialog::goTo(const CodePlace& place) {
    close();
    emit placeWanted(place);
}

void GoToDialog::close() {
    hide();
    if (focusBefore_) focusBefore_->setFocus(Qt::PopupFocusReason);
}

bool GoToDialog::handleKey(int key, Qt::KeyboardModifiers modifiers) {
    switch (key) {
        case Qt::Key_Down:
            return list_->moveBy(1), true;
        case Qt::Key_Up:
            return list_->moveBy(-1), true;
        case Qt::Key_PageDown:
            return list_->moveBy(kDialogRowsShown), true;
        case Qt::Key_PageUp:
            return list_->moveBy(-kDialogRowsShown), true;
        case Qt::Key_Return:
        case Qt::Key_Enter: {
            const CodeQuery query = parseCodeQuery(query_->text());
            if (query.text.isEmpty() && query.line > 0)
                return goTo({QString(), query.line, query.column}), true;
            return modifiers.testFlag(Qt::ShiftModifier) ? list_->addCurrent()
                                                         : list_->openCurrent(),
                   true;
        }
        case Qt::Key_Escape:
            return close(), true;
        default:
            return false;
    }
}

bool GoToDialog::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
    if (watched != query_) return QFrame::eventFilter(watched, event);
    if (event->type() == QEvent::FocusOut && isVisible() &&
        static_cast<QFocusEvent*>(event)->reason() == Qt::MouseFocusReason)
        hide();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    return handleKey(key->key(), key->modifiers()) || QFrame::eventFilter(watched, event);
}

}  // namespace moxie::desktop

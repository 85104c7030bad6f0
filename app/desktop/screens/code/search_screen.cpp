#include "app/desktop/screens/code/search_screen.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/index_panel.h"
#include "app/desktop/screens/code/state_note.h"
#include "app/desktop/shell/clear_button.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr size_t kSymbolsBesideTexts = 8;  // more only where no texts are looked for

constexpr std::array kScopes = {CodeScope::everything, CodeScope::files, CodeScope::symbols,
                                CodeScope::functions,  CodeScope::types, CodeScope::values};

}  // namespace

SearchScreen::SearchScreen(CodeModel& model, Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      model_(model),
      index_(new IndexPanel(model, appearance, this)),
      query_(new QLineEdit(this)),
      scope_(new QComboBox(this)),
      summary_(new QLabel(this)),
      pages_(new QStackedWidget(this)),
      list_(new CodeList(appearance, this)),
      note_(new StateNote(appearance, QStringLiteral("search.note"), this)) {
    setObjectName(QStringLiteral("search"));
    query_->setObjectName(QStringLiteral("search.query"));
    scope_->setObjectName(QStringLiteral("search.scope"));
    summary_->setObjectName(QStringLiteral("search.summary"));
    list_->setObjectName(QStringLiteral("search.list"));
    addClearButton(*query_);
    query_->installEventFilter(this);
    summary_->setForegroundRole(QPalette::PlaceholderText);
    for (size_t i = 0; i < kScopes.size(); ++i)
        scope_->addItem(QString());
    layOut();
    connect(query_, &QLineEdit::textChanged, this, &SearchScreen::ask);
    connect(scope_, &QComboBox::currentIndexChanged, this, &SearchScreen::ask);
    connect(list_, &CodeList::placeWanted, this, &SearchScreen::placeWanted);
    connect(list_, &CodeList::addToMessage, this, &SearchScreen::addToMessage);
    connect(list_, &CodeList::editorWanted, this, &SearchScreen::editorWanted);
    connect(&model_, &CodeModel::stateChanged, this, &SearchScreen::refresh);
    connect(note_, &StateNote::actionWanted, &model_, &CodeModel::update);
    connect(&appearance, &Appearance::changed, this,
            [this, &appearance] { summary_->setFont(appearance.look().font(TextRole::small)); });
    summary_->setFont(appearance.look().font(TextRole::small));
    retranslate();
}

SearchScreen::~SearchScreen() = default;

void SearchScreen::layOut() {
    auto* line = new QHBoxLayout;
    line->setContentsMargins(grid(3), grid(2), grid(3), 0);
    line->setSpacing(grid(2));
    line->addWidget(query_, 1);
    line->addWidget(scope_);
    auto* under = new QHBoxLayout;
    under->setContentsMargins(grid(3), grid(1), grid(3), grid(1));
    under->addWidget(summary_, 1);
    pages_->addWidget(note_);
    pages_->addWidget(list_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(index_);
    layout->addLayout(line);
    layout->addLayout(under);
    layout->addWidget(pages_, 1);
}

void SearchScreen::retranslate() {
    setAccessibleName(tr("Symbols and texts of the repository"));
    query_->setPlaceholderText(tr("Name of a symbol, or words of the text"));
    query_->setAccessibleName(tr("What to look for"));
    list_->setAccessibleName(tr("What was found"));
    scope_->setAccessibleName(tr("Where to look"));
    const QSignalBlocker quiet(scope_);
    const QStringList titles = {tr("Symbols and texts"), tr("Files"), tr("All symbols"),
                                tr("Functions"),         tr("Types"), tr("Values")};
    for (int i = 0; i < int(kScopes.size()); ++i)
        scope_->setItemText(i, titles[i]);
    refresh();
}

void SearchScreen::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

bool SearchScreen::eventFilter(QObject* watched, QEvent* event) {
    if (watched != query_ || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
        case Qt::Key_Down:
            return list_->moveBy(1), true;
        case Qt::Key_Up:
            return list_->moveBy(-1), true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return key->modifiers().testFlag(Qt::ShiftModifier) ? list_->addCurrent()
                                                                : list_->openCurrent(),
                   true;
        default:
            return QWidget::eventFilter(watched, event);
    }
}

void SearchScreen::focusQuery() {
    query_->setFocus(Qt::ShortcutFocusReason);
    query_->selectAll();
}

void SearchScreen::searchFor(const QString& typed) {
    query_->setText(typed);
    focusQuery();
}

CodeQuery SearchScreen::query() const {
    CodeQuery query = parseCodeQuery(query_->text());
    const CodeScope chosen = kScopes[size_t(std::max(0, scope_->currentIndex()))];
    if (chosen != CodeScope::everything) query.scope = chosen;
    return query;
}

void SearchScreen::refresh() {
    const bool isReady = model_.state() == CodeModel::State::ready;
    query_->setEnabled(isReady);
    scope_->setEnabled(isReady);
    ask();
}

void SearchScreen::ask() {
    hasSymbols_ = hasTexts_ = false;
    const CodeQuery wanted = query();
    if (model_.state() != CodeModel::State::ready || wanted.text.isEmpty()) return showResults();
    model_.find(wanted, *this, [this](const CodeHits& found) {
        symbols_ = found;
        hasSymbols_ = true;
        showResults();
    });
    texts_ = {};
    if (wanted.scope != CodeScope::everything) {
        hasTexts_ = true;
        return;
    }
    model_.search(wanted, *this, [this](const TextHits& found) {
        texts_ = found;
        hasTexts_ = true;
        showResults();
    });
}

void SearchScreen::showResults() {
    const auto note = [this](const QString& title, const QString& sentence,
                             const QString& action = {}) {
        list_->setRows({});
        summary_->clear();
        note_->say(title, sentence, action);
        pages_->setCurrentWidget(note_);
    };
    switch (model_.state()) {
        case CodeModel::State::empty:
            return note(tr("No repository is open"), tr("Open a folder to search its code."));
        case CodeModel::State::loading:
            return note(tr("The index is being opened…"),
                        tr("Names can be found as soon as the first files are read."));
        case CodeModel::State::error:
            return note(tr("The index cannot be opened"), model_.errorText());
        case CodeModel::State::ready:
            break;
    }
    const CodeQuery wanted = query();
    if (wanted.text.isEmpty())
        return note(tr("Find symbols and texts"),
                    tr("Some letters of a name are enough. “in:folder” looks below a folder, "
                       "“Type::name” for a member."));
    if (!hasSymbols_ || !hasTexts_) return;  // what was found before stays until all is there
    const bool hasBoth = wanted.scope == CodeScope::everything;
    std::vector<CodeRow> rows;
    if (hasBoth && !symbols_.hits.empty()) rows.push_back(CodeRows::heading(tr("By name")));
    for (size_t i = 0; i < symbols_.hits.size(); ++i)
        if (!hasBoth || i < kSymbolsBesideTexts) rows.push_back(CodeRows::of(symbols_.hits[i]));
    if (!texts_.hits.empty()) rows.push_back(CodeRows::heading(tr("In texts")));
    for (const indexer::SearchHit& hit : texts_.hits)
        rows.push_back(CodeRows::of(hit));
    if (!texts_.error.isEmpty() && rows.empty())
        return note(tr("The index cannot answer"), texts_.error);
    if (rows.empty())
        return note(tr("Nothing fits “%1”").arg(wanted.text),
                    tr("Try fewer letters, or other words."));
    const auto shown = std::count_if(rows.begin(), rows.end(), [](const CodeRow& row) {
        return row.look != CodeRow::Look::heading;
    });
    list_->setRows(std::move(rows));
    pages_->setCurrentWidget(list_);
    const QString took = CodeRows::milliseconds(symbols_.milliseconds + texts_.milliseconds);
    summary_->setText(tr("%Ln results in %1", "how many, how long it took", int(shown)).arg(took));
}

}  // namespace moxie::desktop

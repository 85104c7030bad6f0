// A CodeModel that holds what a test puts into it. Answers come when the event loop runs, or, with
// `isHolding`, when the test lets them. Threads: GUI thread only.
#pragma once
#include <QPointer>
#include <QTimer>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/screens/code/code_table.h"
#include "app/desktop/screens/code/source_edit.h"
#include "app/desktop/screens/code/source_text.h"

namespace moxie::desktop::testing {

class FakeCode final : public CodeModel {
public:
    // ---- what the test plays
    struct KnownSymbol {
        std::string name, parent, path;
        indexer::SymbolKind kind = indexer::SymbolKind::function;
        int lineFirst = 1, lineLast = 1;
        bool isDeclaration = false;
    };

    std::vector<indexer::FileEntry> files;  // by path
    std::vector<KnownSymbol> symbols;       // by path
    std::map<QString, std::string> texts;
    std::map<QString, std::vector<indexer::Reference>> references;
    std::map<QString, std::vector<SymbolCall>> calls;
    std::vector<indexer::SearchHit> textHits;
    QString searchError, editError;
    std::map<QString, BlamedSource> blames;
    ChangedPaths changed;
    int64_t listedMax = 2'000;
    bool isHolding = false;
    int64_t colouredAtOnceBytes = 100'000;
    // What was asked.
    std::vector<CodeQuery> finds, searches;
    std::vector<QString> reads;
    QStringList folders;
    int updates = 0, pauses = 0;

    void set(State state, const QString& error = {}) {
        state_ = state;
        error_ = error;
        emit stateChanged();
    }

    void setIndex(const IndexState& index) {
        index_ = index;
        emit indexChanged();
    }

    // Oldest first.
    void letGo() {
        for (auto& answer : std::exchange(held_, {}))
            answer();
    }

    // ---- CodeModel
    State state() const override { return state_; }

    QString errorText() const override { return error_; }

    QString repository() const override { return QStringLiteral("/repo"); }

    const IndexState& index() const override { return index_; }

    void find(const CodeQuery& query, QObject& receiver, Answer<CodeHits> then) override {
        finds.push_back(query);
        answer(receiver, 0, [this, query, then] {
            CodeHits found;
            const CodeTable table = makeTable();
            found.hits = query.text.isEmpty() && query.scope == CodeScope::everything
                             ? table.filesFirst(recent(), query, 100)
                             : table.find(query, 100, [] { return false; });
            found.milliseconds = 4.2;
            then(found);
        });
    }

    void search(const CodeQuery& query, QObject& receiver, Answer<TextHits> then) override {
        searches.push_back(query);
        answer(receiver, 1, [this, then] {
            then({.hits = textHits, .milliseconds = 7.5, .error = searchError});
        });
    }

    void uses(const QString& name, QObject& receiver, Answer<SymbolUses> then) override {
        answer(receiver, 2, [this, name, then] {
            SymbolUses found = {.name = name};
            found.definitions = makeTable().symbolsNamed(name, 20);
            found.uses = references[name];
            found.calls = calls[name];
            found.milliseconds = 2.5;
            then(found);
        });
    }

    void outline(const QString& path, QObject& receiver, Answer<CodeHits> then) override {
        answer(receiver, 3, [this, path, then] {
            then({.hits = makeTable().symbolsOf(path), .milliseconds = 1});
        });
    }

    void read(const QString& path, QObject& receiver, Answer<OpenedSource> then) override {
        reads.push_back(path);
        answer(receiver, 4, [this, path, then] {
            OpenedSource opened;
            const auto known = texts.find(path);
            if (known == texts.end()) {
                auto missing = std::make_shared<SourceText>();
                missing->path = path;
                missing->problem = SourceText::Problem::notFound;
                missing->lineStarts = {0};
                opened.source = missing;
                return then(opened);
            }
            opened.source = makeSource(path, known->second);
            opened.wantsColours = int64_t(known->second.size()) > colouredAtOnceBytes;
            if (!opened.wantsColours) opened.colours = coloursOf(opened.source);
            then(opened);
        });
    }

    void colour(const SourceTextSnapshot& source, QObject& receiver,
                Answer<HighlightSnapshot> then) override {
        answer(receiver, 5, [source, then] { then(coloursOf(source)); });
    }

    void blame(const SourceTextSnapshot& source, QObject& receiver,
               Answer<BlameSnapshot> then) override {
        answer(receiver, 6, [this, source, then] {
            auto made = std::make_shared<BlamedSource>(blames[source->path]);
            then(made);
        });
    }

    void folder(const QString& path, QObject& receiver, Answer<FolderListing> then) override {
        folders << path;
        answer(receiver, 7, [this, path, then] { then(makeTable().listing(path, listedMax)); });
    }

    void changedPaths(QObject& receiver, Answer<ChangedPaths> then) override {
        answer(receiver, 8, [this, then] { then(changed); });
    }

    void edit(const SourceEdit& edit, QObject& receiver, Answer<EditAnswer> then) override {
        answer(receiver, 9, [this, edit, then] {
            if (!editError.isEmpty())
                return then({.problem = EditAnswer::Problem::other, .error = editError});
            texts[edit.source->path] = editedText(edit);
            then({.text = editedText(edit)});
        });
    }

    void update() override { ++updates; }

    void pause() override { ++pauses; }

private:
    static HighlightSnapshot coloursOf(const SourceTextSnapshot& source) {
        auto made = indexer::HighlightedText::parse(
            source->text, indexer::grammarOfFile(source->path.toStdString(), source->text), {});
        auto blocks = *made->blocks({});
        return std::make_shared<const SourceColours>(
            SourceColours{std::move(*made), std::move(blocks)});
    }

    CodeTable makeTable() const {
        CodeTable table;
        for (const indexer::FileEntry& file : files)
            table.addFile(file);
        for (const KnownSymbol& symbol : symbols)
            table.addSymbol({.name = symbol.name,
                             .parent = symbol.parent,
                             .path = symbol.path,
                             .kind = symbol.kind,
                             .isDeclaration = symbol.isDeclaration,
                             .lineFirst = symbol.lineFirst,
                             .lineLast = symbol.lineLast,
                             .bytes = 40 * int64_t(symbol.lineLast - symbol.lineFirst + 1)});
        return table;
    }

    void answer(QObject& receiver, int question, std::function<void()> then) {
        const int number = ++newest_[{&receiver, question}];
        auto call = [this, to = QPointer<QObject>(&receiver), question, number, then] {
            if (to && newest_[{to.data(), question}] == number) then();
        };
        if (isHolding)
            held_.push_back(call);
        else
            QTimer::singleShot(0, this, call);
    }

    State state_ = State::ready;
    QString error_;
    IndexState index_;
    std::vector<std::function<void()>> held_;
    std::map<std::pair<QObject*, int>, int> newest_;
};

// A small shop in several languages, with an index that is up to date.
inline void fillShop(FakeCode& code) {
    using K = indexer::SymbolKind;
    code.files = {{"README.md", 812, 20},
                  {"docs/design.md", 9'420, 180},
                  {"shop/cart.cpp", 640, 25},
                  {"shop/cart.h", 420, 18},
                  {"shop/parser/parse_list.cpp", 5'210, 160},
                  {"tests/cart_test.cpp", 2'204, 70}};
    code.symbols = {{"addItem", "Cart", "shop/cart.cpp", K::method, 5, 10},
                    {"total", "Cart", "shop/cart.cpp", K::method, 12, 19},
                    {"Cart", "shop", "shop/cart.h", K::type, 6, 16},
                    {"kItemsMax", "shop", "shop/cart.h", K::constant, 4, 4},
                    {"addItem", "Cart", "shop/cart.h", K::method, 9, 9, true},
                    {"parseList", "", "shop/parser/parse_list.cpp", K::function, 20, 61},
                    {"ListParser", "", "shop/parser/parse_list.cpp", K::type, 63, 130}};
    code.texts[QStringLiteral("shop/cart.cpp")] =
        "#include \"shop/cart.h\"\n\nnamespace shop {\n\n"
        "void Cart::addItem(const Item& item) {\n"
        "    // At most kItemsMax; the oldest goes first.\n"
        "    if (items_.size() == kItemsMax) items_.erase(items_.begin());\n"
        "    items_.push_back(item);\n"
        "    changed_ = true;\n}\n\n"
        "double Cart::total() const {\n"
        "    double sum = 0;\n"
        "    for (const Item& item : items_)\n"
        "        sum += item.price * item.count;\n"
        "    const char* unit = \"EUR\\n\";\n"
        "    log(unit, sum);\n"
        "    return sum;\n}\n\n"
        "}  // namespace shop\n";
    code.texts[QStringLiteral("shop/cart.h")] =
        "#pragma once\n\nnamespace shop {\nconstexpr int kItemsMax = 100;\n\nclass Cart {\n"
        "public:\n    double total() const;\n    void addItem(const Item& item);\n};\n}\n";
    code.references[QStringLiteral("addItem")] = {{.path = "shop/checkout.cpp",
                                                   .line = 31,
                                                   .count = 2,
                                                   .role = "call",
                                                   .enclosing = "checkOut",
                                                   .text = "cart.addItem(gift);"},
                                                  {.path = "tests/cart_test.cpp",
                                                   .line = 14,
                                                   .count = 1,
                                                   .role = "call",
                                                   .enclosing = "",
                                                   .text = "cart.addItem({1.5, 2});"}};
    code.changed = {{QStringLiteral("shop/cart.cpp"), QLatin1Char('M')},
                    {QStringLiteral("tests/cart_test.cpp"), QLatin1Char('A')}};
    code.blames[QStringLiteral("shop/cart.cpp")].lines = {
        {0, 5, std::string(40, 'a'), "Jane Doe", "Add the cart", 1'780'000'000'000},
        {5, 2, std::string(40, 'b'), "Li Wei", "Drop the oldest item", 1'790'000'000'000},
        {7, 3, "", "", "", 0},
        {10, 11, std::string(40, 'a'), "Jane Doe", "Add the cart", 1'780'000'000'000}};
    code.calls[QStringLiteral("addItem")] = {
        {QStringLiteral("push_back"), QStringLiteral("shop/cart.cpp"), 8, 1},
        {QStringLiteral("log"), QStringLiteral("shop/cart.cpp"), 9, 2}};
    code.textHits = {{.path = "shop/parser/parse_list.cpp",
                      .lineFirst = 20,
                      .lineLast = 61,
                      .score = 3,
                      .symbol = "parseList",
                      .reason = {.names = {"parseList"}, .words = {"comma", "trailing"}},
                      .snippet = "List parseList(Tokens& tokens) {\n    List list;\n    while "
                                 "(!tokens.isAt(Token::close)) {\n        list.add(parseItem());\n",
                      .explain = {.words = {{.word = "comma", .inText = 1},
                                            {.word = "trail", .inNames = 1},
                                            {.word = "pars", .inNames = 2}},
                                  .pins = {{.kind = indexer::PinKind::name, .text = "parseList"}}}},
                     {.path = "docs/design.md",
                      .lineFirst = 0,
                      .lineLast = 0,
                      .score = 1,
                      .symbol = "",
                      .reason = {.words = {"comma"}},
                      .snippet = "",
                      .explain = {.words = {{.word = "comma", .inText = 2, .inCommits = 1}}}}};
    IndexState index;
    index.phase = IndexState::Phase::current;
    index.checked = QDateTime(QDate(2026, 11, 22), QTime(14, 2));
    index.stats.files = 1'623;
    index.stats.symbols = 26'730;
    index.stats.indexBytes = 20'400'000;
    index.stats.generation = 3;
    index.stats.languages = {
        {.name = "C", .files = 612, .lines = 301'220, .symbols = 19'400},
        {.name = "C++", .files = 88, .lines = 40'112, .symbols = 5'210, .filesDamaged = 3},
        {.name = "Python", .files = 41, .lines = 6'400, .symbols = 2'120},
        {.name = "Markdown", .files = 30, .lines = 4'000}};
    code.setIndex(index);
}

}  // namespace moxie::desktop::testing

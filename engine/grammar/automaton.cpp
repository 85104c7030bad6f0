#include "engine/grammar/automaton.h"

#include <algorithm>
#include <utility>

#include "engine/grammar/utf8_step.h"

namespace moxie::engine {

namespace {

using Kind = GrammarItem::Kind;

uint64_t mixed(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29);
}

uint64_t hashOf(const GrammarItem& item, int32_t rest) {
    uint64_t hash = mixed(uint64_t(item.kind), uint64_t(item.phase) << 16 | uint16_t(item.levels));
    for (const int32_t part : {item.a, item.b, item.c, item.d, item.e, rest})
        hash = mixed(hash, uint32_t(part));
    return mixed(hash, item.seen);
}

}  // namespace

Symbols symbolsOf(std::string_view text, const MarkerNames& names) {
    Symbols symbols;
    while (!text.empty()) {
        size_t longest = 0;
        Symbol found = 0;
        for (size_t i = 0; i < names.all().size(); ++i)
            if (const auto& name = names.all()[i];
                name.size() > longest && text.starts_with(name)) {
                longest = name.size();
                found = Symbol(kFirstMarker + i);
            }
        symbols.push_back(longest > 0 ? found : Symbol(uint8_t(text.front())));
        text.remove_prefix(std::max<size_t>(longest, 1));
    }
    return symbols;
}

Automaton::Automaton() {
    literals_.push_back({':'});
    below_ = push({.kind = Kind::below}, 0);
    left_ = push({.kind = Kind::below, .a = 1}, 0);
}

int32_t Automaton::addLiteral(Symbols symbols) {
    literals_.push_back(std::move(symbols));
    return int32_t(literals_.size()) - 1;
}

int32_t Automaton::addChoice(std::vector<GrammarItems> choices) {
    choices_.push_back(std::move(choices));
    return int32_t(choices_.size()) - 1;
}

int32_t Automaton::addBehind(const GrammarItem& item, const Symbols& symbols) {
    State state = start({item});
    for (const Symbol symbol : symbols)
        state = step(state, symbol);
    std::vector<GrammarItems> choices;
    for (Stack stack : states_[size_t(state)].stacks) {
        GrammarItems& items = choices.emplace_back();
        for (; stack != 0; stack = cells_[size_t(stack)].rest)
            items.push_back(cells_[size_t(stack)].item);
    }
    return addChoice(std::move(choices));
}

void Automaton::setChoice(int32_t choice, std::vector<GrammarItems> choices) {
    choices_[size_t(choice)] = std::move(choices);
}

void Automaton::setGuard(std::vector<Symbols> texts) {
    TextScanner scanner;
    for (auto& text : texts)
        scanner.patterns.push_back({.symbols = std::move(text), .isForbidden = true});
    guard_ = addScanner(std::move(scanner));
}

// False: the symbol would end what the guard forbids.
bool Automaton::guard(GrammarItem& item, Symbol symbol) {
    if (guard_ < 0) return true;
    KnownScanner& known = scanners_[size_t(guard_)];
    item.b = scanStep(known, item.b, symbol);
    return std::ranges::none_of(known.scanner.patterns, [&](const auto& pattern) {
        return pattern.symbols == known.prefixes[size_t(item.b)];
    });
}

// The same scanner is added once, so that what is known of it serves all who use it.
int32_t Automaton::addScanner(TextScanner scanner) {
    const auto known = std::ranges::find(scanners_, scanner, &KnownScanner::scanner);
    if (known != scanners_.end() && !scanner.patterns.empty())
        return int32_t(known - scanners_.begin());
    scanners_.push_back({.scanner = std::move(scanner)});
    return int32_t(scanners_.size()) - 1;
}

int32_t Automaton::addParameters(ParameterList list) {
    parameters_.push_back(std::move(list));
    return int32_t(parameters_.size()) - 1;
}

Automaton::Stack Automaton::push(const GrammarItem& item, Stack rest) {
    const uint64_t hash = hashOf(item, rest);
    const auto [begin, end] = cellIndex_.equal_range(hash);
    for (auto at = begin; at != end; ++at)
        if (cells_[size_t(at->second)].rest == rest && cells_[size_t(at->second)].item == item)
            return at->second;
    cells_.push_back({item, rest});
    const auto stack = Stack(cells_.size()) - 1;
    cellIndex_.emplace(hash, stack);
    return stack;
}

Automaton::Stack Automaton::pushAll(const GrammarItems& items, Stack rest) {
    for (size_t i = items.size(); i-- > 0;)
        rest = push(items[i], rest);
    return rest;
}

Automaton::State Automaton::intern(std::vector<Stack> stacks) {
    if (stacks.empty()) return kDead;
    std::ranges::sort(stacks);
    const auto twice = std::ranges::unique(stacks);
    stacks.erase(twice.begin(), twice.end());
    uint64_t hash = stacks.size();
    for (const Stack stack : stacks)
        hash = mixed(hash, uint32_t(stack));
    const auto [begin, end] = stateIndex_.equal_range(hash);
    for (auto at = begin; at != end; ++at)
        if (states_[size_t(at->second)].stacks == stacks) return at->second;
    const auto state = State(states_.size());
    stateIndex_.emplace(hash, state);
    KnownState& known = states_.emplace_back();
    known.hasLeft = std::ranges::find(stacks, left_) != stacks.end();
    known.isInside = stacks.size() > (known.hasLeft ? 1 : 0);
    known.stacks = std::move(stacks);
    known.steps.assign(size_t(kFirstMarker + markers_), -1);
    return state;
}

Automaton::State Automaton::start(const GrammarItems& items) {
    return intern({pushAll(items, 0)});
}

Automaton::State Automaton::step(State state, Symbol symbol) {
    if (state == kDead) return kDead;
    if (const State known = states_[size_t(state)].steps[symbol]; known >= 0) return known;
    out_.clear();
    for (const Stack stack : states_[size_t(state)].stacks)
        stepStack(stack, symbol);
    const State next = intern(std::exchange(out_, {}));
    states_[size_t(state)].steps[symbol] = next;
    return next;
}

void Automaton::stepStacks(std::span<const Stack> from, Symbol symbol, std::vector<Stack>& to) {
    out_.clear();
    for (const Stack stack : from)
        stepStack(stack, symbol);
    std::ranges::sort(out_);
    const auto twice = std::ranges::unique(out_);
    to.assign(out_.begin(), twice.begin());
}

Automaton::Core Automaton::coreOf(Stack stack, int32_t longestToken) {
    const Cell cell = cells_[size_t(stack)];
    GrammarItem item = cell.item;
    if (item.kind == Kind::textBody || item.kind == Kind::closedText) {
        item.c = std::min(item.c, longestToken);
        if (item.d > longestToken) item.d = 0;
    }
    if (item.kind == Kind::otherKey) item.b = 0;
    if (canRepeatKeys(stack)) item.e = GrammarItem::kUntold;
    return {.state = intern({push(item, below_)}), .rest = cell.rest};
}

bool Automaton::canRepeatKeys(Stack stack) const {
    const GrammarItem& item = cells_[size_t(stack)].item;
    const bool isOfObject = item.kind == Kind::objectStart || item.kind == Kind::objectComma ||
                            item.kind == Kind::objectKey || item.kind == Kind::otherKey;
    return isOfObject && schemas_.at(item.a).others >= 0;
}

bool Automaton::isSyntax(State state) const {
    return std::ranges::none_of(stacksOf(state), [this](Stack stack) {
        const GrammarItem& item = cells_[size_t(stack)].item;
        return item.kind == Kind::textBody || item.kind == Kind::quotedWords ||
               item.kind == Kind::plainWords || item.kind == Kind::number ||
               item.kind == Kind::shapedNumber || item.kind == Kind::closedText ||
               item.kind == Kind::value || item.kind == Kind::scan;
    });
}

bool Automaton::isFree(State state) const {
    return std::ranges::all_of(stacksOf(state), [this](Stack stack) {
        const GrammarItem& item = cells_[size_t(stack)].item;
        return item.kind == Kind::scan &&
               scanners_[size_t(item.a)].scanner.text == TextScanner::Text::any;
    });
}

void Automaton::stepStack(Stack stack, Symbol symbol) {
    if (stack == 0) return;
    const Cell cell = cells_[size_t(stack)];
    stepItem(cell.item, cell.rest, symbol);
}

void Automaton::stepItem(const GrammarItem& item, Stack rest, Symbol symbol) {
    switch (item.kind) {
        case Kind::literal:
            return stepLiteral(item, rest, symbol);
        case Kind::choice:
            for (const GrammarItems& items : choices_[size_t(item.a)])
                if (canBegin(items, symbol)) stepStack(pushAll(items, rest), symbol);
            return;
        case Kind::value:
            return stepValue(item, rest, symbol);
        case Kind::textBody:
            return stepText(item, rest, symbol);
        case Kind::quotedWords:
            return stepQuoted(item, rest, symbol);
        case Kind::plainWords:
            return stepPlain(item, rest, symbol);
        case Kind::number:
            return stepNumber(item, rest, symbol);
        case Kind::shapedNumber:
            return stepShapedNumber(item, rest, symbol);
        case Kind::closedText:
            return stepClosedText(item, rest, symbol);
        case Kind::objectStart:
        case Kind::objectComma:
            return stepObject(item, rest, symbol);
        case Kind::objectKey:
            return stepKey(item, rest, symbol);
        case Kind::otherKey:
            return stepOtherKey(item, rest, symbol);
        case Kind::arrayStart:
        case Kind::arrayComma:
            return stepArray(item, rest, symbol);
        case Kind::blank:
            if (symbol == ' ') return emit(rest);
            return stepStack(rest, symbol);
        case Kind::scan:
            return stepScan(item, rest, symbol);
        case Kind::parameters:
            return stepParameters(item, rest, symbol);
        case Kind::answerEnd:
            if (symbol == kAnswerEnd) emit(push(item, rest));
            return;
        case Kind::below:
            if (item.a == 0) emit(left_);
            return;
    }
}

// False: the literal that they begin with says no.
bool Automaton::canBegin(const GrammarItems& items, Symbol symbol) const {
    if (items.empty() || items.front().kind != Kind::literal) return true;
    const Symbols& literal = literals_[size_t(items.front().a)];
    const auto at = size_t(items.front().b);
    return at >= literal.size() || literal[at] == symbol;
}

void Automaton::stepLiteral(GrammarItem item, Stack rest, Symbol symbol) {
    const Symbols& literal = literals_[size_t(item.a)];
    if (size_t(item.b) == literal.size()) return stepStack(rest, symbol);
    if (literal[size_t(item.b)] != symbol) return;
    ++item.b;
    emit(size_t(item.b) == literal.size() ? rest : push(item, rest));
}

int32_t Automaton::scanStep(KnownScanner& known, int32_t at, Symbol symbol) {
    if (known.prefixes.empty()) {
        known.prefixes.emplace_back();
        for (const auto& pattern : known.scanner.patterns)
            for (size_t n = 1; n <= pattern.symbols.size(); ++n)
                known.prefixes.emplace_back(pattern.symbols.begin(),
                                            pattern.symbols.begin() + std::ptrdiff_t(n));
    }
    const auto [step, isNew] = known.steps.try_emplace({at, symbol}, 0);
    if (!isNew) return step->second;
    Symbols text = known.prefixes[size_t(at)];
    text.push_back(symbol);
    while (true) {
        const auto found = std::ranges::find(known.prefixes, text);
        if (found != known.prefixes.end())
            return step->second = int32_t(found - known.prefixes.begin());
        text.erase(text.begin());
    }
}

void Automaton::stepScan(GrammarItem item, Stack rest, Symbol symbol) {
    KnownScanner& known = scanners_[size_t(item.a)];
    const TextScanner& scanner = known.scanner;
    const bool isAny = scanner.text == TextScanner::Text::any;
    if (symbol == kAnswerEnd) {
        if (isAny && scanner.canEnd) emit(push({.kind = Kind::answerEnd}, 0));
        return;
    }
    const bool wasFresh = item.c == 0;
    const size_t before = scanner.patterns.empty() || known.prefixes.empty()
                              ? 0
                              : known.prefixes[size_t(item.b)].size();
    const bool hadMarker = before > 0 && std::ranges::any_of(known.prefixes[size_t(item.b)],
                                                             [](Symbol s) { return s > 255; });
    item.b = scanStep(known, item.b, symbol);
    const Symbols& at = known.prefixes[size_t(item.b)];
    for (const auto& pattern : scanner.patterns) {
        if (at != pattern.symbols) continue;
        if (pattern.onlyAtStart && !wasFresh) continue;
        if (pattern.isForbidden) return;
        return emit(pushAll(GrammarItems(pattern.next), rest));
    }
    if (!isAny) {
        if (symbol > 255 && at.empty()) return;
        if (hadMarker && at.size() != before + 1) return;  // a control token's own place only
        // What holds a control token is on its way to an end that may come, or there is no way on.
        const bool hasMarker = std::ranges::any_of(at, [](Symbol s) { return s > 255; });
        if (hasMarker && std::ranges::none_of(scanner.patterns, [&](const auto& pattern) {
                return !pattern.isForbidden && pattern.symbols.size() >= at.size() &&
                       std::equal(at.begin(), at.end(), pattern.symbols.begin());
            }))
            return;
        item.phase = symbol > 255 ? uint8_t(utf8::whole) : uint8_t(utf8::step(item.phase, symbol));
        if (item.phase == utf8::none) return;
        if (symbol == 0) return;
    }
    // Fresh while nothing but line ends and a pattern in the making stand there.
    const bool isMaking = std::ranges::any_of(scanner.patterns, [&](const auto& pattern) {
        return pattern.onlyAtStart && !at.empty() && pattern.symbols.size() >= at.size() &&
               std::equal(at.begin(), at.end(), pattern.symbols.begin());
    });
    if (wasFresh && symbol != '\n' && !isMaking) item.c = 1;
    emit(push(item, rest));
}

void Automaton::stepParameters(const GrammarItem& item, Stack rest, Symbol symbol) {
    const ParameterList& list = parameters_[size_t(item.a)];
    for (size_t i = 0; i < list.parameters.size(); ++i) {
        if ((item.seen >> i & 1) || !canBegin(list.parameters[i].items, symbol)) continue;
        GrammarItem after = item;
        after.seen |= uint64_t{1} << i;
        stepStack(pushAll(list.parameters[i].items, push(after, rest)), symbol);
    }
    if ((list.required & ~item.seen) == 0) stepStack(rest, symbol);
}

}  // namespace moxie::engine

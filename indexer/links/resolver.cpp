#include "indexer/links/resolver.h"

#include <algorithm>
#include <array>
#include <string>

#include "indexer/language.h"

namespace moxie::indexer {
namespace {

constexpr size_t kTargetsMax = 8;

// How often each rule was right on redis, fmt, sphinx and typeorm (README.md); samePackage was met
// too seldom to say, and is set low.
constexpr double confidenceOf(LinkRule rule) {
    constexpr std::array<double, 7> kConfidence = {0.5, 0.98, 0.98, 0.99, 0.7, 0.8, 0.98};
    return kConfidence[static_cast<size_t>(rule)];
}

// Worlds where a plain name that no scope and no import binds is not ours.
bool isClosed(NameWorld world) {
    return world == NameWorld::python || world == NameWorld::javascript || world == NameWorld::go ||
           world == NameWorld::java;
}

bool isMember(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::field ||
           symbol.kind == SymbolKind::constructor;
}

std::string lowerLetters(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != '_') out.push_back(c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c);
    return out;
}

// "conn" of "?self.conn", "a.conn()".
std::string lastNameOf(std::string_view receiver) {
    size_t end = receiver.size();
    while (end > 0 && (receiver[end - 1] == ')' || receiver[end - 1] == '(' ||
                       receiver[end - 1] == ']' || receiver[end - 1] == '['))
        end--;
    const size_t first = receiver.substr(0, end).find_last_of(".:?");
    return lowerLetters(receiver.substr(first == receiver.npos ? 0 : first + 1, end - first - 1));
}

std::string_view topFolder(std::string_view path) {
    return path.substr(0, std::min(path.find('/'), path.size()));
}

std::string_view stemOf(std::string_view path) {
    const std::string_view name = fileNameOf(path);
    return name.substr(0, name.find('.'));
}

Resolution outside(LinkRule rule) {
    return {LinkVerdict::outside, rule, 0};
}

}  // namespace

bool Resolver::prefer(Numbers& found, const std::function<bool(const LinkSymbol&)>& holds) const {
    Numbers kept;
    for (const int32_t at : found)
        if (holds(table_.symbol(at))) kept.push_back(at);
    if (kept.empty()) return false;
    found = std::move(kept);
    return true;
}

bool Resolver::fitsRole(const LinkUse& use, const LinkSymbol& symbol) const {
    const bool isFunction =
        isCallableKind(symbol) || symbol.kind == SymbolKind::macro ||
        // A variant with values is made by a call.
        (symbol.kind == SymbolKind::enumerator && table_.worldOf(symbol.blob) == NameWorld::rust);
    switch (use.role) {
        case Role::call:
            return isFunction || (isTypeKind(symbol) && use.receiver == 0) ||
                   symbol.kind == SymbolKind::field || symbol.kind == SymbolKind::variable ||
                   symbol.kind == SymbolKind::constant || isTypeKind(symbol);
        case Role::type:
        case Role::inherit:
            return isTypeKind(symbol) || symbol.kind == SymbolKind::macro ||
                   symbol.kind == SymbolKind::module;
        default:
            return true;
    }
}

// Rule 4: fetched code is used from inside itself, or when it is included.
bool Resolver::isVisible(const LinkUse& use, const LinkSymbol& symbol) const {
    if (table_.worldOf(symbol.blob) != table_.worldOf(use.blob)) return false;
    if (symbol.isFileLocal && symbol.blob != use.blob) return false;
    const std::string_view root = table_.vendoredRoot(symbol.blob);
    if (root.empty() || root == table_.vendoredRoot(use.blob)) return true;
    if (table_.worldOf(use.blob) != NameWorld::c) return false;
    const auto reached = table_.imports().reachedFrom(use.blob);
    return std::any_of(reached->begin(), reached->end(),
                       [&](int32_t blob) { return table_.vendoredRoot(blob) == root; });
}

// The bodies elsewhere that a declaration stands for.
Resolver::Numbers Resolver::definitionsOf(int32_t declaration) const {
    const LinkSymbol& here = table_.symbol(declaration);
    Numbers found;
    for (const int32_t at : table_.symbolsNamed(here.name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (symbol.isDeclaration || symbol.parent != here.parent || !isCallableKind(symbol) ||
            table_.worldOf(symbol.blob) != table_.worldOf(here.blob) ||
            table_.vendoredRoot(symbol.blob) != table_.vendoredRoot(here.blob) ||
            (symbol.isFileLocal && symbol.blob != here.blob))
            continue;
        found.push_back(at);
    }
    const std::string_view path = table_.pathOf(here.blob);
    const auto isBeside = [&](const LinkSymbol& symbol) {
        const std::string_view other = table_.pathOf(symbol.blob);
        return stemOf(other) == stemOf(path) && topFolder(other) == topFolder(path);
    };
    if (found.size() > 1 && !prefer(found, isBeside))
        prefer(found, [&](const LinkSymbol& symbol) {
            return folderOf(table_.pathOf(symbol.blob)) == folderOf(path);
        });
    return found;
}

void Resolver::preferDefinitions(Numbers& found) const {
    const auto isBody = [](const LinkSymbol& symbol) { return !symbol.isDeclaration; };
    if (prefer(found, isBody)) return;
    Numbers bodies;
    for (const int32_t declaration : found)
        for (const int32_t body : definitionsOf(declaration))
            if (std::find(bodies.begin(), bodies.end(), body) == bodies.end())
                bodies.push_back(body);
    if (!bodies.empty()) {
        found = std::move(bodies);
        return;
    }
    // Only prototypes: of the same function, if they are of the same scope.
    const int32_t parent = table_.symbol(found.front()).parent;
    const bool isOne = std::all_of(found.begin(), found.end(),
                                   [&](int32_t at) { return table_.symbol(at).parent == parent; });
    if (isOne && table_.worldOf(table_.symbol(found.front()).blob) == NameWorld::c &&
        table_.symbol(found.front()).kind == SymbolKind::function)
        found.resize(1);
}

// What a file of Python or JavaScript defines twice under one name is the last one when the file
// has run; of C, where nothing is overloaded, they are variants under #if and the first stands for
// all; and so of a type of Ruby, which defines a method twice where it asks what it runs on.
void Resolver::keepOneOfFile(Numbers& found) const {
    const LinkSymbol& first = table_.symbol(found.front());
    const NameWorld world = table_.worldOf(first.blob);
    const bool isScript = world == NameWorld::python || world == NameWorld::javascript;
    const bool isPlainC = world == NameWorld::c && table_.pathOf(first.blob).ends_with(".c");
    const bool isOne = std::all_of(found.begin(), found.end(), [&](int32_t at) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (world == NameWorld::ruby) return isSameOfRuby(found.front(), at);
        const bool hasVariants =
            isScript || isPlainC || (world == NameWorld::c && symbol.kind == SymbolKind::macro);
        return hasVariants && symbol.blob == first.blob && symbol.parent == first.parent;
    });
    if (!isOne) return;
    // Ruby: an attribute that has a def as well is what the def does.
    if (world == NameWorld::ruby) prefer(found, isCallableKind);
    found = {isScript ? found.back() : found.front()};
}

bool Resolver::isSameOfRuby(int32_t a, int32_t b) const {
    const int32_t type = table_.ruby().typeOf(a);
    return table_.symbol(a).blob == table_.symbol(b).blob && type >= 0 &&
           type == table_.ruby().typeOf(b) && table_.symbol(a).isOwn == table_.symbol(b).isOwn;
}

void Resolver::keepFitting(const LinkUse& use, Numbers& found) const {
    prefer(found, [&](const LinkSymbol& symbol) { return symbol.arguments.holds(use.arity); });
}

Resolution Resolver::narrowed(const LinkUse& use, LinkRule rule, Numbers found) const {
    // Ruby: "x = 1" of an attribute is not what "def x" does.
    if (found.size() > 1 && table_.worldOf(use.blob) == NameWorld::ruby) keepFitting(use, found);
    if (found.size() > 1) keepOneOfFile(found);
    if (found.size() > 1) keepFitting(use, found);
    if (found.size() > 1)
        if (prefer(found, [&](const LinkSymbol& symbol) { return symbol.blob == use.blob; }) &&
            found.size() == 1)
            rule = LinkRule::sameFile;
    const std::string_view path = table_.pathOf(use.blob);
    for (const auto& part : {folderOf, topFolder}) {
        if (found.size() < 2) break;
        const auto isNear = [&](const LinkSymbol& symbol) {
            return part(table_.pathOf(symbol.blob)) == part(path);
        };
        if (prefer(found, isNear) && found.size() == 1) rule = LinkRule::samePackage;
    }
    if (found.size() == 1) return {LinkVerdict::definition, rule, confidenceOf(rule), found};
    Resolution open = {LinkVerdict::ambiguous, rule, 1.0 / double(found.size()), {}};
    found.resize(std::min(found.size(), kTargetsMax));
    open.targets = std::move(found);
    return open;
}

Resolution Resolver::settled(const LinkUse& use, LinkRule rule, Numbers found) const {
    std::erase_if(found, [&](int32_t at) { return !fitsRole(use, table_.symbol(at)); });
    if (found.empty()) return outside(rule);
    if (table_.worldOf(use.blob) == NameWorld::c && found.size() > 1) {
        const auto reached = table_.imports().reachedFrom(use.blob);
        prefer(found, [&](const LinkSymbol& symbol) {
            return symbol.blob == use.blob ||
                   std::binary_search(reached->begin(), reached->end(), symbol.blob);
        });
    }
    preferDefinitions(found);
    return narrowed(use, rule, std::move(found));
}

Resolution Resolver::from(const LinkUse& use, const Meaning& meaning) const {
    switch (meaning.kind) {
        case Meaning::Kind::symbols:
            return settled(use, meaning.rule, meaning.found);
        case Meaning::Kind::modules: {
            Resolution whole = {
                LinkVerdict::definition, meaning.rule, confidenceOf(meaning.rule), {}};
            whole.module = meaning.found.front();
            return whole;
        }
        default:
            return outside(meaning.rule);
    }
}

Resolution Resolver::plain(const LinkUse& use) const {
    const Meaning meaning = scopes_.plain({use.blob, use.symbol}, use.name);
    if (meaning.kind != Meaning::Kind::unknown) return from(use, meaning);
    const NameWorld world = table_.worldOf(use.blob);
    if (isClosed(world)) return outside(LinkRule::none);
    // Rust's prelude: Ok, Err, and macros such as write! whose use does not say that they are one.
    if (world == NameWorld::rust && isBuiltInName(world, table_.name(use.name)))
        return outside(LinkRule::none);
    return anywhere(use);
}

Resolution Resolver::anywhere(const LinkUse& use) const {
    Numbers found;
    for (const int32_t at : table_.symbolsNamed(use.name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (table_.isTest(symbol.blob) && !table_.isTest(use.blob)) continue;
        // Ruby: a variable at the top is a local of its file.
        const bool isLocal =
            symbol.kind == SymbolKind::variable && table_.worldOf(symbol.blob) == NameWorld::ruby;
        if (isVisible(use, symbol) && fitsRole(use, symbol) && !isMember(symbol) && !isLocal)
            found.push_back(at);
    }
    if (found.empty()) return outside(LinkRule::none);
    preferDefinitions(found);
    return narrowed(use, LinkRule::unique, std::move(found));
}

Resolution Resolver::ofMember(const LinkUse& use) const {
    const std::string_view receiver = table_.name(use.receiver);
    const Place place = {use.blob, use.symbol};
    const Meaning owner = scopes_.receiver(place, receiver);
    if (owner.kind == Meaning::Kind::outside) return outside(owner.rule);
    if (owner.kind != Meaning::Kind::unknown) {
        const Meaning meaning = scopes_.member(place, owner, use.name);
        if (meaning.kind == Meaning::Kind::outside) return outside(meaning.rule);
        if (meaning.kind != Meaning::Kind::unknown) return from(use, meaning);
    }
    // Macros hide the namespaces that they open: what is included and called so.
    if (receiver.ends_with("::") && table_.worldOf(use.blob) == NameWorld::c &&
        (owner.kind == Meaning::Kind::unknown || owner.kind == Meaning::Kind::space))
        if (const Meaning meaning = scopes_.plain({use.blob, -1}, use.name);
            meaning.kind == Meaning::Kind::symbols)
            return from(use, meaning);
    // The type is known but not all of its bases: what else is called so is a guess.
    Resolution guess = anyMember(use, receiver);
    if (owner.kind != Meaning::Kind::unknown && guess.verdict == LinkVerdict::definition)
        guess.verdict = LinkVerdict::ambiguous;
    return guess;
}

// Rule 6: a member of we do not know what.
Resolution Resolver::anyMember(const LinkUse& use, std::string_view receiver) const {
    const NameWorld world = table_.worldOf(use.blob);
    const bool isFromTest = table_.isTest(use.blob);
    Numbers found;
    for (const int32_t at : table_.symbolsNamed(use.name)) {
        const LinkSymbol& symbol = table_.symbol(at);
        if (!isVisible(use, symbol) || symbol.parent == 0 || !fitsRole(use, symbol)) continue;
        if (!isMember(symbol) || !symbol.arguments.holds(use.arity)) continue;
        if (!isFromTest && table_.isTest(symbol.blob)) continue;
        found.push_back(at);
    }
    if (found.empty()) return outside(LinkRule::none);
    const std::string hint = lastNameOf(receiver);
    const auto isCalledSo = [&](const LinkSymbol& symbol) {
        return lowerLetters(table_.name(symbol.parent)) == hint;
    };
    const bool isNamed = hint.size() > 2 && prefer(found, isCalledSo);
    const LinkRule rule = isNamed ? LinkRule::shape : LinkRule::unique;
    preferDefinitions(found);
    keepOneOfFile(found);
    const bool isMethod =
        world == NameWorld::ruby || table_.symbol(found.front()).kind != SymbolKind::field;
    const bool mayBeOther = !isNamed || world == NameWorld::ruby;
    const bool isCommon = isMethod && mayBeOther && isBuiltInName(world, table_.name(use.name));
    if (found.size() == 1 && !isCommon)
        return {LinkVerdict::definition, rule, confidenceOf(rule), found};
    const double share = (isCommon ? 0.5 : 1.0) / double(found.size());
    found.resize(std::min(found.size(), kTargetsMax));
    return {LinkVerdict::ambiguous, rule, share, found};
}

Resolution Resolver::resolve(const LinkUse& use) const {
    if (table_.name(use.receiver) == "=") return {LinkVerdict::local, LinkRule::local, 1};
    return use.receiver == 0 ? plain(use) : ofMember(use);
}

}  // namespace moxie::indexer

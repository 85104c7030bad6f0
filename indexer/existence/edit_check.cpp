#include "indexer/existence/edit_check.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "indexer/existence/import_text.h"
#include "indexer/outline/outline.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr uint16_t bitOf(SymbolKind kind) {
    return uint16_t(1u << unsigned(kind));
}

constexpr uint16_t kTypes = bitOf(SymbolKind::type) | bitOf(SymbolKind::interface) |
                            bitOf(SymbolKind::enumeration) | bitOf(SymbolKind::typeAlias) |
                            bitOf(SymbolKind::macro) | bitOf(SymbolKind::module) |
                            bitOf(SymbolKind::enumerator);

bool canBe(uint16_t kinds, NameKind kind, NameWorld world) {
    const bool isDynamic = world == NameWorld::python || world == NameWorld::javascript ||
                           world == NameWorld::ruby || world == NameWorld::php ||
                           world == NameWorld::other;
    if (kind != NameKind::type || isDynamic) return kinds != 0;
    return (kinds & kTypes) != 0;
}

NameWorld worldOfPath(std::string_view path) {
    return nameWorldOf(language(languageOfPath(path)));
}

// How a name is used: what stands before it and after it on its line.
struct Place {
    bool isMember = false;
    std::string_view root;  // of "root.inner.name(", empty if it is not a plain name
};

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Walks back over "a.b->c::" to its first name.
Place placeBefore(std::string_view text, size_t at) {
    Place place;
    while (true) {
        while (at > 0 && (isSpace(text[at - 1]) || text[at - 1] == '?' || text[at - 1] == '!'))
            at--;
        const bool isArrow =
            at > 1 && (text.substr(at - 2, 2) == "->" || text.substr(at - 2, 2) == "::");
        if (!isArrow && (at == 0 || text[at - 1] != '.')) return place;
        place.isMember = true;
        at -= isArrow ? 2 : 1;
        const size_t end = at;
        while (at > 0 && isNameByte(text[at - 1]))
            at--;
        place.root = text.substr(at, end - at);
        if (place.root.empty()) return place;
    }
}

// One text of an edit, parsed.
struct ParsedEdit {
    const EditedText* edited = nullptr;
    NameWorld world = NameWorld::other;
    Outline outline;
    std::vector<uint32_t> lines;
    NameSet external;  // names that its imports bind from outside of the repository
};

size_t findOnLine(const ParsedEdit& file, std::string_view name, int32_t line) {
    const std::string_view text = file.edited->after;
    if (line < 1 || size_t(line) >= file.lines.size()) return text.npos;
    size_t at = file.lines[size_t(line) - 1];
    const size_t end = file.lines[size_t(line)];
    for (; (at = text.find(name, at)) < end; at += name.size()) {
        const size_t after = at + name.size();
        if (at > 0 && isNameByte(text[at - 1])) continue;
        if (after < text.size() && isNameByte(text[after])) continue;
        return at;
    }
    return text.npos;
}

// Parameters, locals and captured functions: the name also stands where nobody calls it.
bool isBoundInText(std::string_view text, std::string_view name) {
    for (size_t at = 0; (at = text.find(name, at)) != text.npos; at += name.size()) {
        size_t after = at + name.size();
        if (at > 0 && isNameByte(text[at - 1])) continue;
        if (after < text.size() && isNameByte(text[after])) continue;
        while (after < text.size() && isSpace(text[after]))
            after++;
        if (after == text.size() || (text[after] != '(' && text[after] != '<')) return true;
    }
    return false;
}

bool isChecked(Role role) {
    return role == Role::call || role == Role::type || role == Role::inherit ||
           role == Role::import;
}

NameKind kindOf(Role role) {
    return role == Role::call ? NameKind::function : NameKind::type;
}

base::Result<ParsedEdit> parseEdit(Outliner& outliner, const EditedText& edited,
                                   const std::stop_token& stop) {
    ParsedEdit file;
    file.edited = &edited;
    const int32_t id = languageOfText(languageOfPath(edited.path), edited.path, edited.after);
    file.world = nameWorldOf(language(id));
    if (file.world == NameWorld::other) return file;
    TRY_ASSIGN(file.outline, outliner.outline(language(id), edited.after, stop));
    file.lines = lineStarts(edited.after);
    return file;
}

class EditCheck {
public:
    EditCheck(const NameTable& table, std::vector<ParsedEdit> files)
        : table_(table),
          files_(std::move(files)) {}

    std::vector<UnknownName> run();

private:
    void readDefinitions(ParsedEdit& file);
    bool isKnownModule(const ParsedEdit& file, std::string_view module) const;
    void checkImports(const ParsedEdit& file);
    void checkReferences(const ParsedEdit& file);
    bool isKnown(const ParsedEdit& file, const OutlineReference& use, const Place& place) const;
    void report(const ParsedEdit& file, std::string_view name, NameKind kind, int32_t line);

    const NameTable& table_;
    std::vector<ParsedEdit> files_;
    std::set<std::pair<NameWorld, std::string_view>> defined_;  // by any file of the edit
    std::vector<UnknownName> found_;
};

bool EditCheck::isKnownModule(const ParsedEdit& file, std::string_view module) const {
    if (existenceOf(table_, module, NameKind::import, {.path = file.edited->path}) !=
        Existence::unknown)
        return true;
    // A file of this edit: by the last part of its name.
    size_t begin = module.find_last_of("./:\\", module.size() - 1);
    std::string_view stem = begin == module.npos ? module : module.substr(begin + 1);
    const auto isNew = [&](const ParsedEdit& other) {
        return other.edited->path.find(stem) != std::string_view::npos;
    };
    if (module.size() > 2 && module.substr(module.size() - 2) == ".h") stem = module;
    return !stem.empty() && std::any_of(files_.begin(), files_.end(), isNew);
}

void EditCheck::readDefinitions(ParsedEdit& file) {
    for (const OutlineSymbol& symbol : file.outline.symbols)
        defined_.insert({file.world, symbol.name});
    for (const std::string& module : file.outline.imports)
        if (!table_.isOwnModule(file.world, module))
            addImportedNames(file.edited->after, module, file.external);
}

void EditCheck::report(const ParsedEdit& file, std::string_view name, NameKind kind, int32_t line) {
    found_.push_back({.name = std::string(name),
                      .kind = kind,
                      .path = std::string(file.edited->path),
                      .line = line});
}

void EditCheck::checkImports(const ParsedEdit& file) {
    for (const std::string& module : file.outline.imports) {
        if (module.empty() || file.edited->before.find(module) != std::string_view::npos) continue;
        if (isKnownModule(file, module)) continue;
        const size_t at = file.edited->after.find(module);
        const auto after = std::upper_bound(file.lines.begin(), file.lines.end(), at);
        report(file, module, NameKind::import, int32_t(after - file.lines.begin()));
    }
}

bool EditCheck::isKnown(const ParsedEdit& file, const OutlineReference& use,
                        const Place& place) const {
    if (defined_.contains({file.world, use.name})) return true;
    if (file.external.contains(use.name) || file.external.contains(place.root)) return true;
    const NameKind kind = place.isMember ? NameKind::method : kindOf(use.role);
    if (existenceOf(table_, use.name, kind, {.path = file.edited->path}) != Existence::unknown)
        return true;
    if (use.role == Role::import) return isKnownModule(file, use.name);
    return !place.isMember && use.role == Role::call && isBoundInText(file.edited->after, use.name);
}

void EditCheck::checkReferences(const ParsedEdit& file) {
    const NameSet before = identifiersOf(file.edited->before);
    NameSet seen;
    for (const OutlineReference& use : file.outline.references) {
        if (!isChecked(use.role) || before.contains(use.name) || !seen.insert(use.name).second)
            continue;
        const size_t at = findOnLine(file, use.name, use.line);
        const Place place =
            at == std::string_view::npos ? Place() : placeBefore(file.edited->after, at);
        if (isKnown(file, use, place)) continue;
        report(file, use.name, place.isMember ? NameKind::method : kindOf(use.role), use.line);
    }
}

std::vector<UnknownName> EditCheck::run() {
    for (ParsedEdit& file : files_)
        readDefinitions(file);
    for (const ParsedEdit& file : files_) {
        if (file.world == NameWorld::other) continue;
        checkImports(file);
        checkReferences(file);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const UnknownName& a, const UnknownName& b) {
        return std::tie(a.path, a.line) < std::tie(b.path, b.line);
    });
    return std::move(found_);
}

}  // namespace

std::string_view toString(NameKind kind) {
    switch (kind) {
        case NameKind::function:
            return "function";
        case NameKind::method:
            return "method";
        case NameKind::type:
            return "type";
        case NameKind::file:
            return "file";
        case NameKind::import:
            return "import";
    }
    return "";
}

std::string_view toString(Existence existence) {
    switch (existence) {
        case Existence::unknown:
            return "unknown";
        case Existence::defined:
            return "defined";
        case Existence::imported:
            return "imported";
        case Existence::builtIn:
            return "built in";
        case Existence::used:
            return "used";
    }
    return "";
}

Existence existenceOf(const NameTable& table, std::string_view name, NameKind kind,
                      const NameContext& context) {
    if (name.empty()) return Existence::unknown;
    if (kind == NameKind::file)
        return table.hasPath(name) ? Existence::defined : Existence::unknown;
    const int32_t own = table.blobOf(context.path);
    const NameWorld world = own >= 0 ? table.worldOf(own) : worldOfPath(context.path);
    if (kind == NameKind::import) {
        if (table.isOwnModule(world, name)) return Existence::defined;
        if (isBuiltInModule(world, name)) return Existence::builtIn;
        return table.isImportedElsewhere(world, name, own) ? Existence::used : Existence::unknown;
    }
    const NameFacts facts = table.find(world, name);
    if (canBe(facts.kinds, kind, world)) return Existence::defined;
    if (isBuiltInName(world, name)) return Existence::builtIn;
    if (table.isImportedBy(own, name)) return Existence::imported;
    const bool isUsedElsewhere =
        (facts.users[0] >= 0 && facts.users[0] != own) || facts.users[1] >= 0;
    return isUsedElsewhere ? Existence::used : Existence::unknown;
}

base::Result<std::vector<UnknownName>> findUnknownNames(const NameTable& table,
                                                        const std::vector<EditedText>& edit,
                                                        const std::stop_token& stop) {
    Outliner outliner;
    std::vector<ParsedEdit> files;
    for (const EditedText& edited : edit) {
        if (stop.stop_requested())
            return base::fail(base::Errc::cancelled, "the check of the edit was stopped");
        TRY_ASSIGN(ParsedEdit parsed, parseEdit(outliner, edited, stop));
        files.push_back(std::move(parsed));
    }
    return EditCheck(table, std::move(files)).run();
}

base::Result<std::vector<UsedName>> usedNames(std::string_view path, std::string_view text,
                                              const std::stop_token& stop) {
    Outliner outliner;
    const EditedText edited{.path = path, .before = {}, .after = text};
    TRY_ASSIGN(const ParsedEdit file, parseEdit(outliner, edited, stop));
    std::vector<UsedName> used;
    for (const OutlineReference& use : file.outline.references)
        if (isChecked(use.role)) used.push_back({use.name, kindOf(use.role), use.line});
    return used;
}

}  // namespace moxie::indexer

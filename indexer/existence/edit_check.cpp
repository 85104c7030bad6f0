#include "indexer/existence/edit_check.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "indexer/existence/import_text.h"
#include "indexer/existence/manifests.h"
#include "indexer/existence/name_places.h"
#include "indexer/existence/ruby_doubts.h"
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

// Where a name is asked for.
struct NamePlace {
    NameWorld world = NameWorld::other;
    int32_t blob = -1;  // of the file as the table knows it; its own uses prove nothing
};

Existence existenceIn(const NameTable& table, const NamePlace& place, std::string_view name,
                      NameKind kind) {
    const auto [world, own] = place;
    if (kind == NameKind::import) {
        if (table.isOwnModule(world, name)) return Existence::defined;
        // C#: a namespace is named by its definitions, not by a folder.
        if (world == NameWorld::csharp && table.find(world, name).kinds != 0)
            return Existence::defined;
        if (isBuiltInModule(world, name)) return Existence::builtIn;
        if (world == NameWorld::c && table.includesWindows() && isWindowsModule(name))
            return Existence::builtIn;
        if (table.isDeclaredPackage(world, name)) return Existence::imported;
        return table.isImportedElsewhere(world, name, own) ? Existence::used : Existence::unknown;
    }
    const NameFacts facts = table.find(world, name);
    if (canBe(facts.kinds, kind, world)) return Existence::defined;
    if (isBuiltInName(world, name)) return Existence::builtIn;
    if (world == NameWorld::c) {
        if (table.includesWindows() && isWindowsName(name)) return Existence::builtIn;
        if (table.outsideNames().has(name)) return Existence::imported;
    }
    if (table.isImportedBy(own, name)) return Existence::imported;
    const bool isUsedElsewhere =
        (facts.users[0] >= 0 && facts.users[0] != own) || facts.users[1] >= 0;
    return isUsedElsewhere ? Existence::used : Existence::unknown;
}

// One text of an edit, parsed.
struct ParsedEdit {
    const EditedText* edited = nullptr;
    NamePlace place;
    Outline outline;
    std::vector<uint32_t> lines;
    NameSet external;     // names that its imports bind from outside of the repository
    NameSet renamed;      // and the new names that they give to what is in it
    size_t rubyText = 0;  // its number among the texts of Ruby
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
    file.place.world = nameWorldOf(language(id));
    if (file.place.world == NameWorld::other) return file;
    TRY_ASSIGN(file.outline, outliner.outline(language(id), edited.after, stop));
    file.lines = lineStarts(edited.after);
    return file;
}

// CommonJS binds nothing that the outline sees.
bool isScriptImport(NameWorld world, std::string_view bound) {
    return world == NameWorld::javascript && !bound.empty();
}

// `bound` is what boundNames() says of an import of `module`.
void addBoundNames(std::string_view module, std::string_view bound, NameSet& out) {
    if (bound.empty()) out.insert(module.substr(0, module.find('.')));
    for (size_t i = 0; i < bound.size();) {
        const size_t begin = i;
        while (i < bound.size() && isNameByte(bound[i]))
            i++;
        if (i > begin)
            out.insert(bound.substr(begin, i - begin));
        else
            i++;
    }
}

// Of "there, here=there": what has a name here that it does not have there.
void addRenamed(std::string_view bound, NameSet& out) {
    for (size_t at = 0; (at = bound.find('=', at)) != bound.npos; at++) {
        size_t begin = at;
        while (begin > 0 && isNameByte(bound[begin - 1]))
            begin--;
        if (begin < at) out.insert(bound.substr(begin, at - begin));
    }
}

struct Judgement {
    Existence existence = Existence::unknown;
    std::string_view reason = {};
};

Judgement doubted(std::string_view reason) {
    return {reason.empty() ? Existence::unknown : Existence::unsure, reason};
}

class EditCheck {
public:
    // `links` is null where no text is Ruby.
    EditCheck(const NameTable& table, const LinkTable* links, std::vector<ParsedEdit> files,
              const std::stop_token& stop);

    std::vector<NameVerdict> run();

private:
    void readDefinitions(ParsedEdit& file);
    Judgement judgeModule(const ParsedEdit& file, std::string_view module);
    void checkImports(const ParsedEdit& file);
    void checkReferences(const ParsedEdit& file);
    bool isFromOutside(const ParsedEdit& file, std::string_view root) const;
    Judgement judge(const ParsedEdit& file, const OutlineReference& use, const UsePlace& place);
    Judgement judgeRuby(const ParsedEdit& file, const OutlineReference& use, const UsePlace& place);
    void report(const ParsedEdit& file, std::string_view name, NameKind kind, int32_t line,
                Judgement judgement);

    const NameTable& table_;
    std::vector<ParsedEdit> files_;
    std::set<std::pair<NameWorld, std::string_view>> defined_;  // by any file of the edit
    DeclaredPackages declared_;                                 // by manifests of the edit
    std::unique_ptr<RubyDoubts> ruby_;                          // null: no text is Ruby
    std::vector<NameVerdict> found_;
};

EditCheck::EditCheck(const NameTable& table, const LinkTable* links, std::vector<ParsedEdit> files,
                     const std::stop_token& stop)
    : table_(table),
      files_(std::move(files)) {
    if (!links) return;
    std::vector<RubyDoubts::Text> texts;
    for (ParsedEdit& file : files_) {
        if (file.place.world != NameWorld::ruby) continue;
        file.rubyText = texts.size();
        texts.push_back({file.edited->after, &file.outline});
    }
    ruby_ = std::make_unique<RubyDoubts>(*links, table, std::move(texts), stop);
}

Judgement EditCheck::judgeModule(const ParsedEdit& file, std::string_view module) {
    if (declared_.names(file.place.world, module)) return {Existence::imported};
    const Existence known = existenceIn(table_, file.place, module, NameKind::import);
    if (known != Existence::unknown) return {known};
    // A file of this edit: by the last part of its name.
    size_t begin = module.find_last_of("./:\\", module.size() - 1);
    std::string_view stem = begin == module.npos ? module : module.substr(begin + 1);
    const auto isNew = [&](const ParsedEdit& other) {
        return other.edited->path.find(stem) != std::string_view::npos;
    };
    if (module.size() > 2 && module.substr(module.size() - 2) == ".h") stem = module;
    if (!stem.empty() && std::any_of(files_.begin(), files_.end(), isNew))
        return {Existence::unsure, "a file of the edit is called so"};
    if (file.place.world != NameWorld::ruby || declared_.hasAny(NameWorld::ruby)) return {};
    const size_t at = file.edited->after.find(module);
    return doubted(ruby_->ofModule(file.rubyText, at));
}

void EditCheck::readDefinitions(ParsedEdit& file) {
    for (const OutlineSymbol& symbol : file.outline.symbols)
        defined_.insert({file.place.world, symbol.name});
    for (size_t i = 0; i < file.outline.imports.size(); i++) {
        const std::string& module = file.outline.imports[i];
        const std::string_view bound = file.outline.importNames[i];
        if (table_.isOwnModule(file.place.world, module))
            addRenamed(bound, file.renamed);
        else if (file.place.world == NameWorld::python || isScriptImport(file.place.world, bound))
            addBoundNames(module, bound, file.external);
        else
            addImportedNames(file.edited->after, module, file.external);
    }
}

void EditCheck::report(const ParsedEdit& file, std::string_view name, NameKind kind, int32_t line,
                       Judgement judgement) {
    found_.push_back({.name = std::string(name),
                      .kind = kind,
                      .path = std::string(file.edited->path),
                      .line = line,
                      .existence = judgement.existence,
                      .reason = judgement.reason});
}

void EditCheck::checkImports(const ParsedEdit& file) {
    for (const std::string& module : file.outline.imports) {
        if (module.empty() || file.edited->before.find(module) != std::string_view::npos) continue;
        const size_t at = file.edited->after.find(module);
        const auto after = std::upper_bound(file.lines.begin(), file.lines.end(), at);
        report(file, module, NameKind::import, int32_t(after - file.lines.begin()),
               judgeModule(file, module));
    }
}

// The words of an #include are namespaces at best, and not if they are the repository's own.
bool EditCheck::isFromOutside(const ParsedEdit& file, std::string_view root) const {
    if (!file.external.contains(root)) return false;
    return file.place.world != NameWorld::c || table_.find(NameWorld::c, root).kinds == 0;
}

// A local of Ruby is known to the outline, which has no calls of it.
Judgement EditCheck::judgeRuby(const ParsedEdit& file, const OutlineReference& use,
                               const UsePlace& place) {
    const std::string_view text = file.edited->after;
    if (use.receiver == "=") return {Existence::unsure, "bound by the text"};
    const bool isAssigned = anyPlace(text, use.name, [](const Surroundings& at) {
        return at.after == '=' && at.second != '=' && at.second != '~' && at.second != '>';
    });
    if (!place.isMember && isAssigned) return {Existence::unsure, "may be bound by the text"};
    return doubted(ruby_->of(file.rubyText, use, place.at));
}

Judgement EditCheck::judge(const ParsedEdit& file, const OutlineReference& use,
                           const UsePlace& place) {
    if (defined_.contains({file.place.world, use.name})) return {Existence::defined};
    if (file.external.contains(use.name)) return {Existence::imported};
    if (file.renamed.contains(use.name)) return {Existence::defined};
    const NameKind kind = place.isMember ? NameKind::method : kindOf(use.role);
    const Existence known = existenceIn(table_, file.place, use.name, kind);
    if (known != Existence::unknown) return {known};
    if (isFromOutside(file, place.root))
        return {Existence::unsure, "a member of something from outside"};
    if (use.role == Role::import) return judgeModule(file, use.name);
    if (place.isMember) {
        const auto assigns = [&](const ParsedEdit& other) {
            return other.place.world == file.place.world &&
                   isAssignedMember(other.edited->after, use.name);
        };
        if (std::any_of(files_.begin(), files_.end(), assigns))
            return {Existence::unsure, "a member that the edit assigns to"};
    }
    if (file.place.world == NameWorld::ruby) return judgeRuby(file, use, place);
    if (place.isMember) return {};
    const std::string_view text = file.edited->after;
    if (use.role == Role::call) {
        if (!isBoundInText(text, use.name)) return {};
        return {Existence::unsure, "may be bound by the text"};
    }
    if (isDeclaredInText(text, use.name)) return {Existence::unsure, "may be declared by the text"};
    if (file.place.world != NameWorld::c) return {};
    // "BIT(idle);" declares a field by a macro; it only looks like a type of a parameter.
    if ((table_.find(NameWorld::c, place.callee).kinds & bitOf(SymbolKind::macro)) != 0)
        return {Existence::unsure, "an argument of a macro"};
    if (!isOnlyBareArgument(text, use.name)) return {};
    return {Existence::unsure, "may be an argument of a macro"};
}

// `name` is a module that the text imports, or begins one.
bool isModuleOf(const ParsedEdit& file, std::string_view name) {
    return std::any_of(file.outline.imports.begin(), file.outline.imports.end(),
                       [&](std::string_view module) {
                           return module.starts_with(name) &&
                                  (module.size() == name.size() || module[name.size()] == '.');
                       });
}

void EditCheck::checkReferences(const ParsedEdit& file) {
    const NameSet before = identifiersOf(file.edited->before);
    NameSet seen;
    for (const OutlineReference& use : file.outline.references) {
        if (!isChecked(use.role) || before.contains(use.name) || !seen.insert(use.name).second)
            continue;
        if (use.role == Role::import && isModuleOf(file, use.name)) continue;  // it is looked at
        const size_t at = findOnLine(file, use.name, use.line);
        UsePlace place;
        if (at != std::string_view::npos) {
            place = placeBefore(file.edited->after, at);
            place.callee = calledWithOnly(file.edited->after, at, use.name.size());
            place.at = at;
        }
        report(file, use.name, place.isMember ? NameKind::method : kindOf(use.role), use.line,
               judge(file, use, place));
    }
}

std::vector<NameVerdict> EditCheck::run() {
    for (ParsedEdit& file : files_) {
        file.place.blob = table_.blobOf(file.edited->path);
        declared_.add(file.edited->path, file.edited->after);
        readDefinitions(file);
    }
    for (const ParsedEdit& file : files_) {
        if (file.place.world == NameWorld::other) continue;
        checkImports(file);
        checkReferences(file);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const NameVerdict& a, const NameVerdict& b) {
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
        case Existence::unsure:
            return "unsure";
    }
    return "";
}

base::Result<Existence> existenceOf(const NameTable& table, const LinkSource& links,
                                    std::string_view name, NameKind kind,
                                    const NameContext& context) {
    if (name.empty()) return Existence::unknown;
    if (kind == NameKind::file)
        return table.hasPath(name) ? Existence::defined : Existence::unknown;
    const int32_t own = table.blobOf(context.path);
    const NameWorld world = own >= 0 ? table.worldOf(own) : worldOfPath(context.path);
    const Existence known = existenceIn(table, {world, own}, name, kind);
    const bool isCalled = kind == NameKind::function || kind == NameKind::method;
    if (known != Existence::unknown || world != NameWorld::ruby || !isCalled) return known;
    // Where in the file it is called is not known: only of a repository without anything from
    // outside can it be said.
    if (table.hasOutsideModules()) return Existence::unsure;
    TRY_ASSIGN(const auto types, links());
    return types->hasRuby() && !types->ruby().isClosed() ? Existence::unsure : known;
}

base::Result<std::vector<NameVerdict>> judgeNames(const NameTable& table, const LinkSource& links,
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
    const bool hasRuby = std::any_of(files.begin(), files.end(), [](const ParsedEdit& file) {
        return file.place.world == NameWorld::ruby;
    });
    std::shared_ptr<const LinkTable> types;
    if (hasRuby) {
        TRY_ASSIGN(types, links());
    }
    return EditCheck(table, types.get(), std::move(files), stop).run();
}

base::Result<std::vector<UnknownName>> findUnknownNames(const NameTable& table,
                                                        const LinkSource& links,
                                                        const std::vector<EditedText>& edit,
                                                        const std::stop_token& stop) {
    TRY_ASSIGN(std::vector<NameVerdict> verdicts, judgeNames(table, links, edit, stop));
    std::vector<UnknownName> unknown;
    for (NameVerdict& verdict : verdicts)
        if (verdict.existence == Existence::unknown)
            unknown.push_back(
                {std::move(verdict.name), verdict.kind, std::move(verdict.path), verdict.line});
    return unknown;
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

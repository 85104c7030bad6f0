#include "indexer/outline/scan_rules.h"

#include <array>

namespace moxie::indexer {
namespace {

using K = SymbolKind;
using W = ScanWord;
using B = BlockStyle;
using L = LineShape;

constexpr W kCWords[] = {{"struct", K::type},      {"class", K::type},
                         {"union", K::type},       {"enum", K::enumeration},
                         {"namespace", K::module}, {"interface", K::interface}};

constexpr W kTypesWords[] = {
    {"class", K::type},         {"struct", K::type},        {"interface", K::interface},
    {"enum", K::enumeration},   {"record", K::type},        {"object", K::type},
    {"trait", K::interface},    {"protocol", K::interface}, {"extension", K::type},
    {"actor", K::type},         {"union", K::type},         {"mixin", K::type},
    {"namespace", K::module},   {"module", K::module},      {"function", K::function},
    {"func", K::function},      {"fun", K::function},       {"def", K::function},
    {"contract", K::type},      {"library", K::module},     {"typealias", K::typeAlias},
    {"agent", K::type},         {"aspect", K::type},        {"annotation", K::interface},
    {"shape", K::type},         {"structure", K::type},     {"service", K::type},
    {"procedure", K::function}, {"proc", K::function},      {"sig", K::type},
    {"pred", K::function},      {"fact", K::function},      {"modifier", K::function},
    {"event", K::field},        {"rule", K::function},      {"resource", K::type},
    {"operation", K::function}, {"fn", K::function},        {"type", K::typeAlias}};

constexpr std::string_view kTypesModifiers[] = {
    "public",    "private", "protected", "internal",     "static",    "final",    "abstract",
    "sealed",    "export",  "default",   "async",        "open",      "override", "virtual",
    "inline",    "partial", "data",      "case",         "implicit",  "lazy",     "external",
    "native",    "declare", "const",     "readonly",     "unsafe",    "extern",   "new",
    "companion", "inner",   "suspend",   "operator",     "infix",     "tailrec",  "fileprivate",
    "mutating",  "shared",  "local",     "synchronized", "transient", "global",   "indirect",
    "final",     "pub",     "macro",     "annotation",   "value",     "fun"};

constexpr W kFnWords[] = {
    {"fn", K::function},        {"func", K::function},   {"proc", K::function},
    {"fun", K::function},       {"struct", K::type},     {"enum", K::enumeration},
    {"union", K::type},         {"trait", K::interface}, {"interface", K::interface},
    {"type", K::type},          {"mod", K::module},      {"module", K::module},
    {"const", K::constant},     {"macro", K::macro},     {"impl", K::type},
    {"test", K::function},      {"program", K::module},  {"contract", K::type},
    {"transition", K::function}};
constexpr std::string_view kFnModifiers[] = {"pub",     "export", "extern",  "inline",
                                             "async",   "unsafe", "static",  "const",
                                             "private", "public", "noinline"};

constexpr W kPythonWords[] = {
    {"def", K::function},        {"class", K::type},         {"proc", K::function},
    {"func", K::function},       {"method", K::method},      {"iterator", K::function},
    {"template", K::macro},      {"macro", K::macro},        {"type", K::type},
    {"module", K::module},       {"actor", K::type},         {"trait", K::interface},
    {"interface", K::interface}, {"fun", K::function},       {"be", K::method},
    {"let", K::variable},        {"label", K::function},     {"screen", K::type},
    {"rule", K::function},       {"converter", K::function}, {"object", K::type},
    {"cdef", K::function},       {"cpdef", K::function},     {"struct", K::type}};
constexpr std::string_view kPythonModifiers[] = {"async",   "static",   "export", "public",
                                                 "private", "abstract", "init",   "ref",
                                                 "new",     "rec",      "inline"};

constexpr W kRubyWords[] = {
    {"def", K::function},          {"class", K::type},         {"module", K::module},
    {"defmodule", K::module},      {"defp", K::function},      {"defmacro", K::macro},
    {"struct", K::type},           {"function", K::function},  {"macro", K::macro},
    {"defprotocol", K::interface}, {"defimpl", K::type},       {"define", K::type},
    {"node", K::module},           {"procedure", K::function}, {"abstract", K::type},
    {"enum", K::enumeration},      {"lib", K::module},         {"fun", K::function},
    {"mutable", K::type},          {"grammar", K::module},     {"rule", K::function},
    {"proc", K::function},         {"form", K::function},      {"func", K::function},
    {"Feature:", K::module},       {"Scenario:", K::function}, {"interface", K::interface}};
constexpr std::string_view kRubyModifiers[] = {"private", "public", "protected", "abstract",
                                               "redef",   "intern", "mutable",   "export"};

constexpr W kShellWords[] = {
    {"function", K::function}, {"sub", K::function},      {"package", K::module},
    {"class", K::type},        {"role", K::interface},    {"method", K::method},
    {"def", K::function},      {"resource", K::type},     {"module", K::module},
    {"variable", K::variable}, {"data", K::type},         {"output", K::variable},
    {"filter", K::function},   {"workflow", K::function}, {"grammar", K::type},
    {"enum", K::enumeration},  {"define", K::function},   {"proc", K::function},
    {"upstream", K::module},   {"server", K::module}};
constexpr std::string_view kShellModifiers[] = {"my",   "our",  "multi", "export",
                                                "unit", "only", "proto"};

constexpr W kTclWords[] = {
    {"proc", K::function},           {"method", K::method},    {"class", K::type},
    {"oo::class", K::type},          {"itcl::class", K::type}, {"namespace", K::module},
    {"constructor", K::constructor}, {"snit::type", K::type}};
constexpr std::string_view kTclModifiers[] = {"create", "eval", "public", "private", "protected"};

constexpr W kLuaWords[] = {{"function", K::function}, {"class", K::type},
                           {"terra", K::function},    {"record", K::type},
                           {"struct", K::type},       {"enum", K::enumeration}};
constexpr std::string_view kLuaModifiers[] = {"local", "global", "export"};

constexpr W kMlWords[] = {
    {"let", K::function},     {"val", K::function},        {"type", K::type},
    {"module", K::module},    {"data", K::type},           {"newtype", K::type},
    {"class", K::interface},  {"instance", K::type},       {"fun", K::function},
    {"structure", K::module}, {"signature", K::interface}, {"functor", K::module},
    {"exception", K::type},   {"external", K::function},   {"theorem", K::function},
    {"lemma", K::function},   {"def", K::function},        {"inductive", K::type},
    {"record", K::type},      {"definition", K::function}, {"axiom", K::constant},
    {"and", K::function},     {"alias", K::typeAlias},     {"Theorem", K::function},
    {"Lemma", K::function},   {"Definition", K::function}, {"Fixpoint", K::function},
    {"Inductive", K::type},   {"Record", K::type},         {"interface", K::interface},
    {"namespace", K::module}, {"abbrev", K::typeAlias},    {"datatype", K::type},
    {"primrec", K::function}, {"fn", K::function},         {"abstract", K::module},
    {"concrete", K::module},  {"pred", K::function},       {"scheme", K::function},
    {"func", K::function}};
constexpr std::string_view kMlModifiers[] = {
    "rec",  "private", "noncomputable", "nonrec", "mutable", "inline", "infix",
    "port", "foreign", "protected",     "public", "export",  "virtual"};

constexpr W kPascalWords[] = {{"procedure", K::function},
                              {"function", K::function},
                              {"program", K::module},
                              {"unit", K::module},
                              {"package", K::module},
                              {"module", K::module},
                              {"type", K::type},
                              {"constructor", K::constructor},
                              {"destructor", K::method},
                              {"function_block", K::type},
                              {"task", K::function},
                              {"entity", K::type},
                              {"architecture", K::type},
                              {"component", K::type},
                              {"class", K::type},
                              {"interface", K::interface},
                              {"method", K::method},
                              {"property", K::field},
                              {"action", K::method},
                              {"subtype", K::typeAlias},
                              {"protected", K::type},
                              {"feature", K::module},
                              {"process", K::function},
                              {"library", K::module},
                              {"configuration", K::module},
                              {"namespace", K::module},
                              {"organization_block", K::module},
                              {"data_block", K::type},
                              {"resource", K::module},
                              {"proc", K::function},
                              {"fcn", K::function},
                              {"fb", K::type},
                              {"table", K::type},
                              {"codeunit", K::module},
                              {"page", K::type},
                              {"define", K::constant},
                              {"model", K::module},
                              {"scriptname", K::type}};
constexpr std::string_view kPascalModifiers[] = {
    "class",    "overriding", "not",      "body",     "public",   "private", "protected",
    "final",    "abstract",   "internal", "generic",  "impure",   "pure",    "deferred",
    "expanded", "frozen",     "local",    "separate", "override", "static",  "event"};

constexpr W kBasicWords[] = {
    {"sub", K::function},     {"function", K::function},   {"class", K::type},
    {"module", K::module},    {"structure", K::type},      {"type", K::type},
    {"enum", K::enumeration}, {"interface", K::interface}, {"namespace", K::module},
    {"property", K::field},   {"procedure", K::function},  {"func", K::function},
    {"method", K::method},    {"event", K::field},         {"define", K::constant},
    {"const", K::constant},   {"macro", K::macro},         {"on", K::function},
    {"to", K::function},      {"delegate", K::typeAlias}};
constexpr std::string_view kBasicModifiers[] = {
    "public",         "private", "friend",    "protected",
    "shared",         "static",  "overrides", "overridable",
    "partial",        "get",     "let",       "set",
    "declare",        "global",  "local",     "mustinherit",
    "notinheritable", "default", "readonly",  "writeonly",
    "shadows",        "async",   "iterator",  "exported",
    "volatile"};

constexpr W kFortranWords[] = {
    {"subroutine", K::function}, {"function", K::function}, {"module", K::module},
    {"program", K::module},      {"type", K::type},         {"interface", K::interface},
    {"submodule", K::module},    {"class", K::type},        {"model", K::type},
    {"package", K::module},      {"record", K::type},       {"block", K::type},
    {"connector", K::type},      {"pro", K::function},      {"procedure", K::function},
    {"classdef", K::type},       {"method", K::method},     {"macro", K::macro},
    {"%macro", K::macro},        {"proc", K::function},     {"data", K::type},
    {"operator", K::function},   {"species", K::type},      {"action", K::method}};
constexpr std::string_view kFortranModifiers[] = {
    "recursive", "pure",      "elemental", "integer",   "real",     "logical",
    "complex",   "character", "double",    "precision", "partial",  "encapsulated",
    "public",    "private",   "protected", "static",    "override", "abstract",
    "impure",    "define",    "capture",   "final"};

constexpr W kSqlWords[] = {
    {"table", K::type},         {"view", K::type},        {"function", K::function},
    {"procedure", K::function}, {"trigger", K::function}, {"type", K::type},
    {"package", K::module},     {"schema", K::module},    {"index", K::field},
    {"sequence", K::variable},  {"database", K::module},  {"domain", K::typeAlias},
    {"vertex", K::type},        {"edge", K::type},        {"query", K::function},
    {"proc", K::function},      {"role", K::type},        {"aggregate", K::function},
    {"constraint", K::field}};
constexpr std::string_view kSqlModifiers[] = {
    "create",         "or",           "replace",     "temporary", "temp",
    "unique",         "global",       "local",       "if",        "not",
    "exists",         "materialized", "recursive",   "body",      "external",
    "virtual",        "alter",        "editionable", "clustered", "nonclustered",
    "directed",       "undirected",   "distributed", "define",    "force",
    "noneditionable", "definer",      "unlogged"};

constexpr W kAsmWords[] = {
    {".macro", K::macro},   {"%macro", K::macro},     {"define", K::function},
    {".sub", K::function},  {".class", K::type},      {".method", K::method},
    {".func", K::function}, {"%define", K::constant}, {".set", K::constant},
    {"macro", K::macro},    {"declare", K::function}, {"section", K::module}};
constexpr std::string_view kAsmModifiers[] = {"private",      "internal",  "public", "static",
                                              "linkonce_odr", "dso_local", "hidden", "weak"};

constexpr W kJvmWords[] = {{".class", K::type},
                           {".method", K::method},
                           {".field", K::field},
                           {".interface", K::interface},
                           {".super", K::type}};
constexpr std::string_view kJvmModifiers[] = {
    "public", "private",     "protected", "static",
    "final",  "constructor", "abstract",  "synthetic",
    "bridge", "varargs",     "enum",      "interface",
    "native", "volatile",    "transient", "declared-synchronized"};

constexpr W kProtoWords[] = {
    {"message", K::type},     {"service", K::type},      {"rpc", K::method},
    {"enum", K::enumeration}, {"struct", K::type},       {"interface", K::interface},
    {"type", K::type},        {"input", K::type},        {"union", K::type},
    {"exception", K::type},   {"namespace", K::module},  {"const", K::constant},
    {"scalar", K::type},      {"directive", K::macro},   {"module", K::module},
    {"container", K::type},   {"list", K::type},         {"grouping", K::type},
    {"leaf", K::field},       {"typedef", K::typeAlias}, {"dictionary", K::type},
    {"model", K::type},       {"table", K::type},        {"fragment", K::type},
    {"query", K::function},   {"mutation", K::function}, {"grammar", K::module},
    {"annotation", K::macro}, {"set", K::variable},      {"param", K::variable},
    {"var", K::variable},     {"extend", K::type},       {"callback", K::typeAlias},
    {"mixin", K::type}};

constexpr W kHdlWords[] = {
    {"module", K::type},         {"function", K::function}, {"task", K::function},
    {"interface", K::interface}, {"package", K::module},    {"class", K::type},
    {"program", K::type},        {"primitive", K::type},    {"property", K::field},
    {"covergroup", K::type},     {"typedef", K::typeAlias}, {"`define", K::macro},
    {"circuit", K::module},      {"extmodule", K::type}};
constexpr std::string_view kHdlModifiers[] = {
    "automatic", "virtual",     "static", "local", "protected", "extern", "pure",
    "void",      "macromodule", "int",    "bit",   "logic",     "integer"};

constexpr W kCobolWords[] = {{"program-id.", K::module},
                             {"class-id.", K::type},
                             {"method-id.", K::method},
                             {"function-id.", K::function}};
constexpr W kRexxWords[] = {
    {"procedure", K::function}, {"form", K::function},      {"report", K::module},
    {"class", K::type},         {"method", K::method},      {"function", K::function},
    {"module", K::function},    {"dcl-proc", K::function},  {"dcl-ds", K::type},
    {"::method", K::method},    {"::routine", K::function}, {"::class", K::type}};
constexpr W kForthWords[] = {
    {":", K::function},         {"::", K::function},        {"create", K::variable},
    {"variable", K::variable},  {"constant", K::constant},  {"SYMBOL:", K::variable},
    {"GENERIC:", K::interface}, {"M:", K::method},          {"TUPLE:", K::type},
    {"MACRO:", K::macro},       {"CONSTANT:", K::constant}, {"WORD:", K::function}};
constexpr W kMakeWords[] = {{"define", K::macro}, {"rule", K::function}, {"build", K::function}};
constexpr W kDockerWords[] = {{"from", K::module}, {"arg", K::variable}};
constexpr W kCmakeWords[] = {{"function", K::function},
                             {"macro", K::macro},
                             {"add_library", K::module},
                             {"add_executable", K::module},
                             {"add_custom_target", K::function},
                             {"option", K::variable},
                             {"project", K::module}};
constexpr W kTexWords[] = {{"\\part", K::module},
                           {"\\chapter", K::module},
                           {"\\section", K::module},
                           {"\\subsection", K::module},
                           {"\\subsubsection", K::module},
                           {"\\newcommand", K::macro},
                           {"\\renewcommand", K::macro},
                           {"\\def", K::macro},
                           {"\\newenvironment", K::macro},
                           {"\\label", K::field},
                           {"\\DeclareMathOperator", K::macro},
                           {"\\providecommand", K::macro}};
constexpr W kVimWords[] = {
    {"function", K::function}, {"function!", K::function}, {"def", K::function},
    {"command", K::function},  {"command!", K::function},  {"augroup", K::module},
    {"section", K::module},    {"!macro", K::macro},       {"class", K::type},
    {"instr", K::function},    {"opcode", K::function},    {"!define", K::constant}};
constexpr W kKconfigWords[] = {
    {"config", K::variable}, {"menuconfig", K::variable}, {"menu", K::module}, {"choice", K::type}};
constexpr W kRoffWords[] = {{".TH", K::module}, {".SH", K::module}, {".SS", K::module},
                            {".de", K::macro},  {".Sh", K::module}, {".Ss", K::module}};
constexpr W kSlimWords[] = {{"mixin", K::function}, {"block", K::module}};
constexpr W kInformWords[] = {
    {"Chapter", K::module}, {"Section", K::module}, {"Part", K::module},
    {"Book", K::module},    {"Volume", K::module},  {"Object", K::variable},
    {"Class", K::type},     {"[", K::function},     {"To", K::function}};
constexpr W kSmalltalkWords[] = {{"Class", K::type}, {"Trait", K::interface}};

constexpr ScanRules kBraces = {.lineComment = "//",
                               .otherLineComment = {},
                               .blockOpen = "/*",
                               .blockClose = "*/",
                               .words = kTypesWords,
                               .modifiers = kTypesModifiers,
                               .hasCallShape = true};

constexpr ScanRules rulesWith(BlockStyle style, std::string_view comment,
                              std::span<const ScanWord> words,
                              std::span<const std::string_view> modifiers = {},
                              LineShape shape = L::none) {
    ScanRules rules;
    rules.style = style;
    rules.lineComment = comment;
    rules.words = words;
    rules.modifiers = modifiers;
    rules.shape = shape;
    return rules;
}

constexpr ScanRules withBlocks(ScanRules rules, std::string_view open, std::string_view close) {
    rules.blockOpen = open;
    rules.blockClose = close;
    return rules;
}

constexpr ScanRules withQuotes(ScanRules rules, std::string_view quotes) {
    rules.quotes = quotes;
    return rules;
}

constexpr ScanRules folded(ScanRules rules, std::string_view otherComment = {}) {
    rules.foldsCase = true;
    rules.otherLineComment = otherComment;
    return rules;
}

constexpr ScanRules cFamily() {
    ScanRules rules = kBraces;
    rules.words = kCWords;
    rules.modifiers = {};
    rules.needsBody = true;
    return rules;
}

constexpr ScanRules fnFamily() {
    ScanRules rules = kBraces;
    rules.words = kFnWords;
    rules.modifiers = kFnModifiers;
    rules.quotes = "\"`";
    return rules;
}

constexpr ScanRules noCall(ScanRules rules) {
    rules.hasCallShape = false;
    return rules;
}

constexpr std::array<ScanRules, size_t(kFamilyCount)> makeTable() {
    std::array<ScanRules, size_t(kFamilyCount)> all = {};
    const auto set = [&](Family family, const ScanRules& rules) { all[size_t(family)] = rules; };
    for (ScanRules& rules : all)
        rules = rulesWith(B::oneLine, "", {});
    set(Family::braces, kBraces);
    set(Family::types, withQuotes(kBraces, "\"'`"));
    set(Family::c, cFamily());
    set(Family::fn, fnFamily());
    set(Family::python, rulesWith(B::indent, "#", kPythonWords, kPythonModifiers));
    set(Family::ruby, rulesWith(B::end, "#", kRubyWords, kRubyModifiers));
    set(Family::shell, rulesWith(B::end, "#", kShellWords, kShellModifiers, L::shellFunction));
    set(Family::tcl, rulesWith(B::end, "#", kTclWords, kTclModifiers));
    set(Family::lua, withBlocks(rulesWith(B::end, "--", kLuaWords, kLuaModifiers, L::shellFunction),
                                "--[[", "]]"));
    set(Family::lisp, rulesWith(B::indent, ";", {}, {}, L::lispForm));
    set(Family::ml,
        withBlocks(rulesWith(B::indent, "--", kMlWords, kMlModifiers, L::signature), "(*", "*)"));
    set(Family::pascal,
        folded(withBlocks(rulesWith(B::end, "//", kPascalWords, kPascalModifiers), "(*", "*)"),
               "--"));
    set(Family::basic, folded(rulesWith(B::end, "'", kBasicWords, kBasicModifiers), "rem "));
    set(Family::fortran, folded(rulesWith(B::end, "!", kFortranWords, kFortranModifiers), "%"));
    set(Family::erlang, rulesWith(B::indent, "%", {}, {}, L::clause));
    set(Family::sql,
        folded(withBlocks(rulesWith(B::indent, "--", kSqlWords, kSqlModifiers), "/*", "*/")));
    set(Family::assembly,
        folded(rulesWith(B::heading, ";", kAsmWords, kAsmModifiers, L::label), "#"));
    set(Family::jvm, rulesWith(B::end, "#", kJvmWords, kJvmModifiers));
    set(Family::proto, noCall(withBlocks(rulesWith(B::braces, "//", kProtoWords), "/*", "*/")));
    set(Family::hdl, withBlocks(rulesWith(B::end, "//", kHdlWords, kHdlModifiers), "/*", "*/"));
    set(Family::cobol, folded(rulesWith(B::heading, "*>", kCobolWords, {}, L::paragraph), "*"));
    set(Family::rexx,
        folded(withBlocks(rulesWith(B::end, "", kRexxWords, {}, L::card), "/*", "*/"), "*"));
    set(Family::forth, rulesWith(B::oneLine, "\\ ", kForthWords));
    set(Family::make, rulesWith(B::indent, "#", kMakeWords, {}, L::target));
    set(Family::docker, folded(rulesWith(B::heading, "#", kDockerWords)));
    set(Family::cmake, folded(rulesWith(B::end, "#", kCmakeWords)));
    set(Family::tex, rulesWith(B::heading, "%", kTexWords));
    set(Family::batch, folded(rulesWith(B::heading, "rem ", {}, {}, L::label), "::"));
    set(Family::vim, folded(rulesWith(B::end, "\"", kVimWords), ";"));
    set(Family::markdown, rulesWith(B::heading, "", {}, {}, L::hashHeading));
    set(Family::xml, withBlocks(rulesWith(B::oneLine, "", {}, {}, L::element), "<!--", "-->"));
    set(Family::css, withBlocks(rulesWith(B::end, "//", {}, {}, L::selector), "/*", "*/"));
    set(Family::ini, rulesWith(B::heading, "#", {}, {}, L::section));
    set(Family::yaml, rulesWith(B::indent, "#", {}, {}, L::key));
    set(Family::json, rulesWith(B::oneLine, "//", {}, {}, L::key));
    set(Family::kconfig, rulesWith(B::indent, "#", kKconfigWords));
    set(Family::roff, rulesWith(B::heading, ".\\\"", kRoffWords));
    set(Family::diff, rulesWith(B::heading, "", {}, {}, L::changedFile));
    set(Family::smalltalk, rulesWith(B::indent, "\"", kSmalltalkWords, {}, L::arrow));
    set(Family::apl, rulesWith(B::indent, "", {}, {}, L::arrow));
    set(Family::inform, rulesWith(B::heading, "!", kInformWords));
    set(Family::slim, rulesWith(B::indent, "//", kSlimWords));
    return all;
}

}  // namespace

const ScanRules& scanRules(Family family) {
    static constexpr std::array<ScanRules, size_t(kFamilyCount)> kTable = makeTable();
    return kTable[size_t(family)];
}

}  // namespace moxie::indexer

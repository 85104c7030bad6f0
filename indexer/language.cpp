#include "indexer/language.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

namespace moxie::indexer {
namespace {

struct Row {
    Language language;
    std::string_view extensions;    // separated by spaces, without the dot, lower case
    std::string_view names;         // whole file names, lower case
    std::string_view interpreters;  // of a shebang line
};

// New rows go to the end: ids are stored. Change kSchemaVersion when rows move.
constexpr Row kRows[] = {
    {{"Unknown", Grammar::none, true}, "", "", ""},
    {{"C", Grammar::c}, "c h", "", ""},
    {{"C++", Grammar::cpp}, "cc cpp cxx c++ hh hpp hxx h++ inl ipp tpp txx cppm ixx ino", "", ""},
    {{"Python", Grammar::python},
     "py pyi pyw",
     "sconstruct sconscript wscript",
     "python python2 python3 pypy"},
    {{"JavaScript", Grammar::javascript}, "js mjs cjs jsx", "jakefile", "node nodejs bun"},
    {{"TypeScript", Grammar::typescript}, "ts mts cts", "", "deno ts-node tsx"},
    {{"TSX", Grammar::tsx}, "tsx", "", ""},
    {{"Go", Grammar::go}, "go", "", ""},
    {{"Rust", Grammar::rust}, "rs", "", "rust-script"},
    {{"Java", Grammar::java}, "java", "", ""},
    {{"C#", Grammar::none}, "cs csx", "", ""},
    {{"Kotlin", Grammar::none}, "kt kts", "", ""},
    {{"Scala", Grammar::none}, "scala sc", "", "scala"},
    {{"Swift", Grammar::none}, "swift", "", "swift"},
    {{"Objective-C", Grammar::none}, "m", "", ""},
    {{"Objective-C++", Grammar::none}, "mm", "", ""},
    {{"PHP", Grammar::none}, "php phtml php3 php4 php5", "", "php"},
    {{"Ruby", Grammar::none},
     "rb rake gemspec ru",
     "rakefile gemfile vagrantfile brewfile podfile fastfile",
     "ruby jruby"},
    {{"Perl", Grammar::none}, "pl pm t", "", "perl"},
    {{"Shell", Grammar::none},
     "sh bash zsh ksh bats",
     ".bashrc .profile .zshrc .bash_profile pkgbuild",
     "sh bash zsh ksh dash ash"},
    {{"Fish", Grammar::none}, "fish", "", "fish"},
    {{"PowerShell", Grammar::none}, "ps1 psm1 psd1", "", "pwsh"},
    {{"Batch", Grammar::none}, "bat cmd", "", ""},
    {{"Lua", Grammar::none}, "lua", "", "lua luajit"},
    {{"Tcl", Grammar::none}, "tcl tm", "", "tclsh wish"},
    {{"R", Grammar::none}, "r rmd", ".rprofile", "rscript"},
    {{"Julia", Grammar::none}, "jl", "", "julia"},
    {{"MATLAB", Grammar::none}, "matlab mlx", "", ""},
    {{"Haskell", Grammar::none}, "hs lhs", "", "runhaskell runghc"},
    {{"OCaml", Grammar::none}, "ml mli mll mly", "", "ocaml"},
    {{"F#", Grammar::none}, "fs fsi fsx", "", ""},
    {{"Elixir", Grammar::none}, "ex exs", "", "elixir"},
    {{"Erlang", Grammar::none}, "erl hrl", "rebar.config", "escript"},
    {{"Clojure", Grammar::none}, "clj cljs cljc edn", "", "clojure bb"},
    {{"Common Lisp", Grammar::none}, "lisp lsp cl asd", "", "sbcl"},
    {{"Scheme", Grammar::none}, "scm ss sld", "", "guile"},
    {{"Racket", Grammar::none}, "rkt", "", "racket"},
    {{"Emacs Lisp", Grammar::none}, "el", ".emacs", ""},
    {{"Vim script", Grammar::none}, "vim", ".vimrc _vimrc", ""},
    {{"Dart", Grammar::none}, "dart", "", "dart"},
    {{"Groovy", Grammar::none}, "groovy gvy gradle", "jenkinsfile", "groovy"},
    {{"Zig", Grammar::none}, "zig zon", "", ""},
    {{"Nim", Grammar::none}, "nim nims nimble", "", ""},
    {{"D", Grammar::none}, "d di", "", ""},
    {{"Crystal", Grammar::none}, "cr", "", ""},
    {{"V", Grammar::none}, "vv vsh", "", ""},
    {{"Ada", Grammar::none}, "adb ads ada", "", ""},
    {{"Pascal", Grammar::none}, "pas pp dpr lpr", "", ""},
    {{"Fortran", Grammar::none}, "f f77 f90 f95 f03 f08 for", "", ""},
    {{"COBOL", Grammar::none}, "cob cbl cpy", "", ""},
    {{"Assembly", Grammar::none}, "s asm nasm", "", ""},
    {{"CUDA", Grammar::cpp}, "cu cuh", "", ""},
    {{"OpenCL", Grammar::none}, "opencl", "", ""},
    {{"GLSL", Grammar::none}, "glsl vert frag geom comp tesc tese", "", ""},
    {{"HLSL", Grammar::none}, "hlsl fx", "", ""},
    {{"Metal", Grammar::none}, "metal", "", ""},
    {{"Verilog", Grammar::none}, "v vh", "", ""},
    {{"SystemVerilog", Grammar::none}, "sv svh", "", ""},
    {{"VHDL", Grammar::none}, "vhd vhdl", "", ""},
    {{"SQL", Grammar::none}, "sql ddl psql plsql", "", ""},
    {{"Prolog", Grammar::none}, "pro prolog", "", "swipl"},
    {{"Solidity", Grammar::none}, "sol", "", ""},
    {{"Structured Text", Grammar::none}, "st iecst scl awl il", "", ""},
    {{"PLCopen XML", Grammar::none, true}, "plcopen", "", ""},
    {{"Awk", Grammar::none}, "awk", "", "awk gawk mawk"},
    {{"Sed", Grammar::none}, "sed", "", "sed"},
    {{"M4", Grammar::none}, "m4 ac am", "configure.ac configure.in", "m4"},
    {{"Make", Grammar::none}, "mk mak make", "makefile gnumakefile bsdmakefile", "make"},
    {{"CMake", Grammar::none}, "cmake", "cmakelists.txt", "cmake"},
    {{"Meson", Grammar::none}, "", "meson.build meson_options.txt meson.options", ""},
    {{"Ninja", Grammar::none}, "ninja", "", ""},
    {{"Bazel", Grammar::none}, "bzl bazel star", "build workspace build.bazel", ""},
    {{"Dockerfile", Grammar::none}, "dockerfile", "dockerfile containerfile", ""},
    {{"Terraform", Grammar::none}, "tf tfvars hcl", "", ""},
    {{"Nix", Grammar::none}, "nix", "", ""},
    {{"Protocol Buffers", Grammar::none}, "proto", "", ""},
    {{"Thrift", Grammar::none}, "thrift", "", ""},
    {{"GraphQL", Grammar::none}, "graphql gql", "", ""},
    {{"Cap'n Proto", Grammar::none}, "capnp", "", ""},
    {{"QML", Grammar::none}, "qml qbs", "", ""},
    {{"Vue", Grammar::none}, "vue", "", ""},
    {{"Svelte", Grammar::none}, "svelte", "", ""},
    {{"Astro", Grammar::none}, "astro", "", ""},
    {{"HTML", Grammar::none, true}, "html htm xhtml", "", ""},
    {{"CSS", Grammar::none, true}, "css", "", ""},
    {{"SCSS", Grammar::none, true}, "scss sass", "", ""},
    {{"Less", Grammar::none, true}, "less", "", ""},
    {{"XML", Grammar::none, true}, "xml xsd xsl xslt ui qrc plist csproj vcxproj", "", ""},
    {{"SVG", Grammar::none, true}, "svg", "", ""},
    {{"JSON", Grammar::none, true},
     "json jsonc json5 ipynb webmanifest",
     ".prettierrc .eslintrc .babelrc",
     ""},
    {{"YAML", Grammar::none, true}, "yaml yml", ".clang-format .clang-tidy", ""},
    {{"TOML", Grammar::none, true}, "toml", "cargo.lock poetry.lock", ""},
    {{"INI", Grammar::none, true},
     "ini cfg conf properties desktop service",
     ".editorconfig .gitconfig .gitmodules .npmrc",
     ""},
    {{"CSV", Grammar::none, true}, "csv tsv", "", ""},
    {{"Markdown", Grammar::none, true}, "md markdown mdx", "", ""},
    {{"reStructuredText", Grammar::none, true}, "rst", "", ""},
    {{"AsciiDoc", Grammar::none, true}, "adoc asciidoc", "", ""},
    {{"TeX", Grammar::none, true}, "tex sty cls bib", "", ""},
    {{"Org", Grammar::none, true}, "org", "", ""},
    {{"Typst", Grammar::none, true}, "typ", "", ""},
    {{"Roff", Grammar::none, true}, "1 3 5 7 8 man roff", "", ""},
    {{"Text", Grammar::none, true},
     "txt text",
     "readme license copying changelog news authors todo install contributing notice",
     ""},
    {{"Diff", Grammar::none, true}, "diff patch", "", ""},
    {{"Gettext", Grammar::none, true}, "po pot", "", ""},
    {{"Ignore list", Grammar::none, true},
     "",
     ".gitignore .dockerignore .npmignore .gitattributes",
     ""},
    {{"Go module", Grammar::none, true}, "", "go.mod go.sum go.work", ""},
    {{"Linker script", Grammar::none}, "ld lds", "", ""},
    {{"Starlark", Grammar::none}, "", "tiltfile", ""},
    {{"Just", Grammar::none}, "just", "justfile", "just"},
};

constexpr int32_t kRowCount = int32_t(std::size(kRows));
constexpr int32_t kC = 1, kCpp = 2;

struct Lookup {
    std::unordered_map<std::string_view, int32_t> byExtension, byName, byInterpreter;
};

void enter(std::unordered_map<std::string_view, int32_t>& map, std::string_view words, int32_t id) {
    while (!words.empty()) {
        const size_t end = std::min(words.find(' '), words.size());
        map.emplace(words.substr(0, end), id);
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

const Lookup& lookup() {
    static const Lookup tables = [] {
        Lookup made;
        for (int32_t id = 0; id < kRowCount; id++) {
            enter(made.byExtension, kRows[id].extensions, id);
            enter(made.byName, kRows[id].names, id);
            enter(made.byInterpreter, kRows[id].interpreters, id);
        }
        return made;
    }();
    return tables;
}

int32_t find(const std::unordered_map<std::string_view, int32_t>& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? kLanguageUnknown : found->second;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return out;
}

std::string_view fileName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

int32_t languageOfShebang(std::string_view text) {
    if (!text.starts_with("#!")) return kLanguageUnknown;
    std::string_view line = text.substr(2, std::min(text.find('\n'), size_t(200)) - 2);
    while (!line.empty()) {
        const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
        std::string_view word = fileName(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
        if (word == "env" || word.starts_with("-") || word.find('=') != word.npos) continue;
        const int32_t id = find(lookup().byInterpreter, word);
        if (id != kLanguageUnknown) return id;
        // python3.11, lua5.4: the name without its version.
        return find(lookup().byInterpreter,
                    word.substr(0, std::min(word.find_first_of("0123456789."), word.size())));
    }
    return kLanguageUnknown;
}

// A C++ header fed to the C grammar yields rubbish slowly. Words at the start of a line decide.
bool looksLikeCpp(std::string_view text) {
    static constexpr std::string_view kWords[] = {
        "class ", "namespace ", "template<", "template <", "public:",       "private:",
        "using ", "protected:", "constexpr", "virtual ",   "static_assert",
    };
    bool inGuard = false;  // inside #ifdef __cplusplus, which C headers have too
    int64_t linesLeft = 4000;
    while (!text.empty() && linesLeft-- > 0) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.starts_with("#")) {
            if (line.find("__cplusplus") != line.npos) inGuard = true;
            if (line.starts_with("#endif") || line.starts_with("#else")) inGuard = false;
            continue;
        }
        if (inGuard) continue;
        if (line.starts_with("*") || line.starts_with("//") || line.starts_with("/*")) continue;
        if (line.find("std::") != line.npos) return true;
        for (const std::string_view word : kWords)
            if (line.starts_with(word)) return true;
    }
    return false;
}

// True if `path` has a folder of this name ("vendor" in "a/vendor/b.c").
bool hasFolder(std::string_view path, std::string_view folder) {
    size_t at = 0;
    while ((at = path.find(folder, at)) != path.npos) {
        const bool begins = at == 0 || path[at - 1] == '/';
        const size_t end = at + folder.size();
        if (begins && end < path.size() && path[end] == '/') return true;
        at = end;
    }
    return false;
}

}  // namespace

const Language& language(int32_t id) {
    return kRows[id >= 0 && id < kRowCount ? id : kLanguageUnknown].language;
}

int32_t languageOfPath(std::string_view path) {
    const std::string name = lower(fileName(path));
    if (const int32_t id = find(lookup().byName, name); id != kLanguageUnknown) return id;
    const size_t dot = name.rfind('.');
    if (dot == name.npos || dot == 0) {
        return name.starts_with("dockerfile") ? find(lookup().byName, "dockerfile")
                                              : kLanguageUnknown;
    }
    const std::string_view extension = std::string_view(name).substr(dot + 1);
    if (extension == "in" || extension == "tmpl" || extension == "template")
        return languageOfPath(std::string_view(name).substr(0, dot));
    return find(lookup().byExtension, extension);
}

int32_t languageOfText(int32_t guess, std::string_view path, std::string_view text) {
    if (guess == kLanguageUnknown) return languageOfShebang(text);
    if (guess == kC && (path.ends_with(".h") || path.ends_with(".H")))
        return looksLikeCpp(text) ? kCpp : kC;
    return guess;
}

bool isGeneratedPath(std::string_view path) {
    static constexpr std::string_view kNames[] = {
        "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock", "poetry.lock",
        "composer.lock",     "go.sum",    "gemfile.lock",   "uv.lock",    "flake.lock",
    };
    static constexpr std::string_view kEnds[] = {
        ".min.js", ".min.css", ".map", ".pb.go",  ".pb.cc",       ".pb.h",       "_pb2.py",
        ".snap",   ".svg",     ".po",  ".g.dart", ".designer.cs", "_generated.h"};
    const std::string name = lower(fileName(path));
    for (const std::string_view known : kNames)
        if (name == known) return true;
    return std::any_of(std::begin(kEnds), std::end(kEnds),
                       [&](std::string_view end) { return name.ends_with(end); });
}

bool isVendoredPath(std::string_view path) {
    static constexpr std::string_view kFolders[] = {
        "vendor", "vendors", "third_party", "third-party",  "thirdparty", "3rdparty",
        "deps",   "extern",  "external",    "node_modules", "vendored",
    };
    return std::any_of(std::begin(kFolders), std::end(kFolders),
                       [&](std::string_view folder) { return hasFolder(path, folder); });
}

bool isTestPath(std::string_view path) {
    static constexpr std::string_view kFolders[] = {"test",     "tests",   "testing",  "__tests__",
                                                    "spec",     "specs",   "testdata", "fixtures",
                                                    "examples", "samples", "e2e"};
    if (std::any_of(std::begin(kFolders), std::end(kFolders),
                    [&](std::string_view folder) { return hasFolder(path, folder); }))
        return true;
    const std::string name = lower(fileName(path));
    return name.starts_with("test_") || name.find("_test.") != name.npos ||
           name.find(".test.") != name.npos || name.find(".spec.") != name.npos ||
           name.find("_spec.") != name.npos;
}

}  // namespace moxie::indexer

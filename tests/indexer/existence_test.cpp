#include <chrono>

#include "indexer/existence/edit_check.h"
#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

std::unique_ptr<Index> openedWith(const Repository& repository) {
    repository.write("src/list.h",
                     "int list_length(const struct list* list);\n#define LIST_MAX 8\n");
    repository.write(
        "src/list.c",
        "#include \"list.h\"\n"
        "int list_length(const struct list* list) { return lib_count(list->head); }\n");
    repository.write("src/other.c", "int other(void) { return lib_count(0) + only_here(1); }\n");
    repository.write("app/cart.py",
                     "import requests\nfrom app.price import Price\n\n\nclass Cart:\n"
                     "    def total(self):\n        return requests.get('x').json()\n");
    repository.write("app/price.py", "class Price:\n    pass\n");
    repository.commitAll("first");
    auto index = repository.open();
    REQUIRE(index->update({}, {}));
    return index;
}

Existence existence(const Index& index, std::string_view name, NameKind kind,
                    std::string_view path) {
    const auto answer = index.exists(name, kind, {.path = path});
    if (!answer) FAIL(answer.error().message());
    return *answer;
}

std::vector<std::string> unknownIn(const Index& index, const std::vector<EditedText>& edit) {
    const auto found = index.unknownNames(edit, {});
    if (!found) FAIL(found.error().message());
    std::vector<std::string> out;
    for (const UnknownName& name : *found)
        out.push_back(std::string(toString(name.kind)) + " " + name.name + ":" +
                      std::to_string(name.line));
    return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A name is defined, imported, built in, used elsewhere or unknown", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const auto c = [&](std::string_view name, NameKind kind = NameKind::function) {
        return existence(*index, name, kind, "src/list.c");
    };
    CHECK(c("list_length") == Existence::defined);
    CHECK(c("LIST_MAX") == Existence::defined);
    CHECK(c("memcpy") == Existence::builtIn);
    CHECK(c("push_back", NameKind::method) == Existence::builtIn);
    CHECK(c("uint32_t", NameKind::type) == Existence::builtIn);
    CHECK(c("lib_count") == Existence::used);
    CHECK(c("list_size") == Existence::unknown);
    CHECK(c("Cart", NameKind::type) == Existence::unknown);  // Python's, not C's
    CHECK(c("list_length", NameKind::type) == Existence::unknown);
    const auto python = [&](std::string_view name, NameKind kind) {
        return existence(*index, name, kind, "app/cart.py");
    };
    CHECK(python("total", NameKind::method) == Existence::defined);
    CHECK(python("isinstance", NameKind::function) == Existence::builtIn);
    CHECK(python("requests", NameKind::function) == Existence::imported);
    CHECK(python("grand_total", NameKind::method) == Existence::unknown);
}

TEST_CASE("A file's own uses prove nothing for it, but do for others", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(existence(*index, "only_here", NameKind::function, "src/other.c") == Existence::unknown);
    CHECK(existence(*index, "only_here", NameKind::function, "src/list.c") == Existence::used);
    CHECK(existence(*index, "only_here", NameKind::function, "src/new.c") == Existence::used);
}

TEST_CASE("Files and imports are known by their paths and as modules", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const auto ask = [&](std::string_view name, NameKind kind, std::string_view path) {
        return existence(*index, name, kind, path);
    };
    CHECK(ask("src/list.h", NameKind::file, "") == Existence::defined);
    CHECK(ask("list.h", NameKind::file, "") == Existence::defined);
    CHECK(ask("st.h", NameKind::file, "") == Existence::unknown);
    CHECK(ask("list.h", NameKind::import, "src/a.c") == Existence::defined);
    CHECK(ask("stdio.h", NameKind::import, "src/a.c") == Existence::builtIn);
    CHECK(ask("lists.h", NameKind::import, "src/a.c") == Existence::unknown);
    CHECK(ask("app.price", NameKind::import, "app/a.py") == Existence::defined);
    CHECK(ask(".price", NameKind::import, "app/a.py") == Existence::defined);
    CHECK(ask("os.path", NameKind::import, "app/a.py") == Existence::builtIn);
    CHECK(ask("requests", NameKind::import, "app/a.py") == Existence::used);
    CHECK(ask("reqests", NameKind::import, "app/a.py") == Existence::unknown);
    CHECK(ask("node:fs", NameKind::import, "a.ts") == Existence::builtIn);
}

TEST_CASE("Each of the ten languages has its own built-in names", "[indexer][exists]") {
    const std::tuple<NameWorld, std::string_view, std::string_view> cases[] = {
        {NameWorld::c, "strlen", "Println"},
        {NameWorld::c, "unordered_map", "HashMap"},
        {NameWorld::python, "setdefault", "unshift"},
        {NameWorld::javascript, "addEventListener", "setdefault"},
        {NameWorld::java, "ArrayList", "unordered_map"},
        {NameWorld::go, "HasPrefix", "startswith"},
        {NameWorld::rust, "unwrap_or_else", "HasPrefix"},
        {NameWorld::csharp, "FirstOrDefault", "unwrap"},
        {NameWorld::ruby, "each_with_index", "FirstOrDefault"},
        {NameWorld::php, "array_merge", "each_with_index"}};
    for (const auto& [world, own, foreign] : cases) {
        CAPTURE(own, foreign);
        CHECK(isBuiltInName(world, own));
        CHECK_FALSE(isBuiltInName(world, foreign));
    }
}

TEST_CASE("The check follows what is written", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(existence(*index, "fresh", NameKind::function, "src/list.c") == Existence::unknown);
    repository.write("src/fresh.c", "int fresh(void) { return 1; }\n");
    REQUIRE(index->updateFile("src/fresh.c"));
    CHECK(existence(*index, "fresh", NameKind::function, "src/list.c") == Existence::defined);
    std::filesystem::remove(repository.root() / "src/fresh.c");
    REQUIRE(index->update({}, {}));
    CHECK(existence(*index, "fresh", NameKind::function, "src/list.c") == Existence::unknown);
}

TEST_CASE("An edit's invented names are found, with their lines", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::string c =
        "#include \"list.h\"\n#include \"no_such.h\"\n"
        "int twice(struct list* l, int (*callback)(int)) {\n"
        "    return callback(list_length(l)) + list_size_of(l) + memcmp(l, l, 0);\n}\n";
    CHECK(unknownIn(*index, {{.path = "src/twice.c", .after = c}}) ==
          Names{"import no_such.h:2", "function list_size_of:4"});
    const std::string python =
        "import numpy as np\nfrom app.cart import Cart\n\n\ndef shown(cart, render):\n"
        "    render(cart.total())\n    cart.grand_total()\n    return np.flipud(Carts())\n";
    CHECK(unknownIn(*index, {{.path = "app/shown.py", .after = python}}) ==
          Names{"import numpy:1", "method grand_total:7", "function Carts:8"});
}

TEST_CASE("What stands near an import from outside is not bound by it", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::string python =
        "import requests\nfrom app.cart import Carts\n\n\ndef shown(cart):\n"
        "    cart.grand_total()\n    return requests.get(Carts)\n";
    CHECK(unknownIn(*index, {{.path = "app/shown.py", .after = python}}) ==
          Names{"type Carts:2", "method grand_total:6"});
    const std::string script =
        "import { get } from 'requests';\nimport { get_all } from './no_such';\n"
        "export function shown(cart) {\n  return get_each(cart, get, get_all, 'requests');\n}\n";
    CHECK(unknownIn(*index, {{.path = "app/shown.ts", .after = script}}) ==
          Names{"import requests:1", "import ./no_such:2", "function get_each:4"});
}

TEST_CASE("A namespace of the repository stays its own when a header outside has its name",
          "[indexer][exists]") {
    const Repository repository;
    repository.write("src/shop.h", "namespace shop {\nint total(int);\n}\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const std::string text =
        "#include <shop/other.h>\n#include <gone/gone.h>\n"
        "int f() { return shop::total(1) + shop::sum_of(1) + gone::sum_of_all(1); }\n";
    CHECK(unknownIn(*index, {{.path = "src/f.cc", .after = text}}) ==
          Names{"import shop/other.h:1", "import gone/gone.h:2", "method sum_of:3"});
}

TEST_CASE("A name that cannot be judged is unsure, with the reason", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::string python =
        "import requests\n\n\ndef shown(cart, render):\n"
        "    render(cart.total())\n    requests.get_each()\n    no_such()\n";
    const auto verdicts = index->nameVerdicts({{.path = "app/shown.py", .after = python}}, {});
    if (!verdicts) FAIL(verdicts.error().message());
    Names said;
    for (const NameVerdict& verdict : *verdicts)
        said.push_back(verdict.name + ": " + std::string(toString(verdict.existence)) + " " +
                       std::string(verdict.reason));
    CHECK(said == Names{"requests: used ", "render: unsure may be bound by the text",
                        "total: defined ", "get_each: unsure a member of something from outside",
                        "no_such: unknown "});
}

TEST_CASE("What an edit defines, in any of its files, is known to all of them",
          "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::string user = "#include \"new.h\"\nint f(void) { return made_now(); }\n";
    const std::string maker = "int made_now(void) { return 0; }\n";
    CHECK(unknownIn(*index,
                    {{.path = "src/f.c", .after = user}, {.path = "src/new.h", .after = maker}})
              .empty());
    CHECK(unknownIn(*index, {{.path = "src/f.c", .after = user}}) ==
          Names{"import new.h:1", "function made_now:2"});
    CHECK(unknownIn(*index, {{.path = "src/f.c", .before = user, .after = user + "\n"}}).empty());
}

TEST_CASE("What an edit names anew when it imports it, or assigns to, is known to it",
          "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::string python =
        "import app.cart as _cart\nfrom app.cart import Cart as _Basket\n"
        "from app.cart import Bskt as Other\n\n\ndef shown(made):\n"
        "    _cart.grand_total()\n    made.on_paid()\n    made.on_sent()\n"
        "    return _Basket(Other(made.on_sent == 1))\n";
    const std::string maker =
        "class Maker:\n    def __init__(self, paid):\n        self.on_paid = paid\n";
    CHECK(unknownIn(*index, {{.path = "app/shown.py", .after = python},
                             {.path = "app/maker.py", .after = maker}}) ==
          Names{"type Bskt:3", "method grand_total:7", "method on_sent:9"});
    CHECK(unknownIn(*index, {{.path = "app/shown.py", .after = python}}) ==
          Names{"type Bskt:3", "method grand_total:7", "method on_paid:8", "method on_sent:9"});
}

TEST_CASE("Damaged and foreign texts have no unknown names and do no harm", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(unknownIn(*index, {{.path = "a.txt", .after = "call(me) anything"}}).empty());
    CHECK(unknownIn(*index, {{.path = "a.py", .after = ""}}).empty());
    const std::string nested(20'000, '(');
    CHECK(unknownIn(*index, {{.path = "a.c", .after = nested}}).empty());
    std::stop_source stop;
    stop.request_stop();
    const auto stopped =
        index->unknownNames({{.path = "a.c", .after = "int f;"}}, stop.get_token());
    CHECK((!stopped && stopped.error().kind() == base::Errc::cancelled));
}

TEST_CASE("A package that a manifest names is known, in any way it is written",
          "[indexer][exists]") {
    const Repository repository;
    repository.write("package.json", R"({"dependencies": {"left-pad": "1", "@scope/tool": "2"}})");
    repository.write("Cargo.toml", "[dependencies]\nserde-json = \"1\"\n");
    repository.write("requirements.txt", "Flask-Login>=1\n");
    repository.write("a.js", "f();\n");
    repository.write("a.rs", "fn a() {}\n");
    repository.write("a.py", "x = 1\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const auto import = [&](std::string_view name, std::string_view path) {
        return existence(*index, name, NameKind::import, path);
    };
    CHECK(import("left-pad", "a.js") == Existence::imported);
    CHECK(import("@scope/tool/part", "a.js") == Existence::imported);
    CHECK(import("@scope/other", "a.js") == Existence::unknown);
    CHECK(import("serde_json::value", "a.rs") == Existence::imported);
    CHECK(import("flask_login.utils", "a.py") == Existence::imported);
    CHECK(import("left-pad", "a.py") == Existence::unknown);
    // The edit may bring the manifest along.
    const std::string_view code = "import x from 'fresh-package';\n";
    CHECK(unknownIn(*index, {{"b.js", "", code}}) == Names{"import fresh-package:1"});
    CHECK(unknownIn(*index, {{"b.js", "", code},
                             {"package.json", "", R"({"dependencies": {"fresh-package": "1"}})"}})
              .empty());
}

TEST_CASE("What only looks like a type is none", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(
        unknownIn(*index, {{"src/a_test.cc", "", "TEST(list_test, counts_all) {\n  other();\n}\n"}})
            .empty());
    CHECK(unknownIn(*index, {{"src/t.h", "",
                              "template <typename CodeUnit, int WIDTH>\n"
                              "struct pair { CodeUnit first; other<CodeUnit, WIDTH> rest; };\n"}})
              .size() <= 1);  // `other` is a function here, no template
    CHECK(unknownIn(*index, {{"src/t.c", "", "void f(void) {\n  no_type x;\n  use(x);\n}\n"}}) ==
          Names{"type no_type:2", "function use:3"});
}

TEST_CASE("A script without an extension is asked about in its own language", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(
        unknownIn(*index, {{"tools/check", "", "#!/usr/bin/env python3\nimport sys, nowhere\n"}}) ==
        Names{"import nowhere:2"});
}

TEST_CASE("What an included library's header may declare is not called unknown",
          "[indexer][exists]") {
    const Repository repository;
    repository.write("src/tls.c",
                     "#include <gnutls/gnutls.h>\n#include <openssl/ssl.h>\n#include <ruby.h>\n"
                     "int tls(void) { return gnutls_init(0, 1) + SSL_new(0); }\n"
                     "int ssl_state(void) { return ssl_depth(); }\n"
                     "int ssl_depth(void) { return 0; }\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const auto c = [&](std::string_view name) {
        return existence(*index, name, NameKind::function, "src/other.c");
    };
    CHECK(c("gnutls_bye") == Existence::imported);
    CHECK(c("SSL_free") == Existence::imported);
    CHECK(c("rb_gc_location") == Existence::imported);
    CHECK(c("gnutl_bye") == Existence::unknown);
    CHECK(c("ssl_width") == Existence::unknown);  // the repository's own beginning of names
}

TEST_CASE("Windows' names are known where its headers are included", "[indexer][exists]") {
    for (const bool isWindows : {false, true}) {
        CAPTURE(isWindows);
        const Repository repository;
        repository.write("src/a.c", isWindows ? "#include <windows.h>\nint a;\n" : "int a;\n");
        repository.commitAll("first");
        const auto index = repository.open();
        REQUIRE(index->update({}, {}));
        CHECK((existence(*index, "CertFreeCRLContext", NameKind::function, "src/a.c") ==
               Existence::builtIn) == isWindows);
        CHECK(existence(*index, "CertFreeEverything", NameKind::function, "src/a.c") ==
              Existence::unknown);
    }
}

TEST_CASE("A field that a macro declares is no type", "[indexer][exists]") {
    const Repository repository;
    repository.write("src/bit.h", "#define BIT(name) unsigned name : 1\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const std::string text =
        "#include \"bit.h\"\n/* is idle */\nstruct pool {\n    BIT(idle);\n};\n"
        "int busy(struct pool* pool) { return !pool->idle; }\n";
    CHECK(unknownIn(*index, {{.path = "src/pool.c", .after = text}}) == Names{});
}

#include "indexer/links/signature.h"
#include "indexer/outline/evidence.h"
#include "tests/catch.h"
#include "tests/indexer/links_sample.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::LinksSample;

TEST_CASE("Python: imports, packages and what they pass on", "[indexer][links]") {
    const LinksSample sample = {
        {"app/__init__.py", "from .core import load as load_all\n"},
        {"app/core.py",
         "def load(path):\n    return path\n\ndef save(path):\n    return load(path)\n"},
        {"app/util/__init__.py", "def trim(text):\n    return text\n"},
        {"main.py",
         "import os\nimport app.core\nfrom app import load_all, util\n"
         "from app.core import (save,\n    load as fetch)\n\n"
         "def run():\n    load_all(1)\n    util.trim(2)\n    app.core.save(3)\n"
         "    fetch(4)\n    os.getcwd()\n    print(5)\n    save(6)\n"},
        {"other.py", "def getcwd():\n    pass\n"},
    };
    CHECK(sample.at("main.py", 8, "load_all") == "definition imported app/core.py:1");
    CHECK(sample.at("main.py", 9, "trim") == "definition imported app/util/__init__.py:1");
    CHECK(sample.at("main.py", 10, "save") == "definition imported app/core.py:4");
    CHECK(sample.at("main.py", 11, "fetch") == "definition imported app/core.py:1");
    CHECK(sample.at("main.py", 12, "getcwd").starts_with("outside"));
    CHECK(sample.at("main.py", 13, "print").starts_with("outside"));
    CHECK(sample.at("app/core.py", 5, "load") == "definition same_file app/core.py:1");
}

TEST_CASE("Python: methods by self, bases, types of locals and attributes", "[indexer][links]") {
    const LinksSample sample = {
        {"base.py",
         "class Base:\n    def close(self):\n        pass\n\n"
         "    def open(self):\n        self.close()\n"},
        {"store.py",
         "from base import Base\n\n\nclass Log:\n    def write(self, text):\n"
         "        pass\n\n\nclass Store(Base):\n    def __init__(self, log: Log):\n"
         "        self.log = log\n\n    def save(self):\n        self.close()\n"
         "        self.log.write('x')\n        super().open()\n\n\n"
         "def make() -> Store:\n    return Store(Log())\n"},
        {"main.py",
         "from store import Store, make\n\n\ndef run(thing):\n    store = make()\n"
         "    store.save()\n    text = ''\n    text.write(1)\n"
         "    thing.write(2)\n    make().save()\n"},
        {"noise.py", "class Noise:\n    def write(self, a, b):\n        pass\n"},
    };
    CHECK(sample.at("base.py", 6, "close") == "definition local base.py:2");
    CHECK(sample.at("store.py", 14, "close") == "definition local base.py:2");
    CHECK(sample.at("store.py", 15, "write") == "definition shape store.py:5");
    CHECK(sample.at("store.py", 16, "open") == "definition local base.py:5");
    CHECK(sample.at("main.py", 6, "save") == "definition shape store.py:13");
    CHECK(sample.at("main.py", 8, "write").starts_with("outside"));
    CHECK(sample.at("main.py", 10, "save") == "definition shape store.py:13");
}

TEST_CASE("TypeScript: relative imports, barrels, tsconfig paths, types", "[indexer][links]") {
    const LinksSample sample = {
        {"tsconfig.json",
         "{ // comments are allowed\n\"compilerOptions\": {\"baseUrl\": \".\", "
         "\"paths\": {\"@lib/*\": [\"src/lib/*\"]}}}\n"},
        {"src/lib/query.ts",
         "export class Query {\n    run(): number { return 1 }\n}\n"
         "export function build(): Query { return new Query() }\n"},
        {"src/lib/index.ts", "export * from './query'\nexport { log as say } from './log'\n"},
        {"src/lib/log.ts", "export function log(text: string) {}\n"},
        {"src/main.ts",
         "import { build, Query, say } from './lib'\n"
         "import { log } from '@lib/log'\nimport fs from 'fs'\n"
         "class Service {\n    constructor(private readonly query: Query) {}\n"
         "    go() {\n        const made = build()\n        made.run()\n"
         "        this.query.run()\n        say('a')\n        log('b')\n"
         "        fs.run()\n        return new Query()\n    }\n}\n"},
    };
    CHECK(sample.at("src/main.ts", 7, "build") == "definition imported src/lib/query.ts:4");
    CHECK(sample.at("src/main.ts", 8, "run") == "definition shape src/lib/query.ts:2");
    CHECK(sample.at("src/main.ts", 10, "say") == "definition imported src/lib/log.ts:1");
    CHECK(sample.at("src/main.ts", 11, "log") == "definition imported src/lib/log.ts:1");
    CHECK(sample.at("src/main.ts", 13, "Query") == "definition imported src/lib/query.ts:1");
    const auto callees = sample.index().callees({"src/main.ts", "go", 6}, 20);
    REQUIRE(callees);
    const auto runs = std::count_if(callees->begin(), callees->end(),
                                    [](const CallEdge& edge) { return edge.other.name == "run"; });
    CHECK(runs == 2);  // not fs.run()
}

TEST_CASE("Go and Rust: packages and modules", "[indexer][links]") {
    const LinksSample sample = {
        {"go.mod", "module example.com/app\n"},
        {"store/store.go",
         "package store\n\ntype Store struct{}\n\n"
         "func New() *Store { return &Store{} }\n\n"
         "func (s *Store) Save() int { return help() }\n"},
        {"store/help.go", "package store\n\nfunc help() int { return 1 }\n"},
        {"main.go",
         "package main\n\nimport \"example.com/app/store\"\n\n"
         "func main() {\n\ts := store.New()\n\ts.Save()\n}\n"},
        {"Cargo.toml", "[package]\nname = \"app\"\n"},
        {"src/main.rs",
         "mod net;\nuse crate::net::{dial, Peer};\n"
         "fn main() {\n    dial();\n    let p = Peer::new();\n}\n"},
        {"src/net.rs",
         "pub struct Peer;\nimpl Peer {\n    pub fn new() -> Peer { Peer }\n}\n"
         "pub fn dial() {}\n"},
    };
    CHECK(sample.at("main.go", 6, "New") == "definition imported store/store.go:5");
    CHECK(sample.at("main.go", 7, "Save") == "definition shape store/store.go:7");
    CHECK(sample.at("store/store.go", 7, "help") == "definition same_package store/help.go:3");
    CHECK(sample.at("src/main.rs", 4, "dial") == "definition imported src/net.rs:5");
    CHECK(sample.at("src/main.rs", 5, "new") == "definition shape src/net.rs:3");
}

TEST_CASE("A receiver is names and calls, without arguments", "[indexer][links]") {
    CHECK(receiverText("conn->type.") == "conn.type");
    CHECK(receiverText("f(a, b)[0].g(\"(\")?.") == "f()[].g()");
    CHECK(receiverText("ns::Type<int>::") == "ns::Type::");
    CHECK(receiverText("new Foo(1)") == "Foo()");
    CHECK(receiverText("', '.") == "''");
    CHECK(receiverText("a + b") == "?");
    CHECK(receiverText("(unclosed") == "?");
    CHECK(typeText("const std::unique_ptr<Foo>&") == "Foo");
    CHECK(typeText("Optional[a.Foo]") == "a.Foo");
    CHECK(typeText(": Foo[]") == "Array");
    CHECK(boundNames("from .a import (b as c,  # why\n    d)") == "c=b d");
    CHECK(boundNames("import D, { type a as b } from './x'") == "D=default b=a");
    CHECK(boundNames("export * from './x'") == ">*");
}

TEST_CASE("A signature says how many arguments it takes and what it returns", "[indexer][links]") {
    const auto holds = [](NameWorld world, const char* line, const char* name, int32_t count) {
        return argumentRange(world, line, name).holds(count);
    };
    CHECK(holds(NameWorld::c, "int add(int a, int b)", "add", 2));
    CHECK_FALSE(holds(NameWorld::c, "int add(int a, int b)", "add", 3));
    CHECK(holds(NameWorld::c, "int say(const char *format, ...)", "say", 5));
    CHECK(holds(NameWorld::python, "def go(self, a, b=1, *rest)", "go", 1));
    CHECK_FALSE(holds(NameWorld::python, "def go(self, a, b=1)", "go", 0));
    CHECK(holds(NameWorld::javascript, "go(a: Map<x, y>, b?: z): void", "go", 1));
    CHECK(typeOfSignature(NameWorld::python, "def go(a) -> x.Foo", "go") == ":x/Foo");
    CHECK(typeOfSignature(NameWorld::c, "static Foo *make(int n)", "make") == ":Foo");
    CHECK(typeOfSignature(NameWorld::javascript, "private log: Log", "log") == ":Log");
    // No name, as a damaged index may give: nothing is found, and it ends.
    CHECK(typeOfSignature(NameWorld::c, "static Foo *make(int n)", "").empty());
}

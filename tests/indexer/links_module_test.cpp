// Languages whose grammars are modules.
#include "tests/catch.h"
#include "tests/indexer/links_sample.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::LinksSample;

TEST_CASE("Ruby: what a file requires comes before what else is called so", "[indexer][links]") {
    const LinksSample sample = {
        {"lib/app/store.rb",
         "require 'set'\nmodule App\n  class Store\n    def save(a)\n      a\n    end\n  "
         "end\nend\n"},
        {"lib/app.rb", "require 'app/store'\n\ndef boot(path)\n  path\nend\n"},
        {"spec/store.rb", "class Store\n  def save(a, b)\n  end\nend\n"},
        {"lib/set.rb", "class Set\nend\n"},
        {"exe/run.rb",
         "require_relative '../lib/app'\nrequire 'json'\n\nboot(1)\nStore.new\n"
         "def run(x)\n  Store.new.save(x)\nend\n"},
    };
    CHECK(sample.at("exe/run.rb", 4, "boot") == "definition imported lib/app.rb:3");
    CHECK(sample.at("exe/run.rb", 5, "Store") == "definition imported lib/app/store.rb:3");
}

TEST_CASE("C#: namespaces around a file and those it uses", "[indexer][links]") {
    const LinksSample sample = {
        {"core/Store.cs",
         "namespace App.Core {\n  public class Store {\n    public void Save(int a) {}\n  }\n}\n"},
        {"other/Store.cs",
         "namespace App.Other {\n  public class Store {\n    public void Save(int a) {}\n  }\n}\n"},
        {"core/Util.cs",
         "namespace App.Core;\npublic static class Util {\n  public static int Trim(int a) => "
         "a;\n}\n"},
        {"log/Logger.cs",
         "namespace App.Logging { public class Logger { public void Write(int a) {} } }\n"},
        {"main/Runner.cs",
         "using System;\nusing App.Core;\nusing static App.Core.Util;\n"
         "using Log = App.Logging.Logger;\nnamespace App.Main {\n  public class Runner {\n"
         "    private readonly Store store;\n    public void Run() {\n      new Store();\n"
         "      Util.Trim(1);\n      Trim(2);\n      new Log();\n      Stop();\n"
         "      Console.WriteLine(3);\n    }\n    void Stop() { }\n  }\n}\n"},
    };
    CHECK(sample.at("main/Runner.cs", 9, "Store") == "definition imported core/Store.cs:2");
    CHECK(sample.at("main/Runner.cs", 10, "Trim") == "definition shape core/Util.cs:3");
    CHECK(sample.at("main/Runner.cs", 11, "Trim") == "definition imported core/Util.cs:3");
    CHECK(sample.at("main/Runner.cs", 12, "Log") == "definition imported log/Logger.cs:1");
    CHECK(sample.at("main/Runner.cs", 13, "Stop") == "definition local main/Runner.cs:16");
    CHECK(sample.at("main/Runner.cs", 14, "WriteLine").starts_with("outside"));
}

TEST_CASE("Rust: variants are made by calls, and what nothing here defines is the prelude's",
          "[indexer][links]") {
    const LinksSample sample = {
        {"Cargo.toml", "[package]\nname = \"sample\"\n"},
        {"src/lib.rs", "mod error;\nmod path;\nmod print;\n"},
        {"src/error.rs",
         "pub enum ErrorKind {\n    Banned(u8),\n}\npub trait Reads {\n    type Err;\n}\n"},
        {"src/print.rs",
         "pub fn write(a: u8) {}\npub struct Page;\nimpl Page {\n    pub fn new() "
         "-> Page {\n        Page\n    }\n}\n"},
        {"src/path.rs",
         "use crate::error::ErrorKind;\nuse crate::print;\npub struct Path;\nimpl Path {\n    pub "
         "fn new() -> Path {\n        Path\n    }\n}\n"
         "fn run() {\n    let page = print::Page::new();\n    let kind = ErrorKind::Banned(1);\n"
         "    write!(page, \"x\");\n}\n"},
    };
    CHECK(sample.at("src/path.rs", 10, "new") == "definition shape src/print.rs:4");
    CHECK(sample.at("src/path.rs", 11, "Banned") == "definition shape src/error.rs:2");
    CHECK(sample.at("src/path.rs", 12, "write") == "outside none");
}

TEST_CASE("Rust: modules that import all of each other are walked once", "[indexer][links]") {
    constexpr int kModules = 24;  // 24 to the power of 8 ways from one to the next
    const moxie::testing::Repository repository(moxie::testing::Repository::Kind::plain);
    std::string modules;
    std::string imports;
    for (int i = 0; i < kModules; ++i) {
        modules += fmt::format("pub mod m{};\n", i);
        imports += fmt::format("pub use crate::m{}::*;\n", i);
    }
    repository.write("Cargo.toml", "[package]\nname = \"sample\"\n");
    repository.write("src/lib.rs", modules);
    for (int i = 1; i < kModules; ++i)
        repository.write(fmt::format("src/m{}.rs", i), imports);
    repository.write("src/m23.rs", imports + "pub fn far() {}\n");
    repository.write("src/m0.rs", imports + "fn run() {\n    far();\n    gone();\n}\n");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const auto far = index->resolve("src/m0.rs", kModules + 2, "far");
    REQUIRE(far);
    REQUIRE(far->targets.size() == 1);
    CHECK(far->targets[0].path == "src/m23.rs");
    const auto gone = index->resolve("src/m0.rs", kModules + 3, "gone");
    REQUIRE(gone);
    CHECK(gone->targets.empty());
}

TEST_CASE("Java: a package is the same below every root of sources", "[indexer][links]") {
    const LinksSample sample = {
        {"src/main/java/org/app/Store.java",
         "package org.app;\npublic class Store {\n    public Store(int a) {}\n}\n"},
        {"src/main/java/org/other/Store.java",
         "package org.other;\npublic class Store {\n    public Store(int a) {}\n}\n"},
        {"src/test/java/org/app/StoreTest.java",
         "package org.app;\nclass StoreTest {\n    void run() {\n        new Store(1);\n    "
         "}\n}\n"},
    };
    CHECK(sample.at("src/test/java/org/app/StoreTest.java", 4, "Store")
              .starts_with("definition same_package src/main/java/org/app/Store.java"));
}

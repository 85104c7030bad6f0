// Ruby: methods of self, of types put together from several places, and what makes them besides
// def.
#include <ctime>

#include "indexer/outline/outline.h"
#include "tests/catch.h"
#include "tests/indexer/links_sample.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::LinksSample;
using moxie::testing::Repository;

namespace {

// "kind parent.name signature", one a line; fields and methods only.
std::string membersOf(const std::string& text) {
    Outliner outliner;
    const auto outline = outliner.outline(language(languageOfPath("a.rb")), text, {});
    REQUIRE(outline);
    std::string out;
    for (const OutlineSymbol& symbol : outline->symbols)
        if (symbol.kind == SymbolKind::field || symbol.kind == SymbolKind::method)
            out += std::string(toString(symbol.kind)) + " " + std::string(symbol.parent) + "." +
                   std::string(symbol.name) + " " + symbol.signature + "\n";
    return out;
}

double threadSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

}  // namespace

TEST_CASE("Ruby: a name without receiver is a method of self", "[indexer][links]") {
    const LinksSample sample = {
        {"lib/store.rb",
         "class Store\n"             // 1
         "  def save(a)\n"           // 2
         "    check\n"               // 3
         "    write a, 1\n"          // 4
         "    self.check\n"          // 5
         "    size = 3\n"            // 6
         "    size\n"                // 7
         "    puts size\n"           // 8
         "  end\n"                   // 9
         "  def check; end\n"        // 10
         "  def write(a, b); end\n"  // 11
         "  def size; end\n"         // 12
         "  def puts_all; check; end\n"
         "  def self.open(path)\n"  // 14
         "    check\n"              // 15: not a method of the class
         "    build(path)\n"        // 16
         "    new(path)\n"          // 17
         "  end\n"
         "  def self.build(path); end\n"                                // 19
         "  class << self\n"                                            // 20
         "    def load; build(1); dump; end\n"                          // 21
         "    def dump; end\n"                                          // 22
         "  end\n"                                                      // 23
         "  def initialize(path = nil); end\n"                          // 24
         "  def copy; self.class.load; self.class.new(1).check; end\n"  // 25
         "end\n"},
    };
    CHECK(sample.at("lib/store.rb", 3, "check") == "definition local lib/store.rb:10");
    CHECK(sample.at("lib/store.rb", 4, "write") == "definition local lib/store.rb:11");
    CHECK(sample.at("lib/store.rb", 5, "check") == "definition local lib/store.rb:10");
    CHECK(sample.at("lib/store.rb", 7, "size").starts_with("error"));
    CHECK(sample.at("lib/store.rb", 8, "puts").starts_with("outside"));
    CHECK(sample.at("lib/store.rb", 15, "check").starts_with("outside"));
    CHECK(sample.at("lib/store.rb", 16, "build") == "definition local lib/store.rb:19");
    CHECK(sample.at("lib/store.rb", 17, "new") == "definition local lib/store.rb:24");
    CHECK(sample.at("lib/store.rb", 21, "build") == "definition local lib/store.rb:19");
    CHECK(sample.at("lib/store.rb", 21, "dump") == "definition local lib/store.rb:22");
    CHECK(sample.at("lib/store.rb", 25, "load") == "definition local lib/store.rb:21");
    CHECK(sample.at("lib/store.rb", 25, "check") == "definition shape lib/store.rb:10");
    const auto callers =
        sample.index().callers({.path = "lib/store.rb", .name = "initialize", .lineFirst = 24}, 10);
    REQUIRE(callers);
    CHECK(callers->size() == 2);
}

TEST_CASE("Ruby: methods come from superclasses and mixed-in modules", "[indexer][links]") {
    const LinksSample sample = {
        {"lib/app/base.rb",
         "module App\n"
         "  class Base\n"
         "    def run; step; end\n"  // 3: those below define it
         "    def stop; end\n"       // 4
         "    def self.make; end\n"  // 5
         "  end\n"
         "  module Log\n"
         "    def log(text); level; end\n"  // 8: those who include it have it
         "  end\n"
         "  module Find\n"
         "    def find(key); end\n"  // 11
         "  end\n"
         "end\n"},
        {"lib/app/job.rb",
         "module App\n"
         "  class Job < Base\n"
         "    include Log\n"
         "    extend Find\n"
         "    def step\n"   // 5
         "      stop\n"     // 6
         "      log 'x'\n"  // 7
         "      find 1\n"   // 8: of the class, not of its values
         "    end\n"
         "    def level; end\n"  // 10
         "    def self.all\n"
         "      find 1\n"  // 12
         "      make\n"    // 13
         "    end\n"
         "  end\n"
         "end\n"},
        {"lib/app/tool.rb",
         "module App\n  module Tool\n    module_function\n    def trim(a); cut(a); end\n"
         "    def cut(a); end\n    def Tool::pad; end\n  end\nend\n"},
        {"lib/run.rb",
         "App::Job.find(2)\n"                                     // 1
         "App::Job.make\n"                                        // 2
         "App::Tool.trim(3)\n"                                    // 3
         "class Other < App::Job\n"                               // 4
         "  def go; stop; Thing.new; App::Job.new.log(4); end\n"  // 5
         "end\n"                                                  // 6
         "class Far < Gem::Thing\n"                               // 7
         "  def go; stop; end\n"                                  // 8: may be the gem's
         "end\n"
         "App::Tool.pad\n"},
    };
    CHECK(sample.at("lib/app/base.rb", 3, "step") == "definition unique lib/app/job.rb:5");
    CHECK(sample.at("lib/app/base.rb", 8, "level") == "definition unique lib/app/job.rb:10");
    CHECK(sample.at("lib/app/job.rb", 6, "stop") == "definition local lib/app/base.rb:4");
    CHECK(sample.at("lib/app/job.rb", 7, "log") == "definition local lib/app/base.rb:8");
    CHECK(sample.at("lib/app/job.rb", 8, "find").starts_with("outside"));
    CHECK(sample.at("lib/app/job.rb", 12, "find") == "definition local lib/app/base.rb:11");
    CHECK(sample.at("lib/app/job.rb", 13, "make") == "definition local lib/app/base.rb:5");
    CHECK(sample.at("lib/app/tool.rb", 4, "cut") == "definition local lib/app/tool.rb:5");
    CHECK(sample.at("lib/run.rb", 1, "find") == "definition shape lib/app/base.rb:11");
    CHECK(sample.at("lib/run.rb", 2, "make") == "definition shape lib/app/base.rb:5");
    CHECK(sample.at("lib/run.rb", 3, "trim") == "definition shape lib/app/tool.rb:4");
    CHECK(sample.at("lib/run.rb", 5, "stop") == "definition local lib/app/base.rb:4");
    CHECK(sample.at("lib/run.rb", 5, "new").starts_with("outside"));
    CHECK(sample.at("lib/run.rb", 5, "log") == "definition shape lib/app/base.rb:8");
    CHECK(sample.at("lib/run.rb", 8, "stop").starts_with("outside"));
    CHECK(sample.at("lib/run.rb", 10, "pad") == "definition shape lib/app/tool.rb:6");
}

TEST_CASE("Ruby: of a class that several files open, and of two that are called alike",
          "[indexer][links]") {
    const LinksSample sample = {
        {"lib/a/task.rb", "module A\n  class Task\n    def run; name; end\n  end\nend\n"},
        {"lib/b/task.rb", "module B\n  class Task\n    def name; end\n  end\nend\n"},
        {"lib/a/more.rb", "class A::Task\n  def name; end\nend\n"},
        {"lib/a/list.rb", "module A\n  def self.first; Task.new.name; end\nend\n"},
        {"lib/string.rb", "class String\n  def shout; end\nend\n"},
        {"lib/two.rb",
         "class Two\n  if RUBY_VERSION > '2'\n    def now; end\n  else\n    def now; end\n  end\n"
         "  def go; now; 'x'.shout; 'x'.upcase; A::Gone.new.name; end\n"
         "  attr_reader :late\n  def late; end\n  def get; late; end\nend\n"},
        {"test/fake.rb", "module A\n  class Task\n    def fake; end\n  end\nend\n"},
        {"lib/a/last.rb", "class A::Task\n  def last; fake; end\nend\n"},
    };
    CHECK(sample.at("lib/a/task.rb", 3, "name") == "definition local lib/a/more.rb:2");
    CHECK(sample.at("lib/a/list.rb", 2, "name") == "definition shape lib/a/more.rb:2");
    CHECK(sample.at("lib/two.rb", 7, "now") == "definition local lib/two.rb:3");
    CHECK(sample.at("lib/two.rb", 7, "shout") == "definition local lib/string.rb:2");
    CHECK(sample.at("lib/two.rb", 7, "upcase").starts_with("outside"));
    CHECK(sample.at("lib/two.rb", 7, "name").starts_with("outside"));
    CHECK(sample.at("lib/two.rb", 10, "late") == "definition local lib/two.rb:9");
    CHECK(sample.at("lib/a/last.rb", 2, "fake").starts_with("outside"));
}

TEST_CASE("Ruby: methods that are made without def", "[indexer][links]") {
    CHECK(membersOf("class A\n"
                    "  attr_reader :a, 'b'\n"
                    "  alias_method :c, :a\n"
                    "  alias d a\n"
                    "  define_method(:e) { |x| x }\n"
                    "  def_delegators :@list, :f\n"
                    "  class << self\n"
                    "    attr_accessor :g\n"
                    "    def h; end\n"
                    "  end\n"
                    "  def self.i=(x); end\n"
                    "end\n"
                    "P = Struct.new(:x)\n") ==
          "field A.a attr_reader :a, 'b'\n"
          "field A.b attr_reader :a, 'b'\n"
          "field A.c alias_method :c, :a\n"
          "field A.d alias d a\n"
          "method A.e define_method(:e) { |x| x }\n"
          "field A.f def_delegators :@list, :f\n"
          "field A.g singleton_class.attr_accessor :g\n"
          "method A.h def self.h; end\n"
          "method A.i= def self.i=(x); end\n"
          "field P.x Struct.new(:x)\n");
    const LinksSample sample = {
        {"lib/job.rb",
         "class Job\n"                            // 1
         "  attr_reader :queue\n"                 // 2
         "  def initialize(queue)\n"              // 3
         "    @queue = Queue2.new(queue)\n"       // 4
         "    @limit = 3\n"                       // 5
         "  end\n"                                // 6
         "  def run\n"                            // 7
         "    queue.push(1)\n"                    // 8
         "    @queue.push(2)\n"                   // 9
         "    job = Queue2.new(1)\n"              // 10
         "    job.push(3)\n"                      // 11
         "    a, b = Queue2.new(1), nil\n"        // 12
         "    a.drop\n"                           // 13
         "  end\n"                                // 14
         "end\n"                                  // 15
         "class Queue2\n"                         // 16
         "  def initialize(a, b: 1, **c); end\n"  // 17
         "  def push(*many); end\n"               // 18
         "  def drop; end\n"                      // 19
         "end\n"                                  // 20
         "class Bag\n"                            // 21
         "  def drop; end\n"                      // 22
         "end\n"},
    };
    CHECK(sample.at("lib/job.rb", 8, "queue") == "definition local lib/job.rb:2");
    CHECK(sample.at("lib/job.rb", 4, "new") == "definition shape lib/job.rb:17");
    CHECK(sample.at("lib/job.rb", 8, "push") == "definition shape lib/job.rb:18");
    CHECK(sample.at("lib/job.rb", 9, "push") == "definition shape lib/job.rb:18");
    CHECK(sample.at("lib/job.rb", 11, "push") == "definition shape lib/job.rb:18");
    CHECK(sample.at("lib/job.rb", 13, "drop").starts_with("ambiguous unique"));
}

TEST_CASE("Ruby: what is assigned, what has no arguments, and locals of a file",
          "[indexer][links]") {
    const LinksSample sample = {
        {"lib/page.rb",
         "class Page\n"                            // 1
         "  attr_writer :docs\n"                   // 2
         "  def docs; @docs; end\n"                // 3
         "  def fill; self.docs = 1; docs; end\n"  // 4
         "  def agent(pattern); end\n"             // 5
         "end\n"                                   // 6
         "def show(x)\n"                           // 7
         "  x.agent\n"                             // 8: of something else
         "  x.agent 'a'\n"                         // 9
         "end\n"},
        {"lib/top.rb", "context = 1\nputs context\n"},
        {"spec/a.rb", "describe 'a' do\n  context 'b' do\n  end\nend\n"},
    };
    CHECK(sample.at("lib/page.rb", 4, "docs") == "definition local lib/page.rb:2");
    CHECK(sample.at("lib/page.rb", 8, "agent").starts_with("outside"));
    CHECK(sample.at("spec/a.rb", 2, "context").starts_with("outside"));
}

TEST_CASE("Ruby: classes that are their own base or mixin end no walk", "[indexer][links]") {
    const LinksSample sample = {
        {"a.rb",
         "class A < A\n"            // 1
         "  include A\n"            // 2
         "  extend A\n"             // 3
         "  def f; go; hop; end\n"  // 4
         "  def go; end\n"          // 5
         "end\n"
         "module B\n  include C\nend\n"                      // 7
         "module C\n  include B\n  def f; p_of; end\nend\n"  // 10
         "class X < Y\nend\n"                                // 14
         "class Y < X\n  def f; X.queue; far; end\nend\n"},  // 16
    };
    CHECK(sample.at("a.rb", 4, "go") == "definition local a.rb:5");
    CHECK(sample.at("a.rb", 4, "hop").starts_with("outside"));
    CHECK(sample.at("a.rb", 12, "p_of").starts_with("outside"));
    CHECK(sample.at("a.rb", 17, "queue").starts_with("outside"));
    CHECK(sample.at("a.rb", 17, "far").starts_with("outside"));
}

// Before: 0.7 s for the first, more than 100 s for the second with half as many.
TEST_CASE("Ruby: ten thousand openings and definitions cost time in proportion",
          "[indexer][links]") {
    constexpr int kTimes = 10'000;
    std::string reopened = "module M\n  def part; end\nend\n", defined = "class A\n";
    for (int i = 0; i < kTimes; i++) {
        reopened += "class E\n  include M\n  def m" + std::to_string(i) + "; part; end\nend\n";
        defined += "  def initialize; A.new; end\n";
    }
    defined += "end\n";
    const Repository repository(Repository::Kind::plain);
    repository.write("a.rb", reopened);
    repository.write("b.rb", defined);
    const auto index =
        openIndex({.root = repository.root(), .cacheFile = repository.cacheFile(), .threads = 0});
    REQUIRE(index);
    REQUIRE((*index)->update({}, {}));
    const double start = threadSeconds();
    const auto link = (*index)->resolve("a.rb", 6, "part");
    REQUIRE(link);
    REQUIRE(link->targets.size() == 1);
    CHECK(link->targets[0].lineFirst == 2);
    const auto callers =
        (*index)->callers({.path = "b.rb", .name = "initialize", .lineFirst = 2}, 20'000);
    REQUIRE(callers);
    CHECK(callers->size() == kTimes);
    CHECK(threadSeconds() - start < 5);
}

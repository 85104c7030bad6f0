// Ruby: types are open, so a name is called unknown only where everything that may define it is in
// sight.
#include <algorithm>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

// "name: verdict reason" of what the text begins to use and nobody defines.
std::vector<std::string> doubtsIn(const Index& index, std::string_view path,
                                  std::string_view text) {
    const auto verdicts = index.nameVerdicts({{.path = path, .before = {}, .after = text}}, {});
    if (!verdicts) FAIL(verdicts.error().message());
    std::vector<std::string> out;
    for (const NameVerdict& verdict : *verdicts)
        if (verdict.existence == Existence::unknown)
            out.push_back(verdict.name);
        else if (verdict.existence == Existence::unsure)
            out.push_back(verdict.name + ": " + std::string(verdict.reason));
    return out;
}

using Names = std::vector<std::string>;

std::unique_ptr<Index> openedWith(const Repository& repository) {
    repository.write("lib/shop/cart.rb",
                     "module Shop\n"
                     "  class Cart\n"
                     "    attr_reader :items\n"
                     "    def total(rate); items.sum { |item| item }; end\n"
                     "    def each_item; yield 1; end\n"
                     "    def configure(&block); instance_eval(&block); end\n"
                     "    def pass_on(&block); other(&block); end\n"
                     "    def self.open(path); new; end\n"
                     "  end\n"
                     "  module Log\n"
                     "    def log(text); text; end\n"
                     "  end\n"
                     "  class Page < Outer::Base\n"
                     "  end\n"
                     "  class Maker\n"
                     "    NAMES.each { |name| define_method(name) { 1 } }\n"
                     "  end\n"
                     "end\n");
    repository.commitAll("first");
    auto index = repository.open();
    REQUIRE(index->update({}, {}));
    return index;
}

constexpr std::string_view kUnseen = ": a base or mixin is not in the repository";
constexpr std::string_view kMade = ": a type around or below it makes methods while it runs";
constexpr std::string_view kNoType = ": called on something of unknown type";

std::string because(std::string_view name, std::string_view reason) {
    return std::string(name) + std::string(reason);
}

}  // namespace

TEST_CASE("Ruby: a call on self is unknown if all of its class is in sight", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(doubtsIn(*index, "lib/shop/cart_more.rb",
                   "module Shop\n"
                   "  class Cart\n"
                   "    def sum_up\n"
                   "      totl 1\n"
                   "      self.itms\n"
                   "      each_item { |one| puts totel(one) }\n"
                   "      configure { rate 3 }\n"
                   "      pass_on { rated 3 }\n"
                   "    end\n"
                   "    def self.make; opn('x'); end\n"
                   "  end\n"
                   "end\n") == Names{"totl", "itms", "totel",
                                     "rate: in a block that may run with another self",
                                     "rated: in a block that may run with another self", "opn"});
}

TEST_CASE("Ruby: a call on a type or its value is unknown if all of the type is in sight",
          "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    CHECK(doubtsIn(*index, "lib/run.rb",
                   "class Run\n"
                   "  def go(thing)\n"
                   "    Shop::Cart.opened('x')\n"
                   "    cart = Shop::Cart.new\n"
                   "    cart.totals\n"
                   "    @cart = Shop::Cart.new\n"
                   "    @cart.totaled\n"
                   "    thing.grand_total\n"
                   "    Shop::Page.rendered\n"
                   "    Shop::Maker.new.made_up\n"
                   "    Shop::Carts\n"
                   "    Far::Away\n"
                   "  end\n"
                   "end\n") == Names{"opened", "totals", "totaled", because("grand_total", kNoType),
                                     because("rendered", kUnseen), because("made_up", kMade)});
}

TEST_CASE("Ruby: a base, a mixin or a maker that is out of sight leaves a name unsure",
          "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"class A < Gone::Base\n  def f; no_such(1); end\nend\n", kUnseen},
        {"class A < Shop::Page\n  def f; no_such(1); end\nend\n", kUnseen},
        {"class A\n  include Gone\n  def f; no_such(1); end\nend\n", kUnseen},
        {"class A\n  extend Gone\n  def self.f; no_such(1); end\nend\n", kUnseen},
        {"class A < DelegateClass(B)\n  def f; no_such(1); end\nend\n", kMade},
        {"class A < Struct.new(*NAMES)\n  def f; no_such(1); end\nend\n", kMade},
        {"class A < OpenStruct\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  include helper_of(1)\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  attr_reader(*NAMES)\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  define_method(\"a_#{1}\") { 1 }\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  def g(n); self.class.send(:define_method, n) {}; end\n"
         "  def f; no_such(1); end\nend\n",
         kMade},
        {"class A\n  class_eval \"def a; end\"\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  def method_missing(name); 1; end\n  def f; no_such(1); end\nend\n", kMade},
        {"class A\n  has_many :things\n  def f; no_such(1); end\nend\n", kMade},
        {"class Gone::A\n  def f; no_such(1); end\nend\n", ": a type that a package opens too"},
        {"require 'far/away'\nmodule Far\n  def self.f; no_such(1); end\nend\n",
         ": a type that a package opens too"},
        {"module M\n  def f; no_such(1); end\nend\n", ": a module that is mixed in elsewhere"},
        {"no_such(1)\n", ": at the top of a script, where what runs it adds methods"},
    };
    for (const auto& [text, reason] : cases) {
        CAPTURE(text);
        const Names doubts = doubtsIn(*index, "lib/a.rb", text);
        CHECK(std::find(doubts.begin(), doubts.end(), because("no_such", reason)) != doubts.end());
        CHECK(std::find(doubts.begin(), doubts.end(), "no_such") == doubts.end());
    }
    const std::string_view closed[] = {
        "class A < Shop::Cart\n  include Shop::Log\n  def f; no_such(1); end\nend\n",
        "class A < Struct.new(:a, :b)\n  def f; no_such(1); end\nend\n",
        "class A < StandardError\n  include Comparable\n  def f; no_such(1); end\nend\n",
        "class A\n  attr_reader :a\n  define_method(:b) { 1 }\n  def f; no_such(1); end\nend\n",
        "module M\n  def self.f; no_such(1); end\nend\n",
        "module M\n  def f; no_such(1); end\nend\nclass A\n  include M\nend\n",
    };
    for (const std::string_view text : closed) {
        CAPTURE(text);
        CHECK(doubtsIn(*index, "lib/a.rb", text) == Names{"no_such"});
    }
}

TEST_CASE("Ruby: a package may open a module of the repository too", "[indexer][exists]") {
    const Repository repository;
    repository.write(
        "lib/rack/guard.rb",
        "require 'rack/utils'\nmodule Rack\n  class Guard\n    def go; end\n  end\nend\n");
    repository.write("lib/rack/big_guard.rb", "module Rack\n  class BigGuard\n  end\nend\n");
    repository.write("lib/patch.rb",
                     "module Rack\n  class Request\n    def ours; end\n  end\nend\n");
    repository.write("Gemfile", "gem 'rack'\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    CHECK(
        doubtsIn(*index, "lib/a.rb",
                 "class A\n  def f; Rack.lint(1); Rack::Guard.lints(1); Rack::Utils.x_of(1); end\n"
                 "  def g; Rack::BigGuard.lint_of(1); Rack::Request.made_of(1); end\n"
                 "end\n") == Names{"lint: a type that a package opens too", "lints",
                                   because("x_of", kNoType), "lint_of",
                                   "made_of: a type that a package opens too"});
}

TEST_CASE("Ruby: a package is unknown if the manifests do not name it", "[indexer][exists]") {
    const Repository repository;
    repository.write("lib/a.rb", "A = 1\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const std::string_view text =
        "require 'no_such'\nbegin\n  require 'not_needed'\nrescue LoadError\n  nil\nend\n";
    CHECK(doubtsIn(*index, "lib/b.rb", text) ==
          Names{"no_such: no manifest names the packages",
                "not_needed: no manifest names the packages"});
    repository.write("Gemfile", "gem 'rack-test'\n");
    REQUIRE(index->update({}, {}));
    CHECK(doubtsIn(*index, "lib/b.rb", text) ==
          Names{"no_such", "not_needed: a package that need not be there"});
    CHECK(doubtsIn(*index, "lib/c.rb", "require 'rack_test'\n").empty());
}

TEST_CASE("Ruby: asked without a place, a name is unsure if anything is out of sight",
          "[indexer][exists]") {
    const Repository repository;
    repository.write("lib/a.rb", "class A\n  def f; end\nend\n");
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const auto ask = [&](std::string_view name) {
        const auto answer = index->exists(name, NameKind::method, {.path = "lib/a.rb"});
        REQUIRE(answer);
        return *answer;
    };
    CHECK(ask("f") == Existence::defined);
    CHECK(ask("g_of") == Existence::unknown);
    repository.write("lib/b.rb", "class B < Gone\nend\n");
    REQUIRE(index->update({}, {}));
    CHECK(ask("g_of") == Existence::unsure);
}

TEST_CASE("Ruby: texts that are made to be hard do no harm", "[indexer][exists]") {
    const Repository repository;
    const auto index = openedWith(repository);
    std::string loops = "class A < A\n  include A\n  extend A\n  def f; no_such(1); end\nend\n";
    loops += "module B\n  include C\nend\nmodule C\n  include B\n  def g; nor_this(1); end\nend\n";
    CHECK(doubtsIn(*index, "lib/a.rb", loops) ==
          Names{"no_such", "nor_this: a module that is mixed in elsewhere"});
    std::string deep = "class D\n  def f\n";
    for (int i = 0; i < 5'000; i++)
        deep += "x { ";
    CHECK_FALSE(doubtsIn(*index, "lib/d.rb", deep + "no_such(1)").empty());
    std::string reopened;
    for (int i = 0; i < 5'000; i++)
        reopened +=
            "class E\n  include F" + std::to_string(i) + "\n  def f; no_such(1); end\nend\n";
    CHECK_FALSE(doubtsIn(*index, "lib/e.rb", reopened).empty());
    std::string mixed = "module Many\n  def f; no_such(1); end\nend\n", many = "class H\n";
    for (int i = 0; i < 5'000; i++) {
        const std::string number = std::to_string(i);
        mixed += "class H" + number + "\n  include Many\nend\n";
        many += "  include Comparable\n  def g" + number + "; not_" + number + "(1); end\n";
    }
    CHECK_FALSE(doubtsIn(*index, "lib/m.rb", mixed).empty());
    CHECK(doubtsIn(*index, "lib/h.rb", many + "end\n").size() == 5'000);
    CHECK_FALSE(
        doubtsIn(*index, "lib/n.rb", "class G\n  def f; no_\xff\xfe such(1); end\nend\n").empty());
    for (const std::string_view text : {"require do\nend\n", "class A < \nend\n", "send\nsend()\n",
                                        "class A\nsend(:\n", "class A\ninclude\ndefine_method\n"})
        doubtsIn(*index, "lib/s.rb", text);
}

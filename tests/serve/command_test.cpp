// `moxie serve` as a user types it.
#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using moxie::test::MoxieCommand;

TEST_CASE("moxie serve refuses an open address without a key before it loads a model", "[serve]") {
    const MoxieCommand moxie;
    const auto open = moxie.run({"serve", "--host", "0.0.0.0", "-m", "missing.gguf"});
    CHECK(open.exitCode == 2);
    CHECK(open.error.find("MOXIE_SERVE_KEY") != std::string::npos);
    CHECK(open.out.empty());
}

TEST_CASE("moxie serve says what is wrong with an address or a port", "[serve]") {
    const MoxieCommand moxie;
    const auto name = moxie.run({"serve", "--host", "example.com"});
    CHECK(name.exitCode == 2);
    CHECK(name.error.find("'example.com' is no address in numbers") != std::string::npos);
    const auto port = moxie.run({"serve", "--port", "70000"});
    CHECK(port.exitCode == 2);
    CHECK(port.error.find("70000") != std::string::npos);
    const auto model = moxie.run({"serve", "-m", "missing.gguf"});
    CHECK(model.exitCode == 1);
    CHECK(model.error.find("missing.gguf") != std::string::npos);
}

// One of several processes that share an index file. Usage: moxie_indexer_peer_child ROOT CACHE.
// Reads commands, a line each: "open", "update", "edit PATH" (takes in what the file holds), "ask",
// "close"; "open" closes the index that is open. Answers with a line each: "ok", "ok HASH" of what
// it was told, or "failed: " and why.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "indexer/index.h"
#include "tests/indexer/answers.h"

namespace {

using namespace moxie;

class Peer {
public:
    Peer(std::filesystem::path root, std::filesystem::path cache)
        : root_(std::move(root)),
          cache_(std::move(cache)) {}

    base::Result<std::string> run(const std::string& command);

private:
    const std::filesystem::path root_, cache_;
    std::unique_ptr<indexer::Index> index_;
};

base::Result<std::string> Peer::run(const std::string& command) {
    if (command == "open" || command == "close") index_.reset();
    if (command == "close") return std::string();
    if (command == "open") {
        TRY_ASSIGN(index_, indexer::openIndex({.root = root_, .cacheFile = cache_, .threads = 1}));
        return std::string();
    }
    if (!index_) return base::fail(base::Errc::invalidInput, "nothing is open");
    if (command == "update") {
        TRY(index_->update({}, {}));
        return std::string();
    }
    if (command == "ask") {
        const std::string answers = testing::answersOf(*index_);
        const size_t failed = answers.find("failed: ");
        if (failed == std::string::npos) return base::hash128(answers).hex();
        return base::fail(base::Errc::internal,
                          answers.substr(failed, answers.find('\n', failed) - failed));
    }
    constexpr std::string_view kEdit = "edit ";
    if (!command.starts_with(kEdit)) return base::fail(base::Errc::invalidInput, command);
    const std::string path = command.substr(kEdit.size());
    TRY_ASSIGN(const std::string text, base::readFile(root_ / path, 100'000));
    TRY(index_->updateText(path, text));
    return std::string();
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 1;
    Peer peer(arguments[1], arguments[2]);
    for (std::string command; std::getline(std::cin, command);) {
        const auto done = peer.run(command);
        if (done)
            fmt::print("ok {}\n", *done);
        else
            fmt::print("failed: {}: {}\n", toString(done.error().kind()), done.error().message());
        std::fflush(stdout);
    }
    return 0;
}

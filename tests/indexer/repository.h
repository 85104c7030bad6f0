// A real git repository in a temporary folder, removed at the end of the test.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "indexer/index.h"
#include "tests/catch.h"

namespace moxie::testing {

class Repository {
public:
    enum class Kind { git, plain };

    explicit Repository(Kind kind = Kind::git) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "moxie_index_XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        home_ = std::filesystem::canonical(pattern);
        std::filesystem::create_directory(root());
        if (kind == Kind::git) git("init -q -b main .");
    }

    ~Repository() {
        std::error_code ignored;
        std::filesystem::remove_all(home_, ignored);
    }

    Repository(const Repository&) = delete;
    Repository& operator=(const Repository&) = delete;

    std::filesystem::path root() const { return home_ / "repo"; }

    std::filesystem::path cacheFile(const std::string& name = "index.sqlite") const {
        return home_ / name;
    }

    void write(const std::string& path, std::string_view text) const {
        std::filesystem::create_directories((root() / path).parent_path());
        std::ofstream(root() / path, std::ios::binary) << text;
    }

    void git(const std::string& arguments) const {
        const std::string command = "cd '" + root().string() +
                                    "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null "
                                    "git -c user.name=T -c user.email=t@example.com " +
                                    arguments + " >/dev/null 2>&1";
        REQUIRE(std::system(command.c_str()) == 0);
    }

    void commitAll(const std::string& message) const {
        git("add -A");
        git("commit -q -m '" + message + "'");
    }

    std::unique_ptr<indexer::Index> open(const std::string& cache = "index.sqlite",
                                         int32_t threads = 2) const {
        auto index = indexer::openIndex({.root = root(),
                                         .cacheFile = cacheFile(cache),
                                         .threads = threads,
                                         .fileBytesMax = 100'000});
        REQUIRE(index);
        return std::move(*index);
    }

private:
    std::filesystem::path home_;
};

}  // namespace moxie::testing

// A repository whose files a test writes, and the answers about its links as text.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "tests/indexer/repository.h"

namespace moxie::testing {

class LinksSample {
public:
    LinksSample(std::initializer_list<std::pair<const char*, const char*>> files)
        : repository_(Repository::Kind::plain) {
        for (const auto& [path, text] : files)
            repository_.write(path, text);
        index_ = repository_.open();
        REQUIRE(index_->update({}, {}));
    }

    // "definition imported src/a.c:3", "outside none", "ambiguous unique a.c:1 b.c:1".
    std::string at(const char* path, int32_t line, const char* name) const {
        const auto link = index_->resolve(path, line, name);
        if (!link) return "error: " + link.error().message();
        std::string out = fmt::format("{} {}", toString(link->verdict), toString(link->rule));
        for (const indexer::LinkTarget& target : link->targets)
            out += fmt::format(" {}:{}", target.path, target.lineFirst);
        return out;
    }

    indexer::Index& index() const { return *index_; }

    const Repository& repository() const { return repository_; }

private:
    Repository repository_;
    std::unique_ptr<indexer::Index> index_;
};

}  // namespace moxie::testing

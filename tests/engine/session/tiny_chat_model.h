// A tiny model that one can chat with: the weights of a golden family in a folder with a tokenizer
// of single bytes and a ChatML template. What it says means nothing.
#pragma once
#include <filesystem>
#include <string>

#include "tests/engine/families/published_model.h"

namespace moxie::engine {

class TinyChatModel {
public:
    // `family`: of tests/data/engine/families, with a vocabulary of 256 ids.
    explicit TinyChatModel(const std::string& family);

    const std::filesystem::path& folder() const { return files_.folder(); }

private:
    PublishedModel files_;
};

}  // namespace moxie::engine

// Every row of an index file as sorted text, without the numbers that depend on its past: two
// indexes of one tree must agree.
#pragma once
#include <filesystem>
#include <string>

namespace moxie::testing {

std::string rowsOf(const std::filesystem::path& cacheFile);

}  // namespace moxie::testing

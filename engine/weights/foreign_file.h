// What people give us instead of a model we read, so that an error can say what it is and what to
// do: pointers of Git LFS, pickles of PyTorch, archives, web pages. Threads: any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace moxie::engine {

// "a pointer of Git LFS instead of the file: run `git lfs pull`". nullopt if the first bytes are
// none of those we know.
std::optional<std::string_view> describeForeignFile(std::span<const std::byte> bytes);

}  // namespace moxie::engine

// A repository of 25 files whose functions call each other, in two commits.
#pragma once
#include <fmt/format.h>

#include <string>

#include "tests/indexer/repository.h"

namespace moxie::testing {

inline void fillWithParts(const Repository& repository) {
    for (int i = 0; i < 24; i++) {
        std::string text = fmt::format("#include \"f{}.h\"\n\n", i);
        for (int k = 0; k < 6; k++)
            text += fmt::format(
                "// Counts the {1}th total of part {0}.\nint count_{0}_{1}(int a) {{\n"
                "    return count_{2}_{1}(a) + helper_{1}(a, total_{0});\n}}\n\n",
                i, k, (i + 1) % 24);
        repository.write(fmt::format("src/f{}.c", i), text);
    }
    repository.write("shop/cart.py", "class Cart:\n    def total(self):\n        return 1\n");
    repository.commitAll("count the totals of parts");
    repository.write("src/f3.c", "int lonely(int a) {\n    return a;\n}\n");
    repository.commitAll("leave the third part alone");
}

}  // namespace moxie::testing

// Prints the definitions of files, for the comparison with another program's (ctags.py).
// Usage: moxie_bench_outline [--scan] FILE...; a line per file: name, language; a line per symbol:
// file, first and last line, kind, name. --scan: by the scanner also where there is a grammar. At
// the end, on standard error: bytes and seconds.
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/file.h"
#include "indexer/language.h"
#include "indexer/outline/outline.h"
#include "indexer/outline/scanner.h"

int main(int argc, char** argv) {
    using namespace moxie;
    using namespace moxie::indexer;
    const bool isScan = argc > 1 && std::strcmp(argv[1], "--scan") == 0;
    Outliner outliner;
    int64_t bytes = 0;
    double seconds = 0;
    for (int i = isScan ? 2 : 1; i < argc; i++) {
        const auto text = base::readFile(argv[i]);
        if (!text) continue;
        const Language& kind = language(languageOfText(languageOfPath(argv[i]), argv[i], *text));
        const auto start = std::chrono::steady_clock::now();
        const auto outline = isScan ? base::Result<Outline>(scanOutline(kind.family, *text))
                                    : outliner.outline(kind, *text, {});
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        bytes += int64_t(text->size());
        if (!outline) continue;
        std::printf("%s\t%s\n", argv[i], std::string(kind.name).c_str());
        for (const OutlineSymbol& symbol : outline->symbols)
            std::printf("%s\t%d\t%d\t%s\t%s\n", argv[i], symbol.lineFirst, symbol.lineLast,
                        std::string(toString(symbol.kind)).c_str(),
                        std::string(symbol.name).c_str());
    }
    std::fprintf(stderr, "%lld bytes in %.3f s: %.1f MB/s\n", static_cast<long long>(bytes),
                 seconds, double(bytes) / 1e6 / std::max(seconds, 1e-9));
}

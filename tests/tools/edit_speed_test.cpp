// What the matcher costs: by kind of slip on 20,000 lines, and on inputs made to be slow. The time
// is that of the thread's processor, so that other work on the machine counts little.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "tests/tools/edit_cases.h"
#include "tests/tools/fixture.h"

using namespace moxie::tests;

namespace {

double processorMs() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

double cost(const std::string& text, const std::string& oldText, const std::string& newText) {
    const double start = processorMs();
    static_cast<void>(edited(text, oldText, newText));
    return processorMs() - start;
}

double percentile(std::vector<double>& times, double share) {
    std::sort(times.begin(), times.end());
    return times[std::min(times.size() - 1, size_t(share * double(times.size())))];
}

// Different lines of real source.
std::vector<std::string> longSource(size_t nLines) {
    const std::vector<std::string> texts = sourceTexts();
    std::vector<std::string> lines;
    for (size_t i = 0; lines.size() < nLines; ++i)
        for (std::string& line : copied(texts[i % texts.size()]))
            lines.push_back(isBlank(line) ? line : line + fmt::format(" // {}", lines.size()));
    return lines;
}

std::string repeated(std::string_view part, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i)
        out += part;
    return out;
}

}  // namespace

TEST_CASE("matching costs little on 20,000 lines", "[tools][.bench]") {
    const std::vector<std::string> lines = longSource(20'000);
    const std::string text = joined(lines);
    Random random(7);
    std::vector<double> all;
    std::string table;
    for (const Operator& op : operators()) {
        std::vector<double> times;
        for (int tries = 0; tries < 400 && times.size() < 100; ++tries) {
            Edit edit = randomEdit(lines, random);
            if (op.corrupt(edit, random))
                times.push_back(cost(text, edit.oldText(), edit.newText()));
        }
        all.insert(all.end(), times.begin(), times.end());
        table += fmt::format("{:<24} median {:>6.2f} p99 {:>6.2f} ms\n", op.name,
                             percentile(times, 0.5), percentile(times, 0.99));
    }
    const double p99 = percentile(all, 0.99);
    WARN(table << "all: median " << percentile(all, 0.5) << ", p99 " << p99 << ", worst "
               << all.back() << " ms, " << all.size() << " calls, " << text.size() << " bytes");
    CHECK(p99 < 20);
}

TEST_CASE("matching stays bounded on inputs made to be slow", "[tools][.bench]") {
    const std::string equalLines = repeated("    equal();\n", 200'000);
    const std::string oneLine = repeated("x = \"\u00E9\"; ", 500'000);  // 5.5 MB
    const std::string long400 = joined(longSource(400));
    std::string near400 = replacedAll(long400, "e", "x");
    near400 = copied(long400)[0] + "\n" + near400;
    const std::string wide = repeated(repeated("abcdefghij", 29) + "\n", 20'000);

    const struct {
        const char* name;
        const std::string text, oldText;
    } cases[] = {
        {"equal lines, exact", equalLines, "    equal();"},
        {"equal lines, 400 and one more", equalLines, repeated("equal();\n", 400) + "other();\n"},
        {"equal lines, in tabs", equalLines, "\tequal();\n\tequal();\n"},
        {"equal lines, a typo", equalLines, "    eqaul();\n"},
        {"one line, a miss", oneLine, "x = \"e\";;"},
        {"one line, a fancy miss", oneLine, "x = \u201Ce\u201D;;"},
        {"one line against itself", oneLine, oneLine + "y"},
        {"400 lines with slips", joined(longSource(20'000)), near400},
        {"400 lines against wide ones", wide, repeated(repeated("abcdefghik", 29) + "\n", 400)},
        {"one line against wide ones", wide, repeated("jihgfedcba", 29) + "\n"},
    };

    for (const auto& one : cases) {
        const double ms = cost(one.text, one.oldText, "changed();\n");
        WARN(one.name << ": " << ms << " ms");
        CHECK(ms < 200);
    }
}

#include "indexer/syntax_tree.h"

#include <ctime>

namespace moxie::indexer {
namespace {

struct Countdown {
    const std::stop_token* stop = nullptr;
    int64_t calls = 0;
    int64_t endMs = 0;
};

int64_t threadCpuMs() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

bool isOver(TSParseState* state) {
    auto* limit = static_cast<Countdown*>(state->payload);
    // Called every hundred operations of the parser: reading the clock is dearer than that.
    if (++limit->calls % 64 != 0) return false;
    return limit->stop->stop_requested() || threadCpuMs() > limit->endMs;
}

const char* readText(void* payload, uint32_t byte, TSPoint, uint32_t* count) {
    const auto* text = static_cast<const std::string_view*>(payload);
    if (byte >= text->size()) {
        *count = 0;
        return "";
    }
    *count = uint32_t(text->size() - byte);
    return text->data() + byte;
}

}  // namespace

SyntaxParser newSyntaxParser() {
    return SyntaxParser(ts_parser_new());
}

SyntaxTree parseText(TSParser& parser, std::string_view text, const ParseLimits& limits,
                     const TSTree* known) {
    Countdown limit = {.stop = &limits.stop, .calls = 0, .endMs = threadCpuMs() + limits.cpuMs};
    const TSInput input = {
        .payload = &text, .read = readText, .encoding = TSInputEncodingUTF8, .decode = nullptr};
    SyntaxTree tree(ts_parser_parse_with_options(&parser, known, input,
                                                 {.payload = &limit, .progress_callback = isOver}));
    if (!tree) ts_parser_reset(&parser);
    return tree;
}

}  // namespace moxie::indexer

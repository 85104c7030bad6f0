// Parses files with the tree-sitter core that it is linked with, nothing else: core.sh links it
// with the stock core and with ours. Usage: core_bench ROUNDS <LIST, a path a line; prints files,
// bytes, CPU seconds of the fastest round, and a number that depends on every tree.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

#ifdef OURS
#include "indexer/syntax_core.h"
#endif

const TSLanguage *tree_sitter_c(void), *tree_sitter_cpp(void), *tree_sitter_python(void),
    *tree_sitter_typescript(void), *tree_sitter_javascript(void);

enum { kFilesMax = 100000, kBytesMax = 2000000 };

typedef struct {
    char* bytes;
    size_t size;
    const TSLanguage* language;
} Text;

static Text texts[kFilesMax];
static int textCount;

static double cpuSeconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const TSLanguage* languageOf(const char* path) {
    const char* end = strrchr(path, '.');
    if (!end) return NULL;
    if (!strcmp(end, ".c") || !strcmp(end, ".h")) return tree_sitter_c();
    if (!strcmp(end, ".cc") || !strcmp(end, ".cpp")) return tree_sitter_cpp();
    if (!strcmp(end, ".py")) return tree_sitter_python();
    if (!strcmp(end, ".ts")) return tree_sitter_typescript();
    return strcmp(end, ".js") ? NULL : tree_sitter_javascript();
}

static void addFile(const char* path) {
    const TSLanguage* language = languageOf(path);
    FILE* file = language && textCount < kFilesMax ? fopen(path, "rb") : NULL;
    if (!file) return;
    char* bytes = malloc(kBytesMax);
    const size_t size = bytes ? fread(bytes, 1, kBytesMax, file) : 0;
    fclose(file);
    if (size > 0 && size < kBytesMax)
        texts[textCount++] = (Text){realloc(bytes, size), size, language};
    else
        free(bytes);
}

static const char* readText(void* payload, uint32_t byte, TSPoint point, uint32_t* count) {
    const Text* text = payload;
    (void)point;
    *count = byte < text->size ? (uint32_t)(text->size - byte) : 0;
    return *count ? text->bytes + byte : "";
}

static uint64_t hashOf(TSTree* tree) {
    char* nodes = ts_node_string(ts_tree_root_node(tree));
    uint64_t hash = 0;
    for (const char* at = nodes; *at; at++)
        hash = hash * 31 + (unsigned char)*at;
#ifndef OURS
    free(nodes);  // ours is the arena's
#endif
    return hash;
}

static uint64_t parseAll(int isHashed) {
    uint64_t hash = 0;
#ifdef OURS
    MoxieArena* arena = moxieArenaNew();
#else
    TSParser* parser = ts_parser_new();
#endif
    for (int i = 0; i < textCount; i++) {
#ifdef OURS
        moxieArenaEnter(arena);
        TSParser* parser = ts_parser_new();
#endif
        ts_parser_set_language(parser, texts[i].language);
        const TSInput input = {
            .payload = &texts[i], .read = readText, .encoding = TSInputEncodingUTF8};
        TSTree* tree = ts_parser_parse(parser, NULL, input);
        if (isHashed) hash = hash * 1000003 + hashOf(tree);
#ifdef OURS
        ts_parser_delete(parser);
        moxieArenaLeave(arena);
#else
        ts_tree_delete(tree);
#endif
    }
#ifdef OURS
    moxieArenaDelete(arena);
#else
    ts_parser_delete(parser);
#endif
    return hash;
}

int main(int count, char** arguments) {
    static char line[4096];
    const int rounds = count > 1 ? atoi(arguments[1]) : 3;
    size_t bytes = 0;
    double best = 1e9;
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = 0;
        addFile(line);
    }
    for (int i = 0; i < textCount; i++)
        bytes += texts[i].size;
    for (int i = 0; i < rounds; i++) {
        const double before = cpuSeconds();
        parseAll(0);
        const double took = cpuSeconds() - before;
        if (took < best) best = took;
    }
    printf("%d files, %.2f MB, %.3f s, %.2f MB/s, trees %016llx\n", textCount, (double)bytes / 1e6,
           best, (double)bytes / 1e6 / best, (unsigned long long)parseAll(1));
    return 0;
}

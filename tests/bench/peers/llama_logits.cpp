// llama.cpp's side of tests/bench/peers/run.sh, linked against its library outside of the tree.
//   llama_logits logits MODEL IDS N_STEPS OUT.f32 default|f32
//     after each of the last N_STEPS positions of every line of ids: its logits, float32;
//     f32: with a key-value cache in F32 and plain attention, so that no number is rounded
//   llama_logits speed MODEL THREADS N_PROMPT N_DECODE REPEATS
//     per repeat "prefill decode prefill decode": tokens a second by the clock, by processor time
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "llama.h"

namespace {

struct Peer {
    llama_model* model = nullptr;
    llama_context* context = nullptr;
    int32_t vocabulary = 0;
};

enum class Cache { asUsual, f32 };

void onlyErrors(ggml_log_level level, const char* text, void*) {
    if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
}

Peer open(const char* path, int32_t threads, Cache cache) {
    llama_log_set(onlyErrors, nullptr);
    llama_backend_init();
    Peer peer;
    peer.model = llama_model_load_from_file(path, llama_model_default_params());
    if (peer.model == nullptr) std::exit(1);
    auto params = llama_context_default_params();
    params.n_ctx = 1024;
    params.n_batch = 512;
    params.n_threads = threads;
    params.n_threads_batch = threads;
    if (cache == Cache::f32) {
        params.type_k = params.type_v = GGML_TYPE_F32;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    }
    peer.context = llama_init_from_model(peer.model, params);
    if (peer.context == nullptr) std::exit(1);
    peer.vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(peer.model));
    return peer;
}

void evaluate(const Peer& peer, std::vector<llama_token> tokens) {
    if (llama_decode(peer.context,
                     llama_batch_get_one(tokens.data(), static_cast<int32_t>(tokens.size()))) != 0)
        std::exit(1);
    llama_synchronize(peer.context);
}

// One token at a time, as in decoding.
void writeLogits(const Peer& peer, const char* idsPath, int nSteps, const char* outPath) {
    std::ifstream lines(idsPath);
    std::FILE* out = std::fopen(outPath, "wb");
    if (out == nullptr) std::exit(1);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<llama_token> ids;
        for (llama_token id = 0; words >> id;)
            ids.push_back(id);
        llama_memory_clear(llama_get_memory(peer.context), true);
        const size_t first = ids.size() - static_cast<size_t>(nSteps);
        evaluate(peer, std::vector(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(first)));
        for (size_t i = first; i < ids.size(); ++i) {
            evaluate(peer, {ids[i]});
            std::fwrite(llama_get_logits_ith(peer.context, -1), sizeof(float),
                        static_cast<size_t>(peer.vocabulary), out);
        }
    }
    std::fclose(out);
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void speed(const Peer& peer, int nPrompt, int nDecode, int repeats) {
    for (int i = 0; i <= repeats; ++i) {
        llama_memory_clear(llama_get_memory(peer.context), true);
        const double begin = seconds();
        const std::clock_t cpuBegin = std::clock();
        std::vector<llama_token> prompt;
        for (int t = 0; t < nPrompt; ++t)
            prompt.push_back((t * 7919 + 13) % peer.vocabulary);
        evaluate(peer, prompt);
        const double middle = seconds();
        const std::clock_t cpuMiddle = std::clock();
        for (int t = 0; t < nDecode; ++t)
            evaluate(peer, {(t * 104729 + 17) % peer.vocabulary});
        const double end = seconds();
        const std::clock_t cpuEnd = std::clock();
        // The first round warms up.
        if (i > 0)
            std::printf("%.2f %.2f %.2f %.2f\n", nPrompt / (middle - begin),
                        nDecode / (end - middle),
                        nPrompt / (double(cpuMiddle - cpuBegin) / CLOCKS_PER_SEC),
                        nDecode / (double(cpuEnd - cpuMiddle) / CLOCKS_PER_SEC));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "logits" && argc == 7)
        writeLogits(open(argv[2], 1, argv[6] == std::string("f32") ? Cache::f32 : Cache::asUsual),
                    argv[3], std::atoi(argv[4]), argv[5]);
    else if (what == "speed" && argc == 7)
        speed(open(argv[2], std::atoi(argv[3]), Cache::asUsual), std::atoi(argv[4]),
              std::atoi(argv[5]), std::atoi(argv[6]));
    else
        return 2;
    return 0;
}

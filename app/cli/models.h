// Which model answers: what the command line names, else the user's list, else what the environment
// offers, else the sample model. A project's file has no say in it. Keys are taken from the
// environment at the last moment and go nowhere but into the engine.
// Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/config.h"
#include "app/cli/messages.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/chat_model.h"
#include "engine/open_model.h"

namespace moxie::engine {
enum class Products;
}

namespace moxie::app {

// How a model in this process is run.
struct LocalFlags {
    std::string draft = "auto";  // auto, off, lookup, mtp
    std::string draftFile = {};
    std::string kvFormat = "f32";            // f32, f16, native
    std::string simulation = "off";          // on: caches are rounded as the makers round them
    std::string prompts = "rounded";         // exact, rounded
    std::string answers = "fine";            // exact, fine
    std::vector<std::string> adapters = {};  // FILE[:SCALE]
    int64_t memoryBytesMax = 0;              // 0: what the machine has
};

// How a model file is evaluated where nothing is generated for a person.
struct EvaluationFlags {
    int64_t chunkTokens = 0;        // 0: chosen by the engine
    int32_t threads = 0;            // 0: one per physical core
    std::string backend = "cpu";    // cpu, scalar
    std::string kvFormat = "f32";   // f32, f16, native
    std::string prompts = "exact";  // exact, rounded, fine
};

// "exact" or "rounded".
engine::Products productsFromName(std::string_view name);

struct ModelFlags {
    std::string model = {};    // name or file
    std::string baseUrl = {};  // with `model`: a server given by hand
    std::string api = {};      // "openai" (the default) or "anthropic"
    int32_t threads = 0;
    LocalFlags local = {};
};

// One way to get an answer, before anything is opened.
struct ModelCandidate {
    std::string name;    // what people call it
    std::string source;  // "command line", "config", "environment DEEPSEEK_API_KEY", "sample"
    std::string file;    // local if not empty
    engine::RemoteModelOptions remote = {};
    std::string keyVariable = {};  // where the key was looked for; empty: none needed
    int32_t threads = 0;
    int64_t kvDiskBytes = 0;  // local: for conversations that were read; 0: none
    LocalFlags local = {};
};

struct ModelPlan {
    std::vector<ModelCandidate> candidates;  // in the order they are tried
    bool isOnlySample = false;
};

// What local models may keep on disk of the conversations they have read; 0: nothing.
int64_t kvDiskBytes(const Config& config);

// "FILE" or "FILE:SCALE" each; a file that exists under the whole name is meant as it is.
std::vector<engine::AdapterFile> adapterFiles(const std::vector<std::string>& words);
void applyLocalFlags(const LocalFlags& flags, engine::LocalModelOptions& options);

// Fails: invalidInput (flags that contradict each other or name nothing), notFound (no model at
// all).
base::Result<ModelPlan> planModels(const ModelFlags& flags, const Config& config,
                                   const Messages& say);

// The file that `model` names; the sample model if it is empty. Fails: notFound (no sample model).
base::Result<std::filesystem::path> modelOrSample(const std::string& model, const Messages& say);

// Opens them as one chain. A candidate that cannot be opened is left out and told in `notes`;
// Fails: the last error, if none can be opened.
base::Result<std::unique_ptr<engine::ChatModel>> openModels(const ModelPlan& plan,
                                                            base::Clock& clock, const Messages& say,
                                                            std::vector<std::string>& notes);

}  // namespace moxie::app

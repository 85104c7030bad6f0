// Looks into model files and lets a model answer once, for the first run. Not for work.
// Threads: any thread; blocks.
#pragma once
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/desktop/screens/welcome/welcome_model.h"
#include "engine/open_model.h"

namespace moxie::desktop {

// The file itself, or the GGUF files of a folder and the folders in it, the smallest first, at most
// 50. What cannot be used is among them, with its reason. A file that is none gives one entry.
std::vector<ModelFile> inspectModels(const std::filesystem::path& path,
                                     const std::stop_token& stop);

using ProbeProgress = std::function<void(const std::string& text, int tokens)>;

ModelTest probeLocalModel(const std::filesystem::path& file, int tokensMax,
                          const ProbeProgress& progress, const std::stop_token& stop);
ModelTest probeServer(engine::RemoteModelOptions options, int tokensMax,
                      const ProbeProgress& progress, const std::stop_token& stop);

}  // namespace moxie::desktop

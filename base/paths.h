// Where Moxie keeps things. Reads the environment once per call; creates nothing.
// MOXIE_HOME=/x puts everything under /x/{config,data,cache}; else the XDG variables and their
// defaults. Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <filesystem>

namespace moxie::base {

std::filesystem::path configDir();  // ~/.config/moxie
std::filesystem::path dataDir();    // ~/.local/share/moxie
std::filesystem::path cacheDir();   // ~/.cache/moxie

}  // namespace moxie::base

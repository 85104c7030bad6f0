// Parsed once per target instead of once per file: the slow headers that most files of a room
// include. Sources still include what they use. (Halves the compile time: nlohmann/json costs 1.4 s
// a file, fmt and the std headers 1 s.)
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

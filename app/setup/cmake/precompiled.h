// Parsed once per target instead of once per file: the slow headers that most files of a room
// include. Sources still include what they use.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/setup/cmake/json_instances.h"
#include "base/result.h"

// What the user said about sessions (titles, seen, archived, ratings), in one JSON file. Written
// whole and atomically. Threads: one thread at a time, not the GUI's.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "app/desktop/model/session_list.h"
#include "base/result.h"

namespace moxie::desktop {

using AllMarks = std::map<std::string, SessionMarks>;  // by id

// No file: no marks. Fails: io, denied, corrupt.
base::Result<AllMarks> loadMarks(const std::filesystem::path& file);
// Fails: io, denied; the file is as it was then.
base::Status saveMarks(const std::filesystem::path& file, const AllMarks& marks);

}  // namespace moxie::desktop

// How the output of a command becomes text for the model. Inside tools only.
// Threads: one thread at a time per object.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tools/jobs.h"

namespace moxie::tools {

// Bytes of a command's output that a result may have.
inline constexpr int64_t kCommandTextBytesMax = 30'000;

// Keeps the first and the last 2 MiB of what it is given.
class OutputCollector {
public:
    void add(std::string_view bytes);
    std::string text() const;

private:
    std::string head_, tail_;
    int64_t leftOutBytes_ = 0;
};

struct CommandText {
    std::string text;
    bool isCut = false;  // the middle is missing and `outputFile` is named
};

// Terminal control and overwritten lines removed, valid UTF-8, cut in the middle to the bound with
// the file named that holds all; "(no output)" if nothing is left. Ends without a line break.
CommandText renderOutput(std::string_view raw, const std::filesystem::path& outputFile);

// A line about what the jail does not allow, if the output looks as if the command ran into it.
std::string sandboxHint(std::string_view text, int32_t exitCode);

// "[exit 2]", "[killed]", "[running]".
std::string statusLine(const Jobs::Status& status);

}  // namespace moxie::tools

// What git prints about a clone, for the benchmarks over real commits. A command that fails prints
// nothing. The clone's path must hold no quote. Threads: one thread at a time.
#pragma once
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace moxie::bench {

struct ClosePipe {
    void operator()(std::FILE* pipe) const { pclose(pipe); }
};

class Git {
public:
    explicit Git(std::filesystem::path root) : root_(std::move(root)) {}

    std::string operator()(const std::string& arguments) const {
        const std::string command =
            "git -C '" + root_.string() + "' -c core.quotepath=off " + arguments + " 2>/dev/null";
        const std::unique_ptr<std::FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
        std::string out;
        std::array<char, 65536> part;
        while (const size_t n = pipe ? std::fread(part.data(), 1, part.size(), pipe.get()) : 0)
            out.append(part.data(), n);
        return out;
    }

private:
    std::filesystem::path root_;
};

inline std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

}  // namespace moxie::bench

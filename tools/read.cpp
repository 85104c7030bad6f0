// The `read` tool: a numbered part of a text file, or the names in a folder.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/file_transaction.h"
#include "tools/jobs.h"
#include "tools/observations.h"
#include "tools/text_file.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int64_t kFileBytesMax = 50'000'000;
constexpr int64_t kOutputBytesMax = 50'000;
constexpr int64_t kLineCharactersMax = 2000;
constexpr int64_t kLinesMax = 2000;
constexpr size_t kFolderNamesMax = 500;

// Where a path may be read: the workspace, or the folder with spilled outputs.
struct Place {
    fs::path root, path;
    std::string shown;
    bool isInWorkspace = true;
};

base::Result<Place> resolve(const ToolContext& context, std::string_view path) {
    auto inside = context.workspace.inside(path);
    if (inside)
        return Place{context.workspace.root(), *inside, context.workspace.relative(*inside)};
    std::error_code ec;
    const fs::path spill = fs::weakly_canonical(context.jobs.spillFolder(), ec);
    if (ec || !fs::path(path).is_absolute() || path.find('\0') != std::string_view::npos)
        return base::fail(std::move(inside).error());
    const fs::path resolved = fs::weakly_canonical(fs::path(path), ec);
    if (ec || !isBeneath(resolved, spill)) return base::fail(std::move(inside).error());
    return Place{spill, resolved, resolved.string(), false};
}

ToolResult listFolder(const Place& place) {
    std::error_code ec;
    std::vector<std::string> names;
    for (fs::directory_iterator it(place.path, ec), end; !ec && it != end; it.increment(ec)) {
        std::error_code ignored;
        const std::string name = base::toValidUtf8(it->path().filename().string());
        const auto status = it->symlink_status(ignored);
        names.push_back(name + (fs::is_directory(status) ? "/"
                                : fs::is_symlink(status) ? "@"
                                                         : ""));
    }
    if (ec)
        return refusal("io", fmt::format("{} cannot be listed: {}", place.shown, ec.message()), "");
    std::sort(names.begin(), names.end());
    ToolResult result;
    for (size_t i = 0; i < std::min(names.size(), kFolderNamesMax); ++i)
        result.text += names[i] + "\n";
    result.text += names.size() > kFolderNamesMax
                       ? fmt::format("[folder {}: the first {} of {} names; narrow it with glob]",
                                     place.shown, kFolderNamesMax, names.size())
                       : fmt::format("[folder {}: {} names]", place.shown, names.size());
    return result;
}

// Names in the same folder that differ by little.
std::string nearestNames(const fs::path& path) {
    std::error_code ec;
    std::vector<std::pair<int64_t, std::string>> near;
    const std::string wanted = path.filename().string();
    for (fs::directory_iterator it(path.parent_path(), ec), end; !ec && it != end;
         it.increment(ec)) {
        std::string name = it->path().filename().string();
        const int64_t distance = base::editDistance(wanted, name, 3);
        if (distance <= 3) near.emplace_back(distance, std::move(name));
    }
    std::sort(near.begin(), near.end());
    std::string out;
    for (size_t i = 0; i < std::min<size_t>(near.size(), 3); ++i)
        out += (out.empty() ? "" : ", ") + near[i].second;
    return out;
}

std::string magicBytes(std::string_view bytes) {
    std::string out;
    for (const char c : bytes.substr(0, 8))
        out += fmt::format("{}{:02X}", out.empty() ? "" : " ", uint8_t(c));
    return out;
}

std::string notes(const TextFile& file, int64_t linesCut) {
    std::string out;
    if (!file.isUtf8())
        out += "\n[not valid UTF-8: bad bytes are shown as U+FFFD; edits must be plain ASCII]";
    if (file.hasBom()) out += "\n[starts with a byte order mark; edits keep it]";
    if (file.lineEnds() == LineEnds::crlf) out += "\n[line ends are CRLF; edits keep them]";
    if (file.lineEnds() == LineEnds::mixed) out += "\n[line ends are mixed; edits keep them]";
    if (linesCut > 0)
        out += fmt::format("\n[{} lines are longer than {} characters and cut here]", linesCut,
                           kLineCharactersMax);
    return out;
}

ToolResult showLines(const TextFile& file, int64_t offset, int64_t limit) {
    const std::string& text = file.text();
    const int64_t total = countLines(text);
    ToolResult result;
    if (total == 0) {
        result.text = "(empty file)" + notes(file, 0);
        return result;
    }
    if (offset > total)
        return refusal("bad arguments",
                       fmt::format("read.offset: expected at most {}, the number of lines, got {}",
                                   total, offset),
                       "Send the call again with a smaller offset.");
    int64_t number = 0, last = offset - 1, linesCut = 0;
    for (size_t start = 0; start < text.size();) {
        const size_t end = std::min(text.find('\n', start), text.size());
        if (++number >= offset) {
            const std::string line = base::toValidUtf8(
                std::string_view(text).substr(start, std::min<size_t>(end - start, 16'000)));
            const std::string_view cut = base::cutUtf8(line, kLineCharactersMax);
            std::string shown = fmt::format("{:>5}|{}\n", number, cut);
            if (last >= offset && int64_t(result.text.size() + shown.size()) > kOutputBytesMax)
                break;
            if (cut.size() < end - start && cut.size() < line.size()) ++linesCut;
            result.text += shown;
            last = number;
            if (last - offset + 1 >= limit) break;
        }
        start = end + 1;
    }
    result.text +=
        last < total
            ? fmt::format("[lines {}-{} of {}; next offset {}]", offset, last, total, last + 1)
            : fmt::format("[lines {}-{} of {}; end of file]", offset, last, total);
    result.text += notes(file, linesCut);
    return result;
}

class ReadTool final : public Tool {
public:
    ReadTool()
        : schema_("read",
                  R"({"type":"object","required":["path"],"properties":{
                  "path":{"type":"string"},
                  "offset":{"type":"integer","minimum":1,"description":"first line, default 1"},
                  "limit":{"type":"integer","minimum":1,"maximum":2000}}})",
                  R"({"path":"src/main.cpp","offset":1,"limit":200})"),
          spec_{"read",
                "Shows a text file as `number|text`, or the names in a folder. At most 2000 lines, "
                "2000 characters a line and 50 kB per call; the last line tells the next offset. "
                "The number and | are not part of the file. Read a file before you edit it.",
                schema_.text(), Effects{.reads = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return "read " + stringArgument(arguments, "path");
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "read: stopped");
        const std::string path = stringArgument(arguments, "path");
        const auto place = resolve(context, path);
        if (!place) return refusalOf(place.error());
        std::error_code ec;
        if (fs::is_directory(place->path, ec)) return listFolder(*place);
        auto bytes = readBeneath(place->root, place->path, kFileBytesMax);
        if (!bytes) return notReadable(*place, bytes.error());
        if (const auto kind = binaryKind(*bytes))
            return refusal("binary",
                           fmt::format("{} has {} bytes, {}, begins with {}", place->shown,
                                       bytes->size(), *kind, magicBytes(*bytes)),
                           "read shows text only.");
        if (place->isInWorkspace) context.observations.record(place->shown, *bytes);
        return showLines(TextFile(std::move(*bytes)), integerArgument(arguments, "offset", 1),
                         integerArgument(arguments, "limit", kLinesMax));
    }

private:
    static ToolResult notReadable(const Place& place, const base::Error& error) {
        if (error.kind() == base::Errc::notFound) {
            const std::string near = nearestNames(place.path);
            return refusal("not found", fmt::format("there is no {}", place.shown),
                           near.empty() ? "Look for the right path with glob."
                                        : fmt::format("Near it: {}.", near));
        }
        if (error.kind() == base::Errc::invalidInput)
            return refusal("not readable", error.message(), "Use grep or bash for parts of it.");
        return refusalOf(error);
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeReadTool() {
    return std::make_unique<ReadTool>();
}

}  // namespace moxie::tools

// The `symbols` tool: definitions, uses and outlines from the index.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "indexer/index.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/workspace.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

// With a kind the index cannot filter for us: look at this many more.
constexpr int64_t kFilterFactor = 20;

std::string symbolLine(const indexer::Symbol& symbol) {
    const std::string name =
        symbol.parent.empty() ? symbol.name : symbol.parent + "::" + symbol.name;
    return fmt::format("{}:{}-{} {} {}{}{}\n", symbol.path, symbol.lineFirst, symbol.lineLast,
                       toString(symbol.kind), name, symbol.signature.empty() ? "" : "  ",
                       symbol.signature);
}

class SymbolsTool final : public Tool {
public:
    SymbolsTool()
        : schema_("symbols",
                  R"({"type":"object","properties":{
                  "query":{"type":"string","maxLength":200,"description":"name or part of it"},
                  "path":{"type":"string"},
                  "kind":{"type":"string","description":"function, method, type, enumeration, ..."},
                  "references":{"type":"boolean","description":"uses of the name query instead"},
                  "limit":{"type":"integer","minimum":1,"maximum":200}}})",
                  R"({"query":"parseList"})"),
          spec_{"symbols",
                "Definitions by name, the outline of a file (path alone), or with references the "
                "uses of a name, from the index. Faster and more exact than grep for names.",
                schema_.text(), Effects{.reads = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return fmt::format("symbols {} {}", stringArgument(arguments, "query"),
                           stringArgument(arguments, "path"));
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "symbols: stopped");
        if (context.index == nullptr)
            return refusal("no index", "this session has no index", "Use grep.");
        const std::string query = stringArgument(arguments, "query");
        std::string path = stringArgument(arguments, "path");
        if (query.empty() && path.empty())
            return refusal("bad arguments", "symbols: expected query or path, got neither",
                           R"(Send the call again, like this: {"query":"parseList"})");
        if (!path.empty()) {
            const auto resolved = context.workspace.inside(path);
            if (!resolved) return refusalOf(resolved.error());
            path = context.workspace.relative(*resolved);
            if (path == ".") path.clear();
        }
        const int64_t limit = integerArgument(arguments, "limit", 50);
        if (booleanArgument(arguments, "references", false))
            return references(*context.index, query, path, limit);
        return definitions(*context.index, query, path, stringArgument(arguments, "kind"), limit);
    }

private:
    static ToolResult definitions(const indexer::Index& index, const std::string& query,
                                  const std::string& path, const std::string& kindName,
                                  int64_t limit) {
        const auto kind = indexer::symbolKindFromString(kindName);
        if (!kindName.empty() && !kind)
            return refusal("bad arguments",
                           fmt::format("symbols.kind: there is no kind {}", kindName),
                           "Known are function, method, constructor, type, interface, "
                           "enumeration, enumerator, field, variable, constant, macro, module, "
                           "typeAlias.");
        auto found = index.symbols(query, path, (kind ? limit * kFilterFactor : limit) + 1);
        if (!found) return refusalOf(found.error());
        if (kind) std::erase_if(*found, [&](const auto& symbol) { return symbol.kind != *kind; });
        ToolResult result;
        const bool isCut = int64_t(found->size()) > limit;
        if (isCut) found->resize(size_t(limit));
        for (const indexer::Symbol& symbol : *found)
            result.text += symbolLine(symbol);
        return finished(std::move(result), int64_t(found->size()), "symbols", isCut);
    }

    static ToolResult references(const indexer::Index& index, const std::string& name,
                                 const std::string& path, int64_t limit) {
        if (name.empty())
            return refusal("bad arguments", "symbols.query: expected a name, got nothing",
                           R"(Send: {"query":"parseList","references":true})");
        auto found = index.references(name, (path.empty() ? limit : limit * kFilterFactor) + 1);
        if (!found) return refusalOf(found.error());
        std::erase_if(*found, [&](const auto& use) {
            return !path.empty() && use.path != path && !use.path.starts_with(path + "/");
        });
        ToolResult result;
        const bool isCut = int64_t(found->size()) > limit;
        if (isCut) found->resize(size_t(limit));
        for (const indexer::Reference& use : *found)
            result.text += fmt::format(
                "{}:{} {}{}{}  {}\n", use.path, use.line, use.role,
                use.enclosing.empty() ? "" : " in " + use.enclosing,
                use.count > 1 ? fmt::format(" ({} times)", use.count) : std::string(), use.text);
        return finished(std::move(result), int64_t(found->size()), "places", isCut);
    }

    static ToolResult finished(ToolResult result, int64_t count, const char* what, bool isCut) {
        if (count == 0) {
            result.text = "(none found; the name may be spelt otherwise: try grep)";
            return result;
        }
        result.text = base::toValidUtf8(result.text) +
                      fmt::format("[{} {}{}]", count, what,
                                  isCut ? ", more exist: narrow the query or raise limit" : "");
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeSymbolsTool() {
    return std::make_unique<SymbolsTool>();
}

}  // namespace moxie::tools

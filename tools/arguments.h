// Checks the arguments of a tool call against the tool's own JSON schema, strictly: nothing is
// converted or guessed. What is wrong comes back as the text that the model reads. Understood are
// type, properties, required, items, enum, minimum, maximum, minLength, maxLength, minItems and
// maxItems; fields that the schema does not name are refused. A null for a field that is not
// required counts as absent, as some models send it. Threads: any thread; values.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tools/tool.h"

namespace moxie::tools {

// A schema, parsed once per tool. `schemaText` is our own and must be a JSON object; `example` is
// one valid call, shown with every refusal.
class ArgumentSchema {
public:
    ArgumentSchema(std::string toolName, std::string_view schemaText, std::string example);
    ~ArgumentSchema();
    ArgumentSchema(const ArgumentSchema&) = delete;
    ArgumentSchema& operator=(const ArgumentSchema&) = delete;

    // The schema in canonical bytes: sorted keys, no blanks.
    const std::string& text() const { return text_; }

    // The refusal, or nothing if `arguments` fit.
    std::optional<ToolResult> check(const nlohmann::json& arguments) const;

private:
    std::string toolName_, example_, text_;
    std::unique_ptr<const nlohmann::json> schema_;
};

// Values of arguments, total: the fallback for whatever is absent, null or of another type (after
// check() only absent and null are left).
std::string stringArgument(const nlohmann::json& arguments, const char* name,
                           std::string_view fallback = {});
int64_t integerArgument(const nlohmann::json& arguments, const char* name, int64_t fallback);
bool booleanArgument(const nlohmann::json& arguments, const char* name, bool fallback);

// An error that the model can act on: "[code: fact] what to do".
ToolResult refusal(std::string_view code, std::string_view fact, std::string_view advice);

}  // namespace moxie::tools

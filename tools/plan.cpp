// The `plan` tool: the list of steps, given whole each time.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/arguments.h"
#include "tools/file_tools.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

class PlanTool final : public Tool {
public:
    PlanTool()
        : schema_("plan",
                  R"({"type":"object","required":["items"],"properties":{
                  "items":{"type":"array","minItems":1,"maxItems":50,"items":{"type":"object",
                  "required":["text","status"],"properties":{
                  "text":{"type":"string","minLength":1,"maxLength":200},
                  "status":{"type":"string","enum":["pending","in_progress","done"]},
                  "touches":{"type":"array","items":{"type":"string"}},
                  "priority":{"type":"string","enum":["high","low"]}}}}}})",
                  R"({"items":[{"text":"find the bug","status":"in_progress"},)"
                  R"({"text":"fix it","status":"pending"}]})"),
          spec_{"plan",
                "Records steps of a long job. Send all; exactly one is in_progress until all "
                "is done. touches: its files.",
                schema_.text(), Effects{}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        const bool hasItems =
            arguments.is_object() && arguments.contains("items") && arguments["items"].is_array();
        return fmt::format("plan: {} items", hasItems ? arguments["items"].size() : 0);
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext&,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "plan: stopped");
        const json& items = arguments["items"];
        const auto count = [&](std::string_view status) {
            return std::count_if(items.begin(), items.end(),
                                 [&](const json& item) { return item["status"] == status; });
        };
        const auto nDone = count("done"), nActive = count("in_progress");
        const bool isAllDone = nDone == int64_t(items.size());
        if (nActive != (isAllDone ? 0 : 1))
            return refusal("bad arguments",
                           fmt::format("plan.items: expected exactly one in_progress (none when "
                                       "all are done), got {}",
                                       nActive),
                           "Send the whole list again with one item in_progress.");
        ToolResult result;
        for (const json& item : items) {
            const std::string status = item["status"].get<std::string>();
            const char* const mark = status == "done"          ? "[x]"
                                     : status == "in_progress" ? "[>]"
                                                               : "[ ]";
            result.text += fmt::format("{} {}\n", mark, item["text"].get<std::string>());
        }
        result.text += fmt::format("[{} of {} done]", nDone, items.size());
        result.planJson = items.dump();
        return result;
    }

private:
    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makePlanTool() {
    return std::make_unique<PlanTool>();
}

}  // namespace moxie::tools

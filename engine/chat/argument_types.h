// What the schemas of the tools on offer say about the values of their parameters, for formats that
// write `5` for the number and for the text alike.
// Threads: immutable; any thread.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/chat_model.h"

namespace moxie::engine {

class ArgumentTypes {
public:
    ArgumentTypes() = default;
    explicit ArgumentTypes(std::span<const ToolSchema> tools);

    // A value as a model spelled it, as JSON. A parameter that may be text is text (but `null`
    // where null is allowed, too); one that is nothing but other types must be JSON (nullopt if it
    // is not). Of a parameter no schema knows, what is JSON is JSON, anything else text.
    std::optional<std::string> json(std::string_view tool, std::string_view parameter,
                                    std::string_view value) const;

private:
    struct Types {
        bool hasText = false;
        bool hasNull = false;
    };

    std::map<std::string, std::map<std::string, Types, std::less<>>, std::less<>> tools_;
};

}  // namespace moxie::engine

#include "tests/fakes/scripted_server/script.h"

#include "base/file.h"

namespace moxie::tests {

namespace {

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t pos = text.find(from); pos != std::string::npos;
         pos = text.find(from, pos + to.size()))
        text.replace(pos, from.size(), to);
}

}  // namespace

base::Result<Script> parseScript(const Json& json) {
    const auto refuse = [](const char* why) {
        return base::fail(base::Errc::invalidInput, std::string("script: ") + why);
    };
    if (!json.is_object()) return refuse("not a JSON object");
    const auto answers = json.find("answers");
    if (answers == json.end() || !answers->is_array() || answers->empty())
        return refuse("no list of answers");
    Script script;
    for (const Json& answer : *answers) {
        if (!answer.is_object()) return refuse("an answer that is no object");
        script.answers.push_back(answer);
    }
    if (json.value("by", "requests") == "turns") script.by = Script::By::turns;
    return script;
}

base::Result<Script> readScript(const std::filesystem::path& file) {
    TRY_ASSIGN(const std::string text, base::readFile(file));
    auto script = parseScript(Json::parse(text, nullptr, false, true));
    if (!script) return base::fail(std::move(script).error().within(file.string()));
    return script;
}

std::string fillIn(std::string text, int64_t n, int64_t i) {
    if (text.find("{{") == std::string::npos) return text;
    replaceAll(text, "{{n}}", std::to_string(n));
    replaceAll(text, "{{i}}", std::to_string(i));
    replaceAll(text, "{{x*n}}", std::string(size_t(n), 'x'));
    return text;
}

Json fillIn(const Json& value, int64_t n, int64_t i) {
    if (value.is_string()) return fillIn(value.get<std::string>(), n, i);
    if (!value.is_structured()) return value;
    Json result = value;
    for (Json& item : result)
        item = fillIn(item, n, i);
    return result;
}

}  // namespace moxie::tests

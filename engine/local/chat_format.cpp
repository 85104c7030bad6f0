#include "engine/local/chat_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace moxie::engine {

namespace {

// Sentences that templates say by themselves if nobody gives a system message.
constexpr std::string_view kDefaultSystems[] = {
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face",
};

MarkerNames controlNames(const Vocabulary& vocabulary, std::span<const std::string_view> names) {
    std::vector<std::string> found;
    for (const auto name : names)
        if (vocabulary.special(name)) found.emplace_back(name);
    return MarkerNames(std::move(found));
}

std::string dateOfToday() {
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
}

}  // namespace

base::Result<ChatFormat> ChatFormat::make(const ChatSource& source, const Vocabulary& vocabulary) {
    ChatFormat format;
    format.vocabulary_ = &vocabulary;
    TRY_ASSIGN(
        format.family_,
        findChatFamily(source.jinja, controlNames(vocabulary, chatSpecials()), source.ladder));
    for (const auto name : format.family_->specials)
        if (const auto token = vocabulary.special(name))
            format.markers_.emplace(*token, std::string(name));
    for (const auto name : format.family_->ends)
        if (const auto token = vocabulary.special(name)) format.ends_.insert(*token);
    for (const auto sentence : kDefaultSystems)
        if (source.jinja.find(sentence) != std::string_view::npos) format.defaultSystem_ = sentence;
    format.today_ = dateOfToday();
    return format;
}

ChatInput ChatFormat::inputOf(const ChatRequest& request) const {
    return {.messages = request.messages,
            .tools = request.tools,
            .effort = request.options.effort,
            .responseSchemaJson = request.options.responseSchemaJson,
            .today = today_,
            .defaultSystem = defaultSystem_};
}

MarkerNames ChatFormat::markerNames() const {
    std::vector<std::string> names;
    for (const auto& [token, name] : markers_)
        names.push_back(name);
    return MarkerNames(std::move(names));
}

base::Result<std::vector<PromptPart>> ChatFormat::tryRender(const ChatRequest& request) const {
    PromptWriter writer(markerNames().all());
    TRY(family_->write(inputOf(request), writer));
    return writer.take();
}

std::vector<PromptPart> ChatFormat::render(std::span<const Message> messages,
                                           std::span<const ToolSchema> tools) const {
    auto parts = tryRender(
        {.messages = {messages.begin(), messages.end()}, .tools = {tools.begin(), tools.end()}});
    BASE_CHECK(parts.has_value());
    return *std::move(parts);
}

std::unique_ptr<AnswerParser> ChatFormat::parser(const ChatRequest& request) const {
    return family_->parser({.names = markerNames(),
                            .messages = request.messages,
                            .tools = request.tools,
                            .effort = request.options.effort});
}

std::string_view ChatFormat::marker(int32_t token) const {
    const auto found = markers_.find(token);
    return found == markers_.end() ? std::string_view() : std::string_view(found->second);
}

bool ChatFormat::endsAnswer(int32_t token) const {
    if (ends_.contains(token)) return true;
    return vocabulary_->endsGeneration(token) && !markers_.contains(token);
}

}  // namespace moxie::engine

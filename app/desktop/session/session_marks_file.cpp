#include "app/desktop/session/session_marks_file.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

template <class T>
T markOr(const json& object, const char* name, T fallback) {
    const auto found = object.find(name);
    if (found == object.end()) return fallback;
    if constexpr (std::is_same_v<T, std::string>)
        return found->is_string() ? found->template get<T>() : fallback;
    else if constexpr (std::is_same_v<T, bool>)
        return found->is_boolean() ? found->template get<T>() : fallback;
    else
        return found->is_number_integer() ? found->template get<T>() : fallback;
}

}  // namespace

base::Result<AllMarks> loadMarks(const std::filesystem::path& file) {
    const auto text = base::readFile(file, 64 << 20);
    if (!text && text.error().kind() == base::Errc::notFound) return AllMarks();
    if (!text) return base::fail(text.error());
    const json root = json::parse(*text, nullptr, false);
    if (!root.is_object() || !root.contains("sessions") || !root["sessions"].is_object())
        return base::fail(base::Errc::corrupt, file.string() + " is not a list of sessions");
    AllMarks all;
    for (const auto& [id, entry] : root["sessions"].items()) {
        if (!entry.is_object()) continue;
        all[id] = {.title = markOr<std::string>(entry, "title", {}),
                   .seenMs = markOr<int64_t>(entry, "seen_ms", 0),
                   .isArchived = markOr<bool>(entry, "archived", false)};
    }
    return all;
}

base::Status saveMarks(const std::filesystem::path& file, const AllMarks& marks) {
    json sessions = json::object();
    for (const auto& [id, mark] : marks) {
        json entry = json::object();
        if (!mark.title.empty()) entry["title"] = mark.title;
        if (mark.seenMs != 0) entry["seen_ms"] = mark.seenMs;
        if (mark.isArchived) entry["archived"] = true;
        if (!entry.empty()) sessions[id] = std::move(entry);
    }
    std::error_code ignored;  // what is missing shows when the file is written
    std::filesystem::create_directories(file.parent_path(), ignored);
    const json root = {{"sessions", std::move(sessions)}};
    return base::writeFileAtomically(
        file, root.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace moxie::desktop

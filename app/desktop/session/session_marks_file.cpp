#include "app/desktop/session/session_marks_file.h"

#include <charconv>
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

std::map<int32_t, Rating> ratingsOf(const json& entry) {
    std::map<int32_t, Rating> ratings;
    const auto found = entry.find("ratings");
    if (found == entry.end() || !found->is_object()) return ratings;
    for (const auto& [key, value] : found->items()) {
        int32_t turn = 0;
        const auto read = std::from_chars(key.data(), key.data() + key.size(), turn);
        if (read.ec != std::errc() || read.ptr != key.data() + key.size()) continue;
        if (value == 1) ratings[turn] = Rating::good;
        if (value == -1) ratings[turn] = Rating::bad;
    }
    return ratings;
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
                   .isArchived = markOr<bool>(entry, "archived", false),
                   .ratings = ratingsOf(entry)};
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
        for (const auto& [turn, rating] : mark.ratings)
            if (rating != Rating::none) entry["ratings"][std::to_string(turn)] = int(rating);
        if (!entry.empty()) sessions[id] = std::move(entry);
    }
    std::error_code ignored;  // what is missing shows when the file is written
    std::filesystem::create_directories(file.parent_path(), ignored);
    const json root = {{"sessions", std::move(sessions)}};
    return base::writeFileAtomically(
        file, root.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace moxie::desktop

#include "app/desktop/session/session_bin.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "agent/lease.h"
#include "base/file.h"

namespace moxie::desktop {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kNoteName = "removed.json";

std::optional<BinnedSession> readNote(const fs::path& folder) {
    const auto text = base::readFile(folder / kNoteName, 1 << 20);
    if (!text) return std::nullopt;
    const json note = json::parse(*text, nullptr, false);
    if (!note.is_object() || !note.contains("removed_ms") ||
        !note["removed_ms"].is_number_integer())
        return std::nullopt;
    const auto text8 = [&note](const char* name) {
        return note.contains(name) && note[name].is_string()
                   ? QString::fromStdString(note[name].get<std::string>())
                   : QString();
    };
    return BinnedSession{.id = QString::fromStdString(folder.filename().string()),
                         .title = text8("title"),
                         .repository = text8("repository"),
                         .removedMs = note["removed_ms"].get<int64_t>()};
}

base::Status move(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (!error && fs::exists(to, error))
        return base::fail(base::Errc::io, to.string() + " is there already");
    if (!error) fs::rename(from, to, error);
    if (error) return base::fail(base::errnoError(error.value(), "move " + from.string()));
    return {};
}

}  // namespace

SessionBin::SessionBin(fs::path sessionsFolder, fs::path binFolder)
    : sessionsFolder_(std::move(sessionsFolder)),
      binFolder_(std::move(binFolder)) {}

std::vector<BinnedSession> SessionBin::list(int64_t nowMs) const {
    std::vector<BinnedSession> sessions;
    std::error_code error;
    if (!fs::is_directory(binFolder_, error)) return sessions;
    for (fs::directory_iterator it(binFolder_, error), end; !error && it != end;
         it.increment(error)) {
        const auto note = readNote(it->path());
        if (!note) continue;  // nothing that we put there
        if (note->removedMs + kKeptMs < nowMs) {
            std::error_code ignored;  // it is tried again next time
            fs::remove_all(it->path(), ignored);
            continue;
        }
        sessions.push_back(*note);
    }
    std::sort(sessions.begin(), sessions.end(),
              [](const auto& a, const auto& b) { return a.removedMs > b.removedMs; });
    return sessions;
}

base::Status SessionBin::put(const BinnedSession& session) const {
    const std::string id = session.id.toStdString();
    const fs::path folder = sessionsFolder_ / id;
    std::error_code error;
    if (id.empty() || !fs::is_directory(folder, error))
        return base::fail(base::Errc::notFound, "there is no session \"" + id + "\"");
    // Held while it moves, so that nobody begins to drive it meanwhile.
    TRY_ASSIGN(const agent::Lease lease, agent::Lease::take(folder / "lease"));
    const json note = {{"title", session.title.toStdString()},
                       {"repository", session.repository.toStdString()},
                       {"removed_ms", session.removedMs}};
    TRY(base::writeFileAtomically(folder / kNoteName,
                                  note.dump(1, ' ', false, json::error_handler_t::replace) + "\n"));
    return move(folder, binFolder_ / id);
}

base::Status SessionBin::takeBack(const std::string& id) const {
    const fs::path folder = binFolder_ / id;
    if (id.empty() || !readNote(folder))
        return base::fail(base::Errc::notFound, "there is no removed session \"" + id + "\"");
    TRY(move(folder, sessionsFolder_ / id));
    std::error_code ignored;  // left behind it harms nobody
    fs::remove(sessionsFolder_ / id / kNoteName, ignored);
    return {};
}

}  // namespace moxie::desktop

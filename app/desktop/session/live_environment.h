// What a session that this window drives needs from outside: settings, models, an index, the rules
// of the project. Functions, so that tests bring their own. All but the clock are called on the
// thread of the session or a worker's, never on the GUI's. Threads: values.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/session.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/chat_model.h"
#include "indexer/index.h"

namespace moxie::desktop {

struct OpenedModel {
    std::shared_ptr<engine::ChatModel> model = {};  // sessions may share one
    std::vector<std::string> notes = {};            // sentences for the user
};

// Which of the user's models may answer; as it is: those of the settings, in their order.
struct ModelWish {
    bool isOnlyLocal = false;
    std::string name = {};  // this one alone
    auto operator<=>(const ModelWish&) const = default;
};

struct PlannedModel {
    std::string name = {}, backend = {};  // as in SessionView
    bool takesImages = false;
    bool operator==(const PlannedModel&) const = default;
};

// What the settings would choose now, in the order in which they try them; nothing was opened.
using PlannedModels = std::vector<PlannedModel>;

struct OptionsWish {
    std::filesystem::path repository = {};
    agent::PermissionMode mode = agent::PermissionMode::ask;
    engine::ModelLimits limits = {};
};

struct LiveEnvironment {
    base::Clock& clock;  // outlives every session
    std::filesystem::path sessionsFolder = {};
    // The model for the next turn; the same object as before if nothing changed.
    std::function<base::Result<OpenedModel>(const std::filesystem::path& repository,
                                            const ModelWish& wish)>
        openModel = {};
    // Empty: it is not known before a model has answered.
    std::function<PlannedModels(const std::filesystem::path& repository)> planModels = {};
    // Not brought up to date yet. Empty: no index.
    std::function<base::Result<std::unique_ptr<indexer::Index>>(const std::filesystem::path&)>
        openIndex = {};
    std::function<base::Result<agent::SessionOptions>(const OptionsWish& wish,
                                                      std::vector<std::string>& notes)>
        makeOptions = {};
    // Keeps an "always" of the user for the project.
    std::function<base::Status(const std::filesystem::path& repository, const std::string& rule)>
        keepRule = {};
};

// The user's settings, models, index and rules. `clock` outlives it.
LiveEnvironment makeLiveEnvironment(base::Clock& clock);

// For work on a session that asks no model: every start() fails with unsupported.
std::unique_ptr<engine::ChatModel> makeSilentModel();

}  // namespace moxie::desktop

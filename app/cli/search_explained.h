// Why a hit of `moxie search` stands where it stands, for people and as JSON. Threads: any thread.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/cli/messages.h"
#include "indexer/index.h"

namespace moxie::app {

// In a few words; fit for a terminal. Empty for an empty reason.
std::string reasonText(const indexer::HitReason& reason, const Messages& say);

// Indented lines.
std::string explained(const indexer::SearchHit& hit, const Messages& say);

nlohmann::json explanationToJson(const indexer::SearchExplanation& why);
nlohmann::json companionsToJson(const std::vector<indexer::Companion>& companions);

}  // namespace moxie::app

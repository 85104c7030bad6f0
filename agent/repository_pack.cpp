#include "agent/repository_pack.h"

#include <algorithm>

#include "base/text.h"

namespace moxie::agent {

namespace {

// A line that cannot be written down is left out: that file is not watched after a restart.
std::vector<std::string> linesOf(const std::vector<indexer::PackedFile>& files) {
    std::vector<std::string> lines;
    for (const indexer::PackedFile& file : files)
        if (std::string line = indexer::toLine(file); !line.empty())
            lines.push_back(std::move(line));
    return lines;
}

}  // namespace

base::Result<PackNews> RepositoryPack::make(const indexer::Index& index, const PackWish& wish,
                                            const engine::ChatModel& model,
                                            const std::stop_token& stop) {
    TRY_ASSIGN(const indexer::ContextPack pack,
               index.pack({.task = wish.task,
                           .budgetTokens = wish.budgetTokens,
                           .countTokens = [&](std::string_view t) { return model.countTokens(t); }},
                          stop));
    return PackNews{base::toValidUtf8(pack.text), linesOf(pack.files)};
}

void RepositoryPack::replay(const MessageAdded& added, const engine::ChatModel& model) {
    if (added.packed.empty()) return;
    std::vector<indexer::PackedFile> files;
    for (const std::string& line : added.packed)
        if (auto file = indexer::packedFileFromLine(line)) files.push_back(*std::move(file));
    int64_t& tokens = session_.isEmpty() ? baseTokens_ : newsTokens_;
    tokens += std::max<int64_t>(0, model.countTokens(added.message.text));
    session_.believe(files);
}

base::Result<PackNews> RepositoryPack::news(const tools::Observations& observations,
                                            const engine::ChatModel& model,
                                            const std::stop_token& stop) {
    if (session_.isEmpty()) return PackNews();
    const auto ask = [&](const std::string& path, std::string_view bytes) {
        switch (observations.check(path, bytes)) {
            case tools::Observations::State::current:
                return indexer::ModelKnows::these;
            case tools::Observations::State::stale:
                return indexer::ModelKnows::others;
            case tools::Observations::State::unseen:
                break;
        }
        return indexer::ModelKnows::nothing;
    };
    TRY_ASSIGN(const indexer::PackDelta delta,
               session_.changes(
                   ask, [&](std::string_view t) { return model.countTokens(t); }, stop));
    return PackNews{base::toValidUtf8(delta.text), linesOf(delta.files)};
}

bool RepositoryPack::becameOutdated(const engine::ModelLimits& limits, int64_t remainingTurns) {
    indexer::PackCosts costs{
        .baseTokens = baseTokens_, .deltaTokens = newsTokens_, .remainingTurns = remainingTurns};
    if (limits.price && limits.price->input > 0)
        costs.prices = {limits.price->input, limits.price->cachedInput};
    if (isOutdated_ || !indexer::isNewBaseDue(costs)) return false;
    isOutdated_ = true;
    return true;
}

}  // namespace moxie::agent

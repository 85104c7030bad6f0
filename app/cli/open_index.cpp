#include "app/cli/open_index.h"

#include <system_error>

namespace moxie::app {

base::Result<std::filesystem::path> repositoryFolder(const std::string& repository,
                                                     const Messages& say) {
    std::error_code failed;
    const auto folder = std::filesystem::canonical(repository, failed);
    if (failed || !std::filesystem::is_directory(folder, failed))
        return base::fail(base::Errc::invalidInput, say(Msg::repoMissing, repository));
    return folder;
}

base::Result<std::unique_ptr<indexer::Index>> openIndexFor(const std::string& repository,
                                                           IndexState state, Context& context) {
    TRY_ASSIGN(const std::filesystem::path root, repositoryFolder(repository, context.say));
    TRY_ASSIGN(auto index, indexer::openIndex({.root = root}));
    if (state == IndexState::asItIs) return index;
    Progress progress(context.error, context.clock);
    const auto show = [&](indexer::Progress at) {
        progress.show(context.say(Msg::indexProgress, at.filesDone, at.filesTotal));
    };
    TRY(index->update(show, context.signals.token()));
    return index;
}

}  // namespace moxie::app

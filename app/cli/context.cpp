#include "app/cli/context.h"

namespace moxie::app {

Config Context::loadConfig(const std::filesystem::path& repository) const {
    Config config = Config::load(repository, say);
    for (const ConfigProblem& problem : config.problems())
        warn(printable(problem.shown()));
    return config;
}

int Context::fail(const base::Error& failure) const {
    if (failure.kind() == base::Errc::cancelled && signals.received() != 0)
        return 128 + signals.received();
    error.line(error.styled(Style::red, say(Msg::errorLabel)) + printable(failure.message()));
    return failure.kind() == base::Errc::invalidInput ? kExitUsage : kExitError;
}

int Context::failUsage(std::string_view sentence) const {
    error.line(error.styled(Style::red, say(Msg::errorLabel)) + printable(sentence));
    return kExitUsage;
}

void Context::warn(std::string_view sentence) const {
    error.line(error.styled(Style::yellow, say(Msg::warningLabel)) + std::string(sentence));
}

}  // namespace moxie::app

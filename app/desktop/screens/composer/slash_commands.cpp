#include "app/desktop/screens/composer/slash_commands.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <utility>

namespace moxie::desktop {

void SlashCommands::add(SlashCommand command) {
    commands_.push_back(std::move(command));
}

std::vector<Suggestion> SlashCommands::matching(const QString& typed) const {
    std::vector<Suggestion> fitting;
    for (const SlashCommand& command : commands_)
        if (command.word.startsWith(typed, Qt::CaseInsensitive)) {
            const QString text = QLatin1Char('/') + command.word;
            fitting.push_back(
                {text, QCoreApplication::translate("SlashCommands", command.detail), text});
        }
    return fitting;
}

const SlashCommand* SlashCommands::find(const QString& message) const {
    if (!isCommand(message)) return nullptr;
    const auto found =
        std::find_if(commands_.begin(), commands_.end(),
                     [&](const SlashCommand& command) { return command.word == message.mid(1); });
    return found == commands_.end() ? nullptr : &*found;
}

bool SlashCommands::isCommand(const QString& message) {
    return message.size() > 1 && message.front() == QLatin1Char('/') &&
           std::all_of(message.begin() + 1, message.end(), [](QChar c) {
               return (c >= QLatin1Char('a') && c <= QLatin1Char('z')) || c == QLatin1Char('-');
           });
}

void addModeCommands(SlashCommands& commands,
                     const std::function<void(agent::PermissionMode)>& setMode) {
    using agent::PermissionMode;
    static constexpr std::array kModes = {
        std::pair{PermissionMode::plan,
                  QT_TRANSLATE_NOOP("SlashCommands", "Plan only, change nothing")},
        std::pair{PermissionMode::ask,
                  QT_TRANSLATE_NOOP("SlashCommands", "Ask before each edit and command")},
        std::pair{PermissionMode::autoEdit,
                  QT_TRANSLATE_NOOP("SlashCommands", "Edit files, ask before commands")},
        std::pair{PermissionMode::autonomous,
                  QT_TRANSLATE_NOOP("SlashCommands", "Edit and run commands without asking")}};
    for (const auto& [mode, detail] : kModes)
        commands.add({QString::fromStdString(std::string(agent::toString(mode))), detail,
                      [setMode, wanted = mode] { setMode(wanted); }});
}

}  // namespace moxie::desktop

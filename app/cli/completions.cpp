// moxie completions bash|zsh|fish|man: written from the tree of commands itself, so they cannot
// fall behind it. `cmake --install` runs this command for the files it installs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"

namespace moxie::app {

namespace {

struct CompletionsOptions {
    std::string shell = {};
};

std::vector<const CLI::App*> commandsOf(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_name().empty(); });
}

// Options that are shown in help: name with dashes, description.
struct ShownOption {
    std::string longName, shortName, description, valueName;
};

std::vector<ShownOption> optionsOf(const CLI::App& app) {
    std::vector<ShownOption> shown;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty() || option->get_lnames().empty()) continue;
        ShownOption one;
        one.longName = "--" + option->get_lnames().front();
        if (!option->get_snames().empty()) one.shortName = "-" + option->get_snames().front();
        one.description = option->get_description();
        if (option->get_type_size() != 0) one.valueName = option->get_type_name();
        shown.push_back(std::move(one));
    }
    return shown;
}

std::string pathOf(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name()
                                       : pathOf(*app.get_parent()) + " " + app.get_name();
}

void forEachApp(const CLI::App& app, const std::function<void(const CLI::App&)>& each) {
    each(app);
    for (const CLI::App* command : commandsOf(app))
        forEachApp(*command, each);
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (size_t pos = text.find(what); pos != std::string::npos;
         pos = text.find(what, pos + with.size()))
        text.replace(pos, what.size(), with);
    return text;
}

std::string shellQuoted(const std::string& text) {
    return "'" + replaced(text, "'", "'\\''") + "'";
}

std::string bashScript(const CLI::App& root) {
    std::string paths, words;
    forEachApp(root, [&](const CLI::App& app) {
        const std::string path = pathOf(app);
        if (app.get_parent() != nullptr) paths += (paths.empty() ? "\"" : "|\"") + path + "\"";
        std::string list;
        for (const CLI::App* command : commandsOf(app))
            list += command->get_name() + " ";
        for (const ShownOption& option : optionsOf(app))
            list += option.longName + " ";
        words += fmt::format("        \"{}\") words=\"{}\" ;;\n", path, list);
    });
    return fmt::format(
        "# bash completion of moxie; made by: moxie completions bash\n"
        "_moxie() {{\n"
        "    local path=moxie words=\"\" word\n"
        "    for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
        "        case \"$path $word\" in\n"
        "            {}) path=\"$path $word\" ;;\n"
        "        esac\n"
        "    done\n"
        "    case \"$path\" in\n{}"
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n"
        "}}\n"
        "complete -o default -F _moxie moxie\n",
        paths, words);
}

std::string zshScript(const CLI::App& root) {
    std::string paths, words;
    forEachApp(root, [&](const CLI::App& app) {
        const std::string path = pathOf(app);
        if (app.get_parent() != nullptr) paths += (paths.empty() ? "\"" : "|\"") + path + "\"";
        std::string list;
        for (const CLI::App* command : commandsOf(app))
            list += " " + shellQuoted(command->get_name() + ":" +
                                      replaced(command->get_description(), ":", "\\:"));
        for (const ShownOption& option : optionsOf(app))
            list +=
                " " + shellQuoted(option.longName + ":" + replaced(option.description, ":", "\\:"));
        words += fmt::format("        \"{}\") items=({}) ;;\n", path, list);
    });
    return fmt::format(
        "#compdef moxie\n"
        "# zsh completion of moxie; made by: moxie completions zsh\n"
        "_moxie() {{\n"
        "    local path_=moxie word\n"
        "    local -a items\n"
        "    for word in \"${{(@)words[2,CURRENT-1]}}\"; do\n"
        "        case \"$path_ $word\" in\n"
        "            {}) path_=\"$path_ $word\" ;;\n"
        "        esac\n"
        "    done\n"
        "    case \"$path_\" in\n{}"
        "    esac\n"
        "    _describe -t moxie moxie items || _files\n"
        "}}\n"
        "_moxie \"$@\"\n",
        paths, words);
}

std::string fishScript(const CLI::App& root) {
    std::string script = "# fish completion of moxie; made by: moxie completions fish\n";
    forEachApp(root, [&](const CLI::App& app) {
        std::string condition = "__fish_use_subcommand";
        if (app.get_parent() != nullptr) {
            condition = "__fish_seen_subcommand_from " + app.get_name();
            if (app.get_parent()->get_parent() != nullptr)
                condition = "__fish_seen_subcommand_from " + app.get_parent()->get_name() +
                            "; and " + condition;
        }
        for (const CLI::App* command : commandsOf(app))
            script +=
                fmt::format("complete -c moxie -f -n {} -a {} -d {}\n", shellQuoted(condition),
                            command->get_name(), shellQuoted(command->get_description()));
        for (const ShownOption& option : optionsOf(app))
            script +=
                fmt::format("complete -c moxie -n {} -l {}{}{} -d {}\n", shellQuoted(condition),
                            option.longName.substr(2),
                            option.shortName.empty() ? "" : " -s " + option.shortName.substr(1),
                            option.valueName.empty() ? "" : " -r", shellQuoted(option.description));
    });
    return script;
}

// Text for roff: a dot or quote at a line's start, backslashes and hyphens mean something to it.
std::string roff(std::string text) {
    text = replaced(replaced(std::move(text), "\\", "\\e"), "-", "\\-");
    if (!text.empty() && (text[0] == '.' || text[0] == '\'')) text.insert(0, "\\&");
    return text;
}

std::string manPage(const CLI::App& root, const Messages& say) {
    std::string page = fmt::format(
        ".\\\" made by: moxie completions man\n.TH MOXIE 1 \"\" \"moxie {}\" \"Moxie\"\n"
        ".SH NAME\nmoxie \\- {}\n.SH SYNOPSIS\n.B moxie\n.I COMMAND\n[\\fIOPTIONS\\fR]\n",
        roff(std::string(moxieVersion())), roff(root.get_description()));
    forEachApp(root, [&](const CLI::App& app) {
        page += app.get_parent() == nullptr ? ".SH OPTIONS\n"
                                            : fmt::format(".SH {}\n{}\n.PP\n", roff(pathOf(app)),
                                                          roff(app.get_description()));
        for (const CLI::Option* option : app.get_options())
            if (option->get_lnames().empty() && option->get_snames().empty())
                page += fmt::format(".TP\n.I {}\n{}\n", roff(option->get_name()),
                                    roff(option->get_description()));
        for (const ShownOption& option : optionsOf(app))
            page += fmt::format(
                ".TP\n.B {}{}{}\n{}\n", roff(option.shortName),
                option.shortName.empty() ? roff(option.longName) : ", " + roff(option.longName),
                option.valueName.empty() ? "" : " \\fI" + roff(option.valueName) + "\\fR",
                roff(option.description));
        if (app.get_parent() != nullptr && !app.get_footer().empty())
            page += ".PP\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
    });
    page +=
        ".SH EXIT STATUS\n"
        ".TP\n0\ndone; of run: done and verified\n.TP\n1\nerror\n.TP\n2\nwrong usage\n"
        ".TP\n3\nrun: ended, not verified\n.TP\n4\nrun: verification failed\n"
        ".TP\n5\nrun: a permission is needed or was denied\n.TP\n6\nrun: budget spent\n"
        ".TP\n7\nrun: stuck\n.TP\n8\nrun: no jail for commands\n"
        ".TP\n9\nrun: refused by the model\n.TP\n130, 143\nended by SIGINT, SIGTERM\n"
        ".SH FILES\n.TP\n~/.config/moxie/config.json\nyour settings\n"
        ".TP\n\\&.moxie/config.json\na project's restrictions\n"
        ".TP\n~/.local/share/moxie/sessions\nsessions\n";
    return page + (say.language() == Language::chinese ? ".\\\" zh_CN\n" : "");
}

}  // namespace

void addCompletions(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<CompletionsOptions>();
    Command command =
        line.root.subcommand("completions", Msg::helpCompletions, Msg::exampleCompletions);
    command.option("SHELL", &options->shell, say(Msg::optShell))
        .required()
        .oneOf({"bash", "zsh", "fish", "man"});
    command.onChosen([&line, options] {
        line.action = [&line, options] {
            line.context.out.write(options->shell == "bash"  ? bashScript(line.root.app())
                                   : options->shell == "zsh" ? zshScript(line.root.app())
                                   : options->shell == "fish"
                                       ? fishScript(line.root.app())
                                       : manPage(line.root.app(), line.context.say));
            return kExitDone;
        };
    });
}

}  // namespace moxie::app

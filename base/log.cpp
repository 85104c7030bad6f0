#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "base/paths.h"

namespace moxie::base {

namespace {

spdlog::level::level_enum toSpdlog(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            return spdlog::level::debug;
    }
    return spdlog::level::info;
}

// The logger of a module; never null.
std::shared_ptr<spdlog::logger> loggerOf(std::string_view module) {
    static const auto kSilent =
        std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
    // Not spdlog's own registry: it throws when two threads bring the same name.
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<spdlog::logger>, std::less<>> loggers;
    const auto root = spdlog::default_logger();
    if (root == nullptr || root->name() != "moxie") return kSilent;
    const std::lock_guard lock(mutex);
    const auto known = loggers.find(module);
    if (known != loggers.end()) return known->second;
    const std::string name(module);
    return loggers.emplace(name, root->clone(name)).first->second;
}

}  // namespace

Status startLogging(LogLevel level) {
    std::error_code ec;
    const std::filesystem::path directory = dataDir() / "log";
    std::filesystem::create_directories(directory, ec);
    if (ec) return fail(Errc::io, fmt::format("create {}: {}", directory.string(), ec.message()));
    // spdlog reports a file it cannot open by throwing; this is the only place we let it.
    try {
        auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
            (directory / "moxie.log").string(), 2'000'000, 3);
        auto root = std::make_shared<spdlog::logger>("moxie", std::move(sink));
        root->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n %v");
        root->set_level(toSpdlog(level));
        root->flush_on(spdlog::level::warn);
        spdlog::set_default_logger(std::move(root));
    } catch (const spdlog::spdlog_ex& failure) {
        return fail(Errc::io, fmt::format("open the log: {}", failure.what()));
    }
    return {};
}

void log(LogLevel level, std::string_view module, std::string_view text) {
    loggerOf(module)->log(toSpdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace moxie::base

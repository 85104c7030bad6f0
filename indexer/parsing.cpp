#include "indexer/parsing.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <numeric>

#include "base/file.h"

namespace moxie::indexer {
namespace {

// The name stands for the text.
ParsedFile entryOf(const FileOnDisk& file) {
    ParsedFile entry;
    entry.languageGuess = entry.language = languageOfPath(file.path);
    entry.bytes = file.bytes;
    entry.flags = kFlagTooLarge;
    entry.hash = file.hash
                     ? *file.hash
                     : blobHash(fmt::format("{} {} {}", file.path, file.bytes, file.modifiedNs));
    return entry;
}

// What git said of it may be old: it is true of the text only if the file did not change since.
bool isStill(const std::filesystem::path& path, const FileOnDisk& file, std::string_view text) {
    struct stat now = {};
    return int64_t(text.size()) == file.bytes && lstat(path.c_str(), &now) == 0 &&
           int64_t(now.st_mtim.tv_sec) * 1'000'000'000 + now.st_mtim.tv_nsec == file.modifiedNs;
}

}  // namespace

void Demand::add(std::string_view path) {
    std::lock_guard lock(mutex_);
    if (paths_.size() >= kPathsMax) return;
    paths_.emplace_back(path);
    isEmpty_ = false;
}

std::vector<std::string> Demand::take() {
    if (isEmpty_) return {};
    std::lock_guard lock(mutex_);
    isEmpty_ = true;
    return std::exchange(paths_, {});
}

base::Result<ParsedFile> readAndParse(Outliner& outliner, const ParseJob& job,
                                      const ParseOptions& options) {
    const FileOnDisk& file = job.file;
    if (file.bytes > options.fileBytesMax) return entryOf(file);
    const auto path = options.root / file.path;
    TRY_ASSIGN(std::string text, base::readFile(path, options.fileBytesMax));
    if (file.hash && isStill(path, file, text))
        return parseFile(outliner, file.path, std::move(text), *file.hash, options.stop, job.task);
    // What was known of it may be of another text.
    const BlobHash hash = blobHash(text);
    return parseFile(outliner, file.path, std::move(text), hash, options.stop,
                     {.step = job.task.step});
}

Parsing::Parsing(const std::vector<ParseJob>& jobs, const ParseOptions& options)
    : jobs_(jobs),
      options_(options),
      order_(jobs.size()),
      isTaken_(jobs.size(), false) {
    std::iota(order_.begin(), order_.end(), size_t(0));
    const size_t wanted = std::min<size_t>(size_t(std::max(0, options.threads)), jobs.size());
    for (size_t i = 0; i < wanted; i++)
        workers_.emplace_back([this] { run(); });
}

Parsing::~Parsing() {
    {
        std::lock_guard lock(mutex_);
        isEnded_ = true;
    }
    queue_.close();
}

std::optional<Parsing::Pick> Parsing::pick() {
    std::lock_guard lock(mutex_);
    if (isEnded_) return std::nullopt;
    if (options_.demand) {
        for (const std::string& path : options_.demand->take()) {
            if (jobByPath_.empty())
                for (size_t i = 0; i < jobs_.size(); i++)
                    jobByPath_.emplace(jobs_[i].file.path, i);
            if (const auto job = jobByPath_.find(path); job != jobByPath_.end())
                demanded_.push_back(job->second);
        }
    }
    while (!demanded_.empty()) {
        const size_t job = demanded_.back();
        demanded_.pop_back();
        if (isTaken_[job]) continue;
        isTaken_[job] = true;
        return Pick{job, true};
    }
    while (nextJob_ < order_.size() && isTaken_[order_[nextJob_]])
        nextJob_++;
    if (nextJob_ == order_.size()) return std::nullopt;
    const size_t job = order_[nextJob_++];
    isTaken_[job] = true;
    return Pick{job, false};
}

void Parsing::setOrder(std::vector<size_t> order) {
    std::lock_guard lock(mutex_);
    BASE_CHECK(order.size() == jobs_.size());
    order_ = std::move(order);
    nextJob_ = 0;
}

Parsing::Outcome Parsing::work(Outliner& outliner, const Pick& picked) {
    return {picked.job, picked.isDemanded, readAndParse(outliner, jobs_[picked.job], options_)};
}

void Parsing::run() {
    Outliner outliner;
    while (const auto picked = pick())
        if (!queue_.push(work(outliner, *picked))) return;
}

std::optional<Parsing::Outcome> Parsing::next() {
    if (nTaken_ == jobs_.size()) return std::nullopt;
    nTaken_++;
    if (!workers_.empty()) return queue_.pop();
    const auto picked = pick();
    if (!picked) return std::nullopt;
    return work(outliner_, *picked);
}

}  // namespace moxie::indexer

#include "engine/experts/expert_cache.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

namespace moxie::engine {

using base::Errc;
using base::fail;
using kernels::WeightsView;

namespace {

constexpr int32_t kReadersMax = 64;
// After so many calls of need() a use counts half: some tens of tokens of a model with 60 layers.
constexpr double kHalfLife = 4096;

int64_t roundUp(int64_t bytes) {
    return (bytes + kDiskPageBytes - 1) / kDiskPageBytes * kDiskPageBytes;
}

// The rows of scales that a view's own rows take.
struct ScaleRows {
    int64_t first = 0, count = 0;
};

ScaleRows scaleRowsOf(const WeightsView& w) {
    const int64_t first = w.scaleRowOffset / w.scaleRows;
    return {first, (w.scaleRowOffset + w.rows - 1) / w.scaleRows - first + 1};
}

int64_t topKMax(const ModelPlan& plan) {
    int64_t most = 0;
    for (const Block& block : plan.blocks)
        if (const auto* step = std::get_if<MoeFfn>(&block.ffn)) most = std::max(most, step->topK);
    return most;
}

std::array<const WeightsView*, 3> viewsOf(const Expert& expert) {
    return {&expert.gate, &expert.up, &expert.down};
}

}  // namespace

ExpertCache::ExpertCache(const LoadedModel& model, int32_t readers)
    : model_(model),
      nReaders_(std::clamp(readers, 1, kReadersMax)) {}

ExpertCache::~ExpertCache() {
    for (std::jthread& reader : readers_)
        reader.request_stop();
    hasReads_.notify_all();
    readers_.clear();
    if (memory_ != nullptr) ::munmap(memory_, size_t(memoryBytes_));
}

base::Result<std::unique_ptr<ExpertCache>> ExpertCache::open(const LoadedModel& model,
                                                             const ExpertCacheOptions& options) {
    std::unique_ptr<ExpertCache> cache(new ExpertCache(model, options.readers));
    TRY(cache->openFiles());
    for (const Block& block : model.plan.blocks)
        if (const auto* step = std::get_if<MoeFfn>(&block.ffn)) TRY(cache->addStep(*step));
    for (const Block* block : draftBlocks(model.plan))
        if (const auto* step = std::get_if<MoeFfn>(&block->ffn)) TRY(cache->addStep(*step));
    if (cache->sources_.empty())
        return fail(Errc::invalidInput, "the model has no routed experts to keep on disk");
    TRY(cache->takeMemory(options.bytes));
    for (int32_t i = 0; i < cache->nReaders_; ++i)
        cache->readers_.emplace_back(
            [self = cache.get()](const std::stop_token& stop) { self->readLoop(stop); });
    return cache;
}

base::Status ExpertCache::openFiles() {
    for (const base::MappedFile* file : model_.files()) {
        TRY_ASSIGN(DiskFile opened, DiskFile::open(file->path()));
        files_.push_back(std::move(opened));
    }
    return {};
}

base::Status ExpertCache::addStep(const MoeFfn& step) {
    firstOf_[&step] = std::ssize(sources_);
    for (const Expert& expert : step.experts) {
        TRY_ASSIGN(Source source, sourceOf(expert));
        int64_t bytes = 0;
        for (Part& part : source.parts) {
            part.placeOffset = bytes;
            bytes += part.bytes;
        }
        placeBytes_ = std::max(placeBytes_, bytes);
        sources_.push_back(std::move(source));
    }
    return {};
}

base::Result<ExpertCache::Source> ExpertCache::sourceOf(const Expert& expert) const {
    Source source;
    const auto views = viewsOf(expert);
    for (size_t i = 0; i < views.size(); ++i) {
        const WeightsView& w = *views[i];
        if (w.data == nullptr) continue;  // gate and up in one
        TRY(addPart(w.data, w.rows * w.rowBytes, source, source.weights[i]));
        if (w.scales == nullptr) continue;
        const ScaleRows rows = scaleRowsOf(w);
        TRY(addPart(w.scales + rows.first * w.scaleRowBytes, rows.count * w.scaleRowBytes, source,
                    source.scales[i]));
    }
    return source;
}

base::Status ExpertCache::addPart(const uint8_t* data, int64_t bytes, Source& source,
                                  int32_t& index) const {
    const auto files = model_.files();
    for (size_t i = 0; i < files.size(); ++i) {
        const auto* begin = reinterpret_cast<const uint8_t*>(files[i]->bytes().data());
        const auto size = std::ssize(files[i]->bytes());
        if (data < begin || data + bytes > begin + size) continue;
        const int64_t offset = data - begin;
        const int64_t skip = offset % kDiskPageBytes;
        index = int32_t(source.parts.size());
        source.parts.push_back({.file = int32_t(i),
                                .fileOffset = offset - skip,
                                .bytes = roundUp(skip + bytes),
                                .skip = skip});
        return {};
    }
    return fail(Errc::unsupported, "the weights of an expert lie in no file");
}

base::Status ExpertCache::takeMemory(int64_t bytes) {
    const int64_t needed = topKMax(model_.plan) + 1;
    const int64_t places = std::min(bytes / placeBytes_, std::ssize(sources_));
    if (places < std::min(needed, std::ssize(sources_)))
        return fail(Errc::outOfMemory,
                    fmt::format("{} MB for experts hold {} of {} MB each; a token needs {} ({} MB)",
                                bytes / 1'000'000, places, placeBytes_ / 1'000'000, needed,
                                needed * placeBytes_ / 1'000'000));
    memoryBytes_ = places * placeBytes_;
    void* memory = ::mmap(nullptr, size_t(memoryBytes_), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return fail(Errc::outOfMemory,
                    fmt::format("{} MB for experts cannot be had", memoryBytes_ / 1'000'000));
    memory_ = static_cast<uint8_t*>(memory);
    ::madvise(memory_, size_t(memoryBytes_), MADV_HUGEPAGE);  // where the system has them
    entries_.resize(sources_.size());
    holders_.assign(size_t(places), -1);
    stats_.places = places;
    stats_.placeBytes = placeBytes_;
    stats_.experts = std::ssize(sources_);
    return {};
}

uint8_t* ExpertCache::placeAt(int32_t place) const {
    return memory_ + int64_t{place} * placeBytes_;
}

// ---- one step's experts

void ExpertCache::use(int64_t number) {
    Entry& entry = entries_[size_t(number)];
    entry.score = 1 + entry.score * std::exp2(-double(nCalls_ - entry.usedAt) / kHalfLife);
    entry.usedAt = nCalls_;
    entry.rank = std::log2(entry.score) + double(nCalls_) / kHalfLife;
    entry.isKept = true;
    ++stats_.uses;
    awaited_.push_back(number);
    if (entry.state == State::present)
        ++stats_.hits;
    else if (entry.state == State::absent)
        wanted_.push_back(number);
}

void ExpertCache::need(const MoeFfn& step, std::span<const int64_t> experts) {
    std::lock_guard lock(mutex_);
    for (const auto* list : {&awaited_, &given_})
        for (const int64_t number : *list)
            entries_[size_t(number)].isKept = false;
    wanted_.clear();
    awaited_.clear();
    given_.clear();
    failure_.reset();
    ++nCalls_;
    firstEntry_ = firstOf_.at(&step);
    for (const int64_t expert : experts)
        use(firstEntry_ + expert);
    startReads();
}

// A place that holds nothing, or the expert that is worth least.
std::optional<int32_t> ExpertCache::freePlace() {
    std::optional<int32_t> best;
    for (size_t place = 0; place < holders_.size(); ++place) {
        if (holders_[place] < 0) return int32_t(place);
        const Entry& entry = entries_[size_t(holders_[place])];
        if (entry.isKept || entry.state != State::present) continue;
        if (!best || entry.rank < entries_[size_t(holders_[size_t(*best)])].rank)
            best = int32_t(place);
    }
    if (!best) return std::nullopt;
    Entry& victim = entries_[size_t(holders_[size_t(*best)])];
    victim.state = State::absent;
    victim.place = -1;
    return best;
}

// Requires: the mutex is held.
void ExpertCache::startReads() {
    size_t nBegun = 0;
    for (; nBegun < wanted_.size(); ++nBegun) {
        const std::optional<int32_t> place = freePlace();
        if (!place) break;
        const int64_t number = wanted_[nBegun];
        const Source& source = sources_[size_t(number)];
        holders_[size_t(*place)] = number;
        Entry& entry = entries_[size_t(number)];
        entry.state = State::reading;
        entry.place = *place;
        entry.nPartsLeft = int32_t(source.parts.size());
        for (const Part& part : source.parts)
            reads_.push_back({number, part});
    }
    wanted_.erase(wanted_.begin(), wanted_.begin() + int64_t(nBegun));
    if (nBegun > 0) hasReads_.notify_all();
}

base::Result<std::vector<int64_t>> ExpertCache::take(const std::stop_token& stop) {
    const auto began = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    for (const int64_t number : given_)
        entries_[size_t(number)].isKept = false;
    given_.clear();
    startReads();
    const auto isHere = [this](int64_t number) {
        return entries_[size_t(number)].state == State::present;
    };
    const auto hasNews = [&] {
        return failure_ || awaited_.empty() || std::ranges::any_of(awaited_, isHere);
    };
    if (!hasNews() && !hasNews_.wait(lock, stop, hasNews))
        return fail(Errc::cancelled, "evaluation was cancelled");
    stats_.waitSeconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (failure_) return fail(*failure_);
    std::ranges::copy_if(awaited_, std::back_inserter(given_), isHere);
    std::erase_if(awaited_, isHere);
    std::vector<int64_t> experts;
    for (const int64_t number : given_)
        experts.push_back(number - firstEntry_);
    return experts;
}

ExpertWeights ExpertCache::weights(const MoeFfn& step, int64_t expert) const {
    const int64_t number = firstOf_.at(&step) + expert;
    const Source& source = sources_[size_t(number)];
    int32_t place = -1;
    {
        std::lock_guard lock(mutex_);
        place = entries_[size_t(number)].place;
    }
    BASE_CHECK(place >= 0);
    const auto addressOf = [&](int32_t part) {
        const Part& at = source.parts[size_t(part)];
        return placeAt(place) + at.placeOffset + at.skip;
    };
    const Expert& stored = step.experts[size_t(expert)];
    ExpertWeights here = {stored.gate, stored.up, stored.down};
    const std::array<WeightsView*, 3> views = {&here.gate, &here.up, &here.down};
    for (size_t i = 0; i < views.size(); ++i) {
        if (source.weights[i] < 0) continue;
        views[i]->data = addressOf(source.weights[i]);
        if (source.scales[i] < 0) continue;
        views[i]->scales = addressOf(source.scales[i]);
        views[i]->scaleRowOffset %= views[i]->scaleRows;
    }
    return here;
}

ExpertCacheStats ExpertCache::stats() const {
    std::lock_guard lock(mutex_);
    return stats_;
}

// ---- readers

void ExpertCache::readLoop(const std::stop_token& stop) {
    for (;;) {
        Read next;
        uint8_t* to = nullptr;
        {
            std::unique_lock lock(mutex_);
            if (!hasReads_.wait(lock, stop, [this] { return !reads_.empty(); })) return;
            next = reads_.front();
            reads_.pop_front();
            to = placeAt(entries_[size_t(next.entry)].place) + next.part.placeOffset;
        }
        finish(next,
               files_[size_t(next.part.file)].read(next.part.fileOffset, next.part.bytes, to));
    }
}

void ExpertCache::finish(const Read& read, base::Status status) {
    std::lock_guard lock(mutex_);
    Entry& entry = entries_[size_t(read.entry)];
    stats_.bytesRead += read.part.bytes;
    if (!status && !failure_) failure_ = status.error();
    entry.isBroken |= !status;
    if (--entry.nPartsLeft > 0) return;
    if (entry.isBroken) {
        holders_[size_t(entry.place)] = -1;
        entry = {};
    } else {
        entry.state = State::present;
    }
    startReads();  // what waited for a place
    hasNews_.notify_all();
}

}  // namespace moxie::engine

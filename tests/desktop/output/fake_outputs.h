// An OutputStore of texts that a test writes while a view reads. Threads: any.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "app/desktop/screens/output/output_store.h"

namespace moxie::desktop::testing {

class FakeOutputs final : public OutputStore {
public:
    void write(const std::string& callId, std::string_view bytes) {
        std::lock_guard lock(mutex_);
        texts_[callId] += bytes;
    }

    void fail(base::Error error) {
        std::lock_guard lock(mutex_);
        failure_ = std::move(error);
    }

    void lose(OutputLoss loss) {
        std::lock_guard lock(mutex_);
        loss_ = loss;
    }

    base::Result<std::unique_ptr<OutputBytes>> open(const CommandKey& key,
                                                    CommandPhase phase) const override {
        std::lock_guard lock(mutex_);
        if (failure_) return base::fail(*failure_);
        if (!texts_.contains(key.callId) && phase == CommandPhase::running)
            return base::fail(base::Errc::notFound, "nothing yet");
        return std::unique_ptr<OutputBytes>(std::make_unique<Bytes>(*this, key.callId));
    }

private:
    class Bytes final : public OutputBytes {
    public:
        Bytes(const FakeOutputs& store, std::string callId)
            : store_(store),
              callId_(std::move(callId)) {}

        base::Result<std::string> next(int64_t bytesMax) override {
            std::lock_guard lock(store_.mutex_);
            const auto text = store_.texts_.find(callId_);
            if (text == store_.texts_.end()) return std::string();
            std::string bytes = text->second.substr(done_, size_t(bytesMax));
            done_ += bytes.size();
            return bytes;
        }

        int64_t totalBytes() const override {
            std::lock_guard lock(store_.mutex_);
            const auto text = store_.texts_.find(callId_);
            return text == store_.texts_.end() ? 0 : int64_t(text->second.size());
        }

        OutputLoss loss() const override {
            std::lock_guard lock(store_.mutex_);
            return store_.loss_;
        }

    private:
        const FakeOutputs& store_;
        const std::string callId_;
        size_t done_ = 0;
    };

    mutable std::mutex mutex_;
    std::map<std::string, std::string> texts_;
    std::optional<base::Error> failure_;
    OutputLoss loss_ = OutputLoss::none;
};

}  // namespace moxie::desktop::testing

// The sample model for tests that need real weights; they are skipped, and say so, where set-up has
// not fetched it.
#pragma once
#include <memory>

#include "engine/local/local_engine.h"
#include "engine/open_model.h"
#include "tests/catch.h"

namespace moxie::tests {

// nullptr: no sample model on this machine.
inline std::shared_ptr<engine::LocalEngine> openSampleEngine(int64_t contextTokens = 1024) {
    const auto path = engine::findSampleModel();
    if (!path) {
        WARN("skipped: " << path.error().message());
        return nullptr;
    }
    auto opened = engine::LocalEngine::open({.file = *path, .contextTokens = contextTokens});
    if (!opened) FAIL(opened.error().message());
    return *std::move(opened);
}

}  // namespace moxie::tests

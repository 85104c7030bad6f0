// A model of questions on the side that nobody asks.
#pragma once
#include "app/desktop/session/aside_model.h"

namespace moxie::desktop::testing {

class QuietAside final : public AsideModel {
public:
    const Conversation& now() const override { return model_.now(); }

    bool isAsking() const override { return false; }

    int64_t tokens() const override { return 0; }

    void ask(const QString&) override {}

    void stop() override {}

private:
    ConversationModel model_;
};

}  // namespace moxie::desktop::testing

// Where one was in source texts, to go back and forward. Threads: values; any thread.
#pragma once
#include <optional>
#include <vector>

#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

class PlaceHistory {
public:
    static constexpr size_t kPlacesMax = 100;

    // Leaves `from` for somewhere else; what lay ahead is forgotten.
    void leave(const CodePlace& from) {
        ahead_.clear();
        if (from.path.isEmpty() || (!behind_.empty() && behind_.back() == from)) return;
        behind_.push_back(from);
        if (behind_.size() > kPlacesMax) behind_.erase(behind_.begin());
    }

    // nullopt: there is nothing.
    std::optional<CodePlace> back(const CodePlace& from) { return move(behind_, ahead_, from); }

    std::optional<CodePlace> forward(const CodePlace& from) { return move(ahead_, behind_, from); }

    bool canGoBack() const { return !behind_.empty(); }

    bool canGoForward() const { return !ahead_.empty(); }

    void clear() {
        behind_.clear();
        ahead_.clear();
    }

private:
    static std::optional<CodePlace> move(std::vector<CodePlace>& source,
                                         std::vector<CodePlace>& target, const CodePlace& from) {
        if (source.empty()) return std::nullopt;
        CodePlace place = source.back();
        source.pop_back();
        if (!from.path.isEmpty()) target.push_back(from);
        return place;
    }

    std::vector<CodePlace> behind_, ahead_;
};

}  // namespace moxie::desktop

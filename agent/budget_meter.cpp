#include "agent/budget_meter.h"

#include <fmt/format.h>

namespace moxie::agent {

BudgetMeter::BudgetMeter(const Budget& budget, base::Clock& clock)
    : budget_(budget),
      clock_(clock),
      startMs_(clock.steadyMs()) {}

void BudgetMeter::countUsage(const engine::Usage& usage, double costUsd) {
    tokens_ += usage.inputTokens + usage.outputTokens;
    if (costUsd > 0) costUsd_ += costUsd;
}

std::vector<BudgetMeter::Bound> BudgetMeter::bounds() const {
    const double seconds = double(elapsedMs()) / 1000;
    return {{double(steps_), double(budget_.steps),
             fmt::format("{} of {} steps", steps_, budget_.steps)},
            {double(tokens_), double(budget_.tokens),
             fmt::format("{} of {} tokens", tokens_, budget_.tokens)},
            {seconds, double(budget_.wallMs) / 1000,
             fmt::format("{:.0f} of {:.0f} s", seconds, double(budget_.wallMs) / 1000)},
            {costUsd_, budget_.costUsd,
             fmt::format("{:.4f} of {:.4f} US dollars", costUsd_, budget_.costUsd)}};
}

std::optional<std::string> BudgetMeter::spent() const {
    for (const Bound& bound : bounds())
        if (bound.limit > 0 && bound.used >= bound.limit) return bound.text;
    return std::nullopt;
}

std::optional<std::string> BudgetMeter::warning() {
    const auto all = bounds();
    for (size_t i = 0; i < all.size(); ++i) {
        const uint32_t bit = 1U << i;
        if (all[i].limit <= 0 || all[i].used < 0.9 * all[i].limit || (warned_ & bit) != 0) continue;
        warned_ |= bit;
        return all[i].text;
    }
    return std::nullopt;
}

double costOf(const engine::Usage& usage, const std::optional<engine::ModelLimits::Price>& price) {
    if (!price) return -1;
    const auto fresh = double(usage.inputTokens - usage.cachedInputTokens);
    return (fresh * price->input + double(usage.cachedInputTokens) * price->cachedInput +
            double(usage.outputTokens) * price->output) /
           1e6;
}

}  // namespace moxie::agent

#include "engine/families/rope_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

// The settings of one set, under the old and the new spelling of config.json.
class RopeReader {
public:
    RopeReader(const Settings& settings, std::string_view group) : settings_(settings) {
        const std::string inGroup = group.empty() ? "" : fmt::format("{}.", group);
        prefixes_ = {fmt::format("rope_parameters.{}", inGroup), "rope_scaling."};
        if (group.empty()) prefixes_.emplace_back();
    }

    std::optional<double> number(std::string_view gguf, std::string_view json) const {
        if (settings_.isGguf()) return settings_.number({gguf, ""});
        for (const std::string& prefix : prefixes_)
            if (const auto value = settings_.number({"", prefix + std::string(json)})) return value;
        return std::nullopt;
    }

    std::string type() const {
        if (settings_.isGguf())
            return std::string(settings_.string({"rope.scaling.type", ""}).value_or("none"));
        for (const std::string& prefix : prefixes_)
            for (const char* json : {"rope_type", "type"})
                if (const auto value = settings_.string({"", prefix + json}))
                    return std::string(*value);
        return "default";
    }

    bool isTruncated() const {
        for (const std::string& prefix : prefixes_)
            if (const auto value = settings_.boolean({"", prefix + "truncate"})) return *value;
        // gpt-oss's converter leaves the flag out.
        return !(settings_.isGguf() && settings_.architecture() == "gpt-oss");
    }

private:
    const Settings& settings_;
    std::vector<std::string> prefixes_;
};

double yarnAmplitude(double mscale, double factor) {
    return factor <= 1 ? 1 : 0.1 * mscale * std::log(factor) + 1;
}

Result<double> inRange(std::string_view what, std::optional<double> value, double min, double max) {
    if (!value) return fail(Errc::corrupt, fmt::format("rope: {} is missing", what));
    if (!(*value >= min) || !(*value <= max))
        return fail(Errc::corrupt,
                    fmt::format("rope: {} is {}, expected {} to {}", what, *value, min, max));
    return *value;
}

void readAmplitudes(const Settings& settings, const RopeReader& reader, RopeSettings& rope) {
    if (settings.isGguf()) {
        const auto multiplier = reader.number("rope.scaling.yarn_log_multiplier", "");
        if (multiplier) {  // DeepSeek: all in the softmax scale
            rope.softmaxAmplitude =
                std::pow(1 + *multiplier * std::log(std::max(1.0, rope.factor)), 2);
            return;
        }
        rope.amplitude = yarnAmplitude(1, rope.factor);
        return;
    }
    const auto mscale = reader.number("", "mscale");
    const auto mscaleAll = reader.number("", "mscale_all_dim");
    if (mscaleAll && *mscaleAll != 0)
        rope.softmaxAmplitude = std::pow(yarnAmplitude(*mscaleAll, rope.factor), 2);
    if (const auto fixed = reader.number("", "attention_factor"))
        rope.amplitude = *fixed;
    else if (mscale && mscaleAll && *mscaleAll != 0)
        rope.amplitude =
            yarnAmplitude(*mscale, rope.factor) / yarnAmplitude(*mscaleAll, rope.factor);
    else
        rope.amplitude = yarnAmplitude(1, rope.factor);
}

Result<RopeScaling> scalingOf(const std::string& type) {
    if (type == "none" || type == "default") return RopeScaling::none;
    if (type == "linear") return RopeScaling::linear;
    if (type == "yarn") return RopeScaling::yarn;
    if (type == "llama3") return RopeScaling::llama3;
    return fail(Errc::unsupported,
                fmt::format("rope scaling {}, expected none, linear, yarn or llama3", type));
}

}  // namespace

Result<RopeSettings> readRopeSettings(const Settings& settings, std::string_view group) {
    const RopeReader reader(settings, group);
    RopeSettings rope;
    std::optional<double> theta = reader.number("rope.freq_base", "rope_theta");
    if (!theta && settings.isGguf() && settings.architecture() == "llama") theta = kGgufTheta;
    TRY_ASSIGN(rope.theta, inRange(settings.isGguf() ? "freq_base" : "rope_theta", theta, 1, 1e12));
    TRY_ASSIGN(rope.scaling, scalingOf(reader.type()));
    rope.partial = reader.number("", "partial_rotary_factor").value_or(1);
    if (rope.scaling == RopeScaling::none) return rope;
    TRY_ASSIGN(rope.factor,
               inRange("factor", reader.number("rope.scaling.factor", "factor"), 1e-3, 1e6));
    if (rope.scaling == RopeScaling::linear) return rope;
    TRY_ASSIGN(const double original, inRange("the original context",
                                              reader.number("rope.scaling.original_context_length",
                                                            "original_max_position_embeddings"),
                                              1, 1 << 30));
    rope.originalContext = static_cast<int64_t>(original);
    rope.betaFast =
        reader.number("rope.scaling.yarn_beta_fast", "beta_fast").value_or(rope.betaFast);
    rope.betaSlow =
        reader.number("rope.scaling.yarn_beta_slow", "beta_slow").value_or(rope.betaSlow);
    rope.isTruncated = reader.isTruncated();
    rope.lowFrequencyFactor = reader.number("", "low_freq_factor").value_or(1);
    rope.highFrequencyFactor = reader.number("", "high_freq_factor").value_or(4);
    if (rope.scaling == RopeScaling::yarn) readAmplitudes(settings, reader, rope);
    return rope;
}

namespace {

// Between `low` and `high` a pair's frequency goes from kept to divided by the factor.
void applyYarn(const RopeSettings& s, int64_t dims, std::vector<double>& frequencies) {
    const auto corner = [&](double beta) {
        return static_cast<double>(dims) *
               std::log(static_cast<double>(s.originalContext) / (beta * 2 * std::numbers::pi)) /
               (2 * std::log(s.theta));
    };
    double low = corner(s.betaFast);
    double high = corner(s.betaSlow);
    if (s.isTruncated) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, static_cast<double>(dims) - 1);
    if (low == high) high += 0.001;
    for (size_t i = 0; i < frequencies.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        frequencies[i] = frequencies[i] / s.factor * ramp + frequencies[i] * (1 - ramp);
    }
}

void applyLlama3(const RopeSettings& s, std::vector<double>& frequencies) {
    const auto original = static_cast<double>(s.originalContext);
    for (double& f : frequencies) {
        const double wavelength = 2 * std::numbers::pi / f;
        if (wavelength > original / s.lowFrequencyFactor) {
            f /= s.factor;
        } else if (wavelength >= original / s.highFrequencyFactor) {
            const double smooth = (original / wavelength - s.lowFrequencyFactor) /
                                  (s.highFrequencyFactor - s.lowFrequencyFactor);
            f = (1 - smooth) * f / s.factor + smooth * f;
        }
    }
}

}  // namespace

Rope makeRope(const RopeSettings& settings, RopeLayout layout, int64_t dims) {
    Rope rope = {.layout = layout, .amplitude = static_cast<float>(settings.amplitude)};
    for (int64_t i = 0; i < dims / 2; ++i)
        rope.frequencies.push_back(
            std::pow(settings.theta, -2.0 * static_cast<double>(i) / static_cast<double>(dims)));
    if (settings.scaling == RopeScaling::yarn) applyYarn(settings, dims, rope.frequencies);
    if (settings.scaling == RopeScaling::llama3) applyLlama3(settings, rope.frequencies);
    if (settings.scaling == RopeScaling::linear)
        for (double& f : rope.frequencies)
            f /= settings.factor;
    return rope;
}

}  // namespace moxie::engine

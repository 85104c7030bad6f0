#include "engine/safetensors/header_parser.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

// Receives the events of nlohmann's parser, under its names. Each returns false to end it.
// NOLINTBEGIN(readability-identifier-naming)
class HeaderEvents {
public:
    using Json = nlohmann::json;

    Result<SafetensorsHeader> take() && {
        if (problem_) return fail(Errc::corrupt, std::move(*problem_));
        return std::move(header_);
    }

    bool start_object(size_t) {
        if (place_ == Place::start) return go(Place::names);
        if (place_ != Place::names) return unexpected("an object");
        if (key_ == "__metadata__") return go(Place::notes);
        header_.tensors.push_back({.name = key_});
        return go(Place::tensor);
    }

    bool key(std::string& name) {
        key_ = name;
        return true;
    }

    bool end_object() {
        if (place_ == Place::names) return go(Place::end);
        if (place_ == Place::tensor && !isComplete(header_.tensors.back()))
            return refuse(fmt::format("tensor {}: expected dtype, shape and two data_offsets",
                                      header_.tensors.back().name));
        return go(Place::names);
    }

    bool start_array(size_t) {
        if (place_ != Place::tensor) return unexpected("an array");
        if (key_ == "shape" && !hasShape_) {
            hasShape_ = true;
            return go(Place::shape);
        }
        if (key_ == "data_offsets" && header_.tensors.back().offsets.empty())
            return go(Place::offsets);
        return unexpected("an array");
    }

    bool end_array() { return go(Place::tensor); }

    bool string(std::string& value) {
        if (place_ == Place::notes) {
            header_.notes.push_back({key_, value});
            return true;
        }
        if (place_ != Place::tensor || key_ != "dtype" || !header_.tensors.back().type.empty())
            return unexpected("a string");
        header_.tensors.back().type = value;
        return true;
    }

    bool number_unsigned(uint64_t value) {
        if (place_ != Place::shape && place_ != Place::offsets) return unexpected("a number");
        SafetensorsHeader::Tensor& tensor = header_.tensors.back();
        std::vector<int64_t>& list = place_ == Place::shape ? tensor.shape : tensor.offsets;
        const size_t countMax = place_ == Place::shape ? size_t{kSafetensorsDimsMax} : 2;
        if (list.size() == countMax)
            return refuse(
                fmt::format("tensor {}: {} has more than {} numbers", tensor.name, key_, countMax));
        if (!std::in_range<int64_t>(value))
            return refuse(fmt::format("tensor {}: {} holds {}", tensor.name, key_, value));
        list.push_back(static_cast<int64_t>(value));
        return true;
    }

    bool number_integer(int64_t) { return unexpected("a negative number"); }

    bool number_float(double, const std::string&) { return unexpected("a fraction"); }

    bool boolean(bool) { return unexpected("a boolean"); }

    bool null() { return unexpected("null"); }

    bool binary(Json::binary_t&) { return unexpected("binary data"); }

    bool parse_error(size_t at, const std::string&, const nlohmann::detail::exception&) {
        return refuse(fmt::format("header: no JSON at offset {} of it", at));
    }

private:
    enum class Place { start, names, tensor, shape, offsets, notes, end };

    bool isComplete(const SafetensorsHeader::Tensor& tensor) const {
        return hasShape_ && !tensor.type.empty() && tensor.offsets.size() == 2;
    }

    bool go(Place place) {
        if (place == Place::tensor && place_ == Place::names) hasShape_ = false;
        place_ = place;
        return true;
    }

    bool unexpected(std::string_view what) {
        const bool isInTensor =
            place_ == Place::tensor || place_ == Place::shape || place_ == Place::offsets;
        if (isInTensor)
            return refuse(fmt::format("tensor {}: {} as \"{}\"", header_.tensors.back().name, what,
                                      base::cutUtf8(key_, kNameBytesShown)));
        return refuse(fmt::format("header: {} at \"{}\", expected an object of tensors", what,
                                  base::cutUtf8(key_, kNameBytesShown)));
    }

    bool refuse(std::string problem) {
        if (!problem_) problem_ = std::move(problem);
        return false;
    }

    static constexpr int64_t kNameBytesShown = 200;

    SafetensorsHeader header_;
    std::optional<std::string> problem_;
    Place place_ = Place::start;
    std::string key_;
    bool hasShape_ = false;
};

// NOLINTEND(readability-identifier-naming)

}  // namespace

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view text) {
    HeaderEvents events;
    const bool isWhole = nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &events);
    TRY_ASSIGN(SafetensorsHeader header, std::move(events).take());
    if (!isWhole) return fail(Errc::corrupt, "header: no JSON object");
    return header;
}

}  // namespace moxie::engine

#include <array>
#include <utility>

#include "indexer/index.h"

namespace moxie::indexer {
namespace {

constexpr std::array<std::string_view, 13> kKindNames = {
    "function", "method",   "constructor", "type",  "interface", "enumeration", "enumerator",
    "field",    "variable", "constant",    "macro", "module",    "typeAlias",
};

}  // namespace

std::string_view toString(SymbolKind kind) {
    const auto at = static_cast<size_t>(kind);
    return at < kKindNames.size() ? kKindNames[at] : "unknown";
}

std::optional<SymbolKind> symbolKindFromString(std::string_view text) {
    for (size_t i = 0; i < kKindNames.size(); i++)
        if (kKindNames[i] == text) return static_cast<SymbolKind>(i);
    return std::nullopt;
}

std::string_view toString(PackForm form) {
    switch (form) {
        case PackForm::pathOnly:
            return "path";
        case PackForm::signatures:
            return "signatures";
        case PackForm::skeleton:
            return "skeleton";
        case PackForm::documented:
            return "documented";
        case PackForm::excerpt:
            return "excerpt";
        case PackForm::full:
            return "full";
    }
    return "unknown";
}

std::optional<PackForm> packFormFromString(std::string_view text) {
    for (const PackForm form : {PackForm::pathOnly, PackForm::signatures, PackForm::skeleton,
                                PackForm::documented, PackForm::excerpt, PackForm::full})
        if (toString(form) == text) return form;
    return std::nullopt;
}

std::string_view toString(PackBand band) {
    switch (band) {
        case PackBand::vendored:
            return "vendored";
        case PackBand::settled:
            return "settled";
        case PackBand::active:
            return "active";
    }
    return "unknown";
}

std::string_view toString(PackOmission why) {
    switch (why) {
        case PackOmission::noRoom:
            return "no_room";
        case PackOmission::littleGain:
            return "little_gain";
        case PackOmission::copy:
            return "copy";
        case PackOmission::nearCopy:
            return "near_copy";
        case PackOmission::generated:
            return "generated";
        case PackOmission::noText:
            return "no_text";
    }
    return "unknown";
}

}  // namespace moxie::indexer

#include "indexer/existence/outside_names.h"

namespace moxie::indexer {
namespace {

constexpr size_t kBeginningMin = 2, kHeaderMin = 2;

bool isUpper(char c) {
    return c >= 'A' && c <= 'Z';
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (isUpper(c)) c = char(c - 'A' + 'a');
    return out;
}

// "gnutls" of "gnutls_init", "Brotli" of "BrotliDecoder"; empty if the name has one part.
std::string_view beginningOf(std::string_view name) {
    while (name.starts_with('_'))
        name.remove_prefix(1);
    if (const size_t end = name.find('_'); end != name.npos) return name.substr(0, end);
    if (name.empty() || !isUpper(name[0])) return {};
    for (size_t i = 2; i < name.size(); i++)
        if (isUpper(name[i]) && !isUpper(name[i - 1])) return name.substr(0, i);
    return {};
}

}  // namespace

void OutsideNames::addHeader(std::string_view module) {
    module = module.substr(0, module.rfind('.'));
    const auto add = [&](std::string_view part) {
        if (part.size() < kHeaderMin) return;
        headers_.insert(lower(part));
        if (part.starts_with("lib") && part.size() >= 3 + kHeaderMin)
            headers_.insert(lower(part.substr(3)));
    };
    // The names of ruby.h begin with rb_.
    if (lower(module) == "ruby") headers_.insert("rb");
    add(module.substr(0, module.find('/')));
    add(module.substr(module.rfind('/') + 1));
}

void OutsideNames::addDefined(std::string_view name) {
    const std::string_view beginning = beginningOf(name);
    if (beginning.size() >= kBeginningMin) counts_[std::string(beginning)].defined++;
}

void OutsideNames::addUsed(std::string_view name) {
    const std::string_view beginning = beginningOf(name);
    if (beginning.size() >= kBeginningMin) counts_[std::string(beginning)].used++;
}

bool OutsideNames::has(std::string_view name) const {
    const std::string_view beginning = beginningOf(name);
    if (beginning.size() < kBeginningMin || !headers_.contains(lower(beginning))) return false;
    const auto known = counts_.find(std::string(beginning));
    return known == counts_.end() || known->second.defined == 0 ||
           known->second.defined < known->second.used;
}

}  // namespace moxie::indexer

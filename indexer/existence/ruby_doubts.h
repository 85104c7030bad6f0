// Why a name that an edit of Ruby uses may exist although nobody in the repository defines it.
// Ruby's types are open: a name is said not to exist only where every text that can define it is in
// sight. Threads: one thread at a time.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "indexer/existence/open_types.h"
#include "indexer/existence/ruby_place.h"

namespace moxie::indexer {

class RubyDoubts {
public:
    // A text of the edit. The views outlive the whole.
    struct Text {
        std::string_view text;
        const Outline* outline = nullptr;
    };

    RubyDoubts(const LinkTable& links, const NameTable& names, std::vector<Text> texts,
               const std::stop_token& stop);

    // Of a use in a text, at a byte of it. A constant in English; "" without a doubt.
    std::string_view of(size_t text, const OutlineReference& use, size_t at);
    // Of what a text requires there.
    std::string_view ofModule(size_t text, size_t at);

private:
    struct Owner {
        std::string path;
        OpenTypes::Side side = OpenTypes::Side::values;
    };

    // Of the types, each asked once.
    std::string_view doubtOf(const Owner& owner);
    Owner self(size_t text, const OutlineReference& use) const;
    // The type that a receiver is, or is a value of; without a path if it is not known.
    Owner ownerOf(size_t text, const OutlineReference& use) const;
    Owner typed(std::string_view around, std::string_view receiver) const;
    std::string_view typeOfMember(size_t text, const OutlineReference& use) const;
    std::string_view ofConstant(size_t text, const OutlineReference& use) const;
    std::string_view ofSelf(size_t text, const OutlineReference& use, size_t at);
    const RubyText& treeOf(size_t text);
    size_t beginOfType(size_t text, const OutlineReference& use) const;
    bool keepsSelf(const BlockCall& call) const;

    const LinkTable& links_;
    const NameTable& names_;
    const std::vector<Text> texts_;
    const std::stop_token stop_;
    OpenTypes types_;
    std::vector<std::vector<std::string>> paths_;         // of the symbols of each text
    std::unordered_set<std::string_view> blockTakers_;    // methods of the edit: def x(&block)
    std::unordered_set<std::string_view> blockIgnorers_;  // and others
    std::unordered_map<size_t, RubyText> trees_;
    std::map<std::pair<std::string, OpenTypes::Side>, std::string_view> doubts_;
};

}  // namespace moxie::indexer

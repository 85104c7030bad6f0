// Which types of Ruby may have methods that no text in sight names: those of the index, and what
// the texts of an edit say of them. Threads: any thread once it is filled.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "indexer/existence/name_table.h"
#include "indexer/links/link_table.h"
#include "indexer/outline/outline.h"

namespace moxie::indexer {

class OpenTypes {
public:
    using Side = RubyTypes::Side;

    // Both must outlive it.
    OpenTypes(const LinkTable& links, const NameTable& names) : links_(links), names_(names) {}

    // Reads what a text of the edit opens. Returns for each of its symbols the path of the type
    // that it is, or that its lines stand in; "" at the top.
    std::vector<std::string> add(const Outline& outline);

    bool has(std::string_view path) const;
    bool isModule(std::string_view path) const;
    // The path of the type that "A::B" means inside a type; "" if there is none here.
    std::string resolved(std::string_view around, std::string_view text) const;

    // Why a type may have methods, or a module's users may, that are not in sight: a constant in
    // English. "" if it cannot.
    std::string_view doubt(std::string_view path, Side side) const;
    // The same of constants that stand inside a type, or behind "path::".
    std::string_view doubtOfConstants(std::string_view path) const;

private:
    enum class Wanted { methods, constants };

    struct Base {
        std::string text;
        bool isOwn = false;
    };

    struct Opened {
        std::vector<Base> bases = {};
        std::vector<std::pair<std::string, Side>> users = {};  // of the edit; whose methods it is
        bool isModule = false, makesMethods = false;
    };

    using Places = std::vector<std::pair<std::string, Side>>;  // each once

    int32_t find(std::string_view path) const;
    bool isOutside(std::string_view path) const;
    bool isOpenedOutside(std::string_view path) const;
    std::string_view doubtOfChain(std::string_view path, Side side, Wanted wanted) const;
    // Add what a type takes from others; they return a doubt.
    std::string_view addOpened(const std::string& path, Side side, Places& places) const;
    std::string_view addIndexed(const std::string& path, Side side, Places& places) const;
    bool makesMethods(const std::string& path) const;
    Places usersOf(std::string_view path) const;
    bool callsStranger(const OutlineReference& use) const;

    const LinkTable& links_;
    const NameTable& names_;
    std::unordered_map<std::string, Opened> opened_;
    std::unordered_set<std::string> outside_;  // what the edit requires, see outsideParts()
};

}  // namespace moxie::indexer

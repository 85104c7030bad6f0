// Edits of real source and the ways in which a model gets them wrong; seeded, so that a count can
// be repeated.
#pragma once
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tools/edit_match.h"

namespace moxie::tests {

using Random = std::mt19937;

size_t below(Random& random, size_t n);
std::string joined(const std::vector<std::string>& lines);
std::vector<std::string> copied(std::string_view text);  // its lines
bool isBlank(const std::string& line);
std::string replacedAll(std::string text, std::string_view from, std::string_view to);

// A true edit of a real file: context, one to three changed lines, context.
struct Edit {
    std::vector<std::string> before, removed, added, after;  // context, change, context

    std::string oldText() const { return joined(before) + joined(removed) + joined(after); }

    std::string newText() const { return joined(before) + joined(added) + joined(after); }
};

Edit randomEdit(const std::vector<std::string>& lines, Random& random);

// Changes both sides of an edit in the same way, as a model does that remembers badly. false: it
// does not apply to this edit.
using Corruption = std::function<bool(Edit&, Random&)>;

enum class Kind {
    form,     // a slip of form
    memory,   // a context line too many or too few
    stale,    // the context was otherwise once: may be refused
    foreign,  // meant for something else: every application is a false one
};

struct Operator {
    const char* name;
    Kind kind;
    Corruption corrupt;
};

const std::vector<Operator>& operators();

// Sources of this repository of 40 lines and more.
std::vector<std::string> sourceTexts();

// The text after the edit where old occurs once, by plain search; "": it does not.
std::string trulyEdited(const std::string& text, const Edit& edit);
std::string applied(std::string text, const tools::EditMatch& match);
// The text after the edit, or "[code]" of the refusal.
std::string edited(const std::string& text, const std::string& oldText, const std::string& newText);

}  // namespace moxie::tests

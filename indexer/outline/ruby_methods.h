// What a text of Ruby does to the methods of a type besides defining them. Only the tree of the
// call or class is looked at. Threads: any thread.
#pragma once
#include <tree_sitter/api.h>

#include <string_view>

namespace moxie::indexer {

// A call of this name may do any of what follows, or require a file. Most calls do not, and their
// other parts need not be looked for.
bool isRubyDirective(std::string_view method);

// Whether a call gives the type that it stands in methods which nothing in the text names: computed
// names, mixins that are no constants, texts that are evaluated. Inside a function no definition is
// read from a call, so there every one that makes methods counts.
enum class CallPlace { inType, inFunction };
bool makesUnnamedMethods(TSNode call, std::string_view text, CallPlace place);

// The superclass of a class is computed: "class A < DelegateClass(B)".
bool hasComputedBase(TSNode type, std::string_view text);

}  // namespace moxie::indexer

// What a use says of its target besides the name, as short texts that are stored with it and read
// by the rules of links/. Only the text is looked at. Threads: any thread.
//
//   receiver      means
//   (empty)       a plain name
//   a.b           a member of what these names stand for
//   a::  a::b::   the same of a namespace, type or module
//   f()  a.f()    a member of what the call returns
//   :T  :a/T      a member of a value of type T or a.T, as the function around it declares
//   :T.b          a member of the value's member b
//   ''            a member of a text, a number, a list
//   =             nothing: the name is a parameter or local itself
//   ?  ?a         a member of something, or of the local a, of which nothing more is known
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace moxie::indexer {

// The receiver that `raw` is: "conn->type" as "conn.type", "f(x).y" as "f().y"; "" if there is
// none, "?" if it is more than names and calls.
std::string receiverText(std::string_view raw);

// The type that a declaration writes, without qualifiers, pointers and what merely holds one:
// "const std::unique_ptr<Foo>&" as "Foo", "Optional[a.Foo]" as "a.Foo", "Foo[]" as "Array". "" if
// it says nothing.
std::string typeText(std::string_view raw);
// The same as the receiver of a value of that type: ":a/Foo".
std::string typeReceiver(std::string_view raw);

// Splits "a.b" into "a" and ".b", "a::b" into "a" and "::b".
std::string_view headOf(std::string_view receiver);

// What an import statement of Python, JavaScript or Go binds, space separated: "here=there", "here"
// if both are called so, "here=*" for a module as a whole, "*" for all its names; what a module
// only passes on begins with ">". "" for statements that bind the module's own name.
std::string boundNames(std::string_view statement);

}  // namespace moxie::indexer

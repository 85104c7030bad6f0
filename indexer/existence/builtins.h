// What a language brings along: names and modules of its own library, as facts (builtins/*.inc,
// most written by make_builtins.py). Names only: which type a method belongs to is not kept.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "indexer/language.h"

namespace moxie::indexer {

// Languages whose files can use each other's names. C holds C++ and Objective-C, javascript
// TypeScript, java the other languages of its machine.
enum class NameWorld : uint8_t { other, c, python, javascript, java, go, rust, csharp, ruby, php };

NameWorld nameWorldOf(const Language& language);

bool isBuiltInName(NameWorld world, std::string_view name);
// The headers of Windows and what they declare: known only where something includes windows.h.
bool isWindowsName(std::string_view name);
bool isWindowsModule(std::string_view module);
// "stdio.h", "os.path", "node:fs", "java.util.List", "std::fs".
bool isBuiltInModule(NameWorld world, std::string_view module);

}  // namespace moxie::indexer

// The outlines of tree and scanner together. Threads: any thread.
#pragma once
#include "indexer/outline/outline.h"

namespace moxie::indexer {

// Adds what only the scanner found: symbols of names that `out` does not have within three lines,
// and that do not lie inside one of its functions. In a damaged outline functions that swallowed
// others are cut first. Keeps the order of appearance.
void addScannedSymbols(const Outline& scanned, Outline& out);

// By their first bytes, as far as they are not; references follow their symbols.
void sortByPlace(Outline& out);

}  // namespace moxie::indexer

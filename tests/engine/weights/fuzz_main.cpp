// libFuzzer's door to one of the functions of fuzz_inputs.h, named by MOXIE_FUZZ_INPUT.
#include <cstddef>
#include <cstdint>

#include "tests/engine/weights/fuzz_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    moxie::tests::MOXIE_FUZZ_INPUT({data, size});
    return 0;
}

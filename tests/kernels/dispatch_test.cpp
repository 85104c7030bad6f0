#include "kernels/dispatch.h"

#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;

TEST_CASE("every instruction set has every kernel and a name that leads back to it", "[kernels]") {
    for (const Isa isa : moxie::tests::runnableIsas()) {
        const Dispatch& table = dispatchFor(isa);
        CAPTURE(toString(isa));
        REQUIRE(table.isa == isa);
        REQUIRE(isaFromName(toString(isa)) == isa);
        REQUIRE(table.dequantiseRow != nullptr);
        REQUIRE(table.matmul != nullptr);
        REQUIRE(table.dot != nullptr);
        REQUIRE(table.axpy != nullptr);
        REQUIRE(table.addWeighted != nullptr);
        REQUIRE(table.matmulTiles != nullptr);
        REQUIRE(table.roundRow != nullptr);
        REQUIRE(table.matmulWeightsBf16 != nullptr);
        REQUIRE(table.roundBf16Rows != nullptr);
        REQUIRE(table.roundBf16Columns != nullptr);
        REQUIRE(table.roundBf16Depth != nullptr);
        REQUIRE(table.matmulBf16 != nullptr);
        REQUIRE(table.weighBf16 != nullptr);
        REQUIRE(table.rmsNorm != nullptr);
        REQUIRE(table.softmax != nullptr);
        REQUIRE(table.expSubtract != nullptr);
        REQUIRE(table.siluMul != nullptr);
        REQUIRE(table.swigluClamped != nullptr);
        REQUIRE(table.swigluGptOss != nullptr);
        REQUIRE(table.layerNorm != nullptr);
        REQUIRE(table.turnPairs != nullptr);
    }
    REQUIRE_FALSE(isaFromName("avx9000").has_value());
}

TEST_CASE("block formats have the sizes of the GGUF specification", "[kernels]") {
    REQUIRE(blockFormat(0)->blockBytes == 4);
    REQUIRE(blockFormat(1)->blockBytes == 2);
    REQUIRE(blockFormat(2)->blockBytes == 18);
    REQUIRE(blockFormat(3)->blockBytes == 20);
    REQUIRE(blockFormat(8)->blockBytes == 34);
    REQUIRE(blockFormat(12)->blockBytes == 144);
    REQUIRE(blockFormat(12)->blockValues == 256);
    REQUIRE(blockFormat(9) == nullptr);
    REQUIRE(blockFormat(4'000'000'000U) == nullptr);
}

TEST_CASE("integers are stored in tensors but are no weights", "[kernels]") {
    for (const DType dtype : {DType::i8, DType::i32, DType::i64})
        REQUIRE(blockFormat(dtype).use == FormatUse::table);
    REQUIRE(blockFormat(DType::mxfp4).use == FormatUse::weights);
}

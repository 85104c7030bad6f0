// Rows of a cache as they are stored and read back.
#include "engine/kv/row_format.h"

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "engine/kv/key_panels.h"
#include "kernels/index_scores.h"
#include "kernels/microscaling.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

std::vector<float> drawnRow(int64_t n, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> row(static_cast<size_t>(n));
    for (size_t i = 0; i < row.size(); ++i)  // blocks of very different sizes
        row[i] = std::ldexp(static_cast<float>(random()) * 0x1p-31F - 1,
                            static_cast<int>(i / 64) * 3 - 12);
    return row;
}

std::vector<float> storedAndRead(const RowFormat& format, const std::vector<float>& rows) {
    const auto nRows = std::ssize(rows) / format.values;
    std::vector<uint8_t> bytes(static_cast<size_t>(nRows * format.bytes));
    for (int64_t i = 0; i < nRows; ++i)
        writeRow(format, rows.data() + i * format.values, bytes.data() + i * format.bytes);
    std::vector<float> read(rows.size());
    readRows(format, bytes.data(), nRows, read.data());
    return read;
}

}  // namespace

TEST_CASE("FP8 rows read back as the makers' rounding has them, to the bit", "[engine][kv]") {
    struct Shape {
        RowKind kind;
        int64_t values, scaled, block;
    };

    for (const auto& [kind, values, scaled, block] :
         {Shape{RowKind::fp8Window, 512, 448, 64}, Shape{RowKind::fp8Window, 96, 64, 64},
          Shape{RowKind::fp8Latent, 576, 512, 128}, Shape{RowKind::fp8Key, 128, 0, 128}}) {
        CAPTURE(static_cast<int>(kind), values);
        const int64_t rounded = scaled > 0 ? scaled : values;
        auto rows = drawnRow(2 * values, 1);
        const auto read = storedAndRead(rowFormat(kind, values, scaled), rows);
        for (int64_t row = 0; row < 2; ++row) {
            kernels::fp8Sim(rows.data() + row * values, rounded, block);
            REQUIRE(std::memcmp(read.data() + row * values, rows.data() + row * values,
                                static_cast<size_t>(rounded) * sizeof(float)) == 0);
            for (int64_t i = row * values + rounded; i < (row + 1) * values; ++i)  // bfloat16
                REQUIRE(read[static_cast<size_t>(i)] ==
                        Approx(rows[static_cast<size_t>(i)]).epsilon(0x1p-8));
        }
    }
}

TEST_CASE("rounded index keys are off by half a step, and a NaN stays one", "[engine][kv]") {
    const RowFormat format = rowFormat(RowKind::roundedKey, 128);
    CHECK(format.bytes == 132);
    auto row = drawnRow(128, 2);
    const auto read = storedAndRead(format, row);
    std::vector<int8_t> codes(128);
    float scale = 0;
    kernels::roundIndexRow(row.data(), 128, codes.data(), scale);
    for (size_t i = 0; i < row.size(); ++i)
        REQUIRE(std::abs(read[i] - row[i]) <= scale / 2);
    row[5] = NAN;
    CHECK(std::isnan(storedAndRead(format, row)[5]));
}

TEST_CASE("rounded index keys in panels are those of rows, to the byte", "[engine][kv]") {
    const RowFormat format = rowFormat(RowKind::roundedKey, 128);
    REQUIRE(canLieInPanels(format, 128));
    CHECK_FALSE(canLieInPanels(format, 96));
    CHECK_FALSE(canLieInPanels(rowFormat(RowKind::f32, 128), 128));
    for (const int64_t nRows : {1, 63, 64, 65, 128}) {
        CAPTURE(nRows);
        std::vector<float> values;
        for (int64_t row = 0; row < nRows; ++row) {
            const auto drawn = drawnRow(128, static_cast<uint32_t>(row));
            values.insert(values.end(), drawn.begin(), drawn.end());
        }
        std::vector<uint8_t> panels(static_cast<size_t>(keyPanelBytes(format, 128)));
        std::vector<uint8_t> rows(static_cast<size_t>(nRows * format.bytes));
        for (int64_t row = 0; row < nRows; ++row) {
            writeKey(format, values.data() + row * 128, row, panels.data());
            writeRow(format, values.data() + row * 128, rows.data() + row * format.bytes);
        }
        std::vector<uint8_t> taken(rows.size());
        panelsToRows(format, panels.data(), nRows, taken.data());
        CHECK(taken == rows);
        std::vector<uint8_t> packed(panels.size());
        rowsToPanels(format, rows.data(), nRows, packed.data());
        CHECK(packed == panels);
        std::vector<float> read(values.size());
        readKeys(format, panels.data(), 0, nRows, read.data());
        CHECK(read == storedAndRead(format, values));
    }
}

// The values of every weight format, bit by bit, against tests/data/kernels/weight_formats.txt,
// which make_weight_formats.py beside it writes with other implementations.
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/dispatch.h"
#include "kernels/float_formats.h"
#include "tests/catch.h"

using namespace moxie::kernels;

namespace {

std::vector<uint8_t> bytesOfHex(const std::string& hex) {
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i + 2 <= hex.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

const BlockFormat* formatNamed(const std::string& name) {
    for (uint32_t number = 0; number < 2000; ++number)
        if (const BlockFormat* format = blockFormat(number); format && format->name == name)
            return format;
    return nullptr;
}

ScaleType scaleTypeNamed(const std::string& name) {
    const std::vector<std::string> names = {"none", "f32", "f16", "bf16", "e8m0"};
    return static_cast<ScaleType>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

TEST_CASE("weights have the values other implementations decode, to the last bit", "[kernels]") {
    std::ifstream file(MOXIE_SOURCE_DIR "/tests/data/kernels/weight_formats.txt");
    std::set<std::string> seen;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name, scaleName, codesHex, scalesHex, valuesHex;
        WeightsView w;
        words >> name >> w.rows >> w.cols >> scaleName >> w.scaleRows >> w.scaleCols >> codesHex >>
            scalesHex >> valuesHex;
        CAPTURE(name, scaleName);
        const BlockFormat* format = formatNamed(name);
        REQUIRE(format != nullptr);
        const auto codes = bytesOfHex(codesHex);
        const auto scales = bytesOfHex(scalesHex == "-" ? "" : scalesHex);
        const auto expected = bytesOfHex(valuesHex);
        w.dtype = format->dtype;
        w.data = codes.data();
        w.rowBytes = w.cols / format->blockValues * format->blockBytes;
        w.scaleType = scaleTypeNamed(scaleName);
        w.scales = scales.data();
        w.scaleRowBytes = (w.cols + w.scaleCols - 1) / w.scaleCols * scaleBytes(w.scaleType);
        REQUIRE(codes.size() == static_cast<size_t>(w.rows * w.rowBytes));
        REQUIRE(expected.size() == static_cast<size_t>(w.rows * w.cols * 4));
        std::vector<float> row(static_cast<size_t>(w.cols));
        for (int64_t r = 0; r < w.rows; ++r) {
            dispatchFor(Isa::scalar).dequantiseRow(w, r, row);
            REQUIRE(std::memcmp(row.data(), expected.data() + r * w.cols * 4, row.size() * 4) == 0);
        }
        seen.insert(name);
    }
    REQUIRE(seen.size() == 15);
}

TEST_CASE("E4M3 and E8M0 say NaN where the formats do", "[kernels]") {
    REQUIRE(std::isnan(e4m3ToFloat(0x7f)));
    REQUIRE(std::isnan(e4m3ToFloat(0xff)));
    REQUIRE(std::isnan(e8m0ToFloat(255)));
    REQUIRE(e8m0ToFloat(0) == 0x1p-127F);
    REQUIRE(e8m0ToFloat(254) == 0x1p127F);
}

TEST_CASE("every code of the small floats survives decoding and encoding", "[kernels]") {
    for (uint32_t code = 0; code < 0x10000; ++code) {
        const auto bits = static_cast<uint16_t>(code);
        if ((bits & 0x7fff) <= 0x7c00) REQUIRE(floatToHalf(halfToFloat(bits)) == bits);
        if ((bits & 0x7fff) <= 0x7f80) REQUIRE(floatToBf16(bf16ToFloat(bits)) == bits);
    }
    for (uint32_t code = 0; code < 256; ++code)
        if ((code & 127) != 127)
            REQUIRE(floatToE4m3(e4m3ToFloat(static_cast<uint8_t>(code))) == code);
    for (uint32_t code = 0; code < 16; ++code)
        REQUIRE(floatToE2m1(e2m1ToFloat(static_cast<uint8_t>(code))) == (code == 8 ? 0 : code));
}

// How the tensors of a made model are stored: their types, their random values, their bytes.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/make/blueprint.h"
#include "engine/safetensors/safetensors_writer.h"
#include "engine/weights/gguf_metadata.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

int64_t valuesIn(const PlannedTensor& tensor);

// ---- GGUF

// "q4_k", "BF16"; empty: bf16. Fails: invalidInput, with the names there are.
base::Result<kernels::DType> ggufTypeFromName(std::string_view name);
// `wanted` where the tensor is a large matrix that its blocks fit, else something wider.
kernels::DType ggufTypeFor(const PlannedTensor& tensor, kernels::DType wanted);
std::vector<uint8_t> ggufBytes(const PlannedTensor& tensor, kernels::DType type, uint64_t seed);
// A vocabulary of the 256 bytes, the markers of ChatML and fillers.
void addByteTokenizer(int64_t vocabularySize, GgufMetadata& metadata);

// ---- as published

enum class PublishedType { f32, f16, bf16, fp8, fp4, int4 };

// Empty: bf16. Fails: invalidInput.
base::Result<PublishedType> publishedTypeFromName(std::string_view name);
// What config.json says of it.
void describeQuantisation(PublishedType type, nlohmann::json& config);

// A tensor of the file: a whole one, or codes or scales of one.
struct StoredPart {
    std::string name = {};
    int64_t bytes = 0;
    SafetensorsSpec spec = {};
    std::string of = {};                         // the tensor it is a part of
    kernels::DType dtype = kernels::DType::f32;  // of the whole
    kernels::ScaleType scales = kernels::ScaleType::none;
};

std::vector<StoredPart> publishedParts(const PlannedTensor& tensor, PublishedType type,
                                       std::string_view family);

// The bytes of each part; codes and scales come from the same values.
class PublishedValues {
public:
    PublishedValues(std::span<const PlannedTensor> tensors, std::span<const StoredPart> parts,
                    uint64_t seed);
    std::vector<uint8_t> bytesOf(const std::string& partName) const;

private:
    std::map<std::string, const PlannedTensor*> tensors_;
    std::map<std::string, const StoredPart*> parts_;
    uint64_t seed_;
};

// tokenizer.json with the vocabulary of addByteTokenizer().
std::string byteTokenizerJson(int64_t vocabularySize);

}  // namespace moxie::engine

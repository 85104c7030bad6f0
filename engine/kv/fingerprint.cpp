#include "engine/kv/fingerprint.h"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include "engine/kv/kv_layout.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

namespace {

constexpr size_t kSampledTensorsMax = 256;
constexpr int64_t kSampledBytes = 4096;

// A chain of hashes over values of plain types and texts.
class Digest {
public:
    void add(std::string_view bytes) { hash_ = base::hash128(hash_, bytes); }

    template <class T>
    void addValue(const T& value) {
        static_assert(std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);
        add({reinterpret_cast<const char*>(&value), sizeof value});
    }

    const base::Hash128& hash() const { return hash_; }

private:
    base::Hash128 hash_ = {};
};

std::string_view bytesOf(const uint8_t* data, int64_t begin, int64_t count) {
    return {reinterpret_cast<const char*>(data) + begin, static_cast<size_t>(count)};
}

// A page from the middle of what a view covers.
void addSample(const kernels::WeightsView& weights, Digest& digest) {
    const int64_t bytes = weights.rows * weights.rowBytes;
    if (weights.data == nullptr || bytes <= 0) return;
    const int64_t count = std::min(bytes, kSampledBytes);
    digest.add(bytesOf(weights.data, (bytes - count) / 2, count));
}

void addTensors(const TensorSource& source, Digest& digest) {
    const auto tensors = source.tensors();
    const size_t step = std::max<size_t>(1, tensors.size() / kSampledTensorsMax);
    for (size_t i = 0; i < tensors.size(); ++i) {
        const StoredTensor& tensor = tensors[i];
        digest.add(tensor.name);
        digest.addValue(static_cast<uint32_t>(tensor.weights.dtype));
        for (const int64_t dim : tensor.dims)
            digest.addValue(dim);
        digest.addValue(tensor.bytes);
        if (i % step == 0) addSample(tensor.weights, digest);
    }
}

void addConfiguration(const TensorSource& source, Digest& digest) {
    if (const SafetensorsModel* model = asSafetensors(source)) {
        digest.add(model->config().text());
        return;
    }
    const GgufFile* file = asGguf(source);
    if (file == nullptr) return;
    digest.addValue(file->fileBytes());
    for (const GgufEntry& entry : file->entries()) {
        digest.add(entry.key);
        digest.add(entry.text);
        digest.add({reinterpret_cast<const char*>(entry.raw.data()), entry.raw.size()});
    }
}

void addPlan(const ModelPlan& plan, Digest& digest) {
    digest.add(plan.family);
    for (const int64_t number :
         {plan.hiddenDim, plan.vocabularySize, plan.nStreams, std::ssize(plan.blocks)})
        digest.addValue(number);
    for (const Rope& rope : plan.ropes) {
        digest.addValue(static_cast<int32_t>(rope.layout));
        digest.addValue(static_cast<int32_t>(rope.hasFloatAngles));
        digest.addValue(rope.amplitude);
        for (const double frequency : rope.frequencies)
            digest.addValue(frequency);
    }
}

void addAdapters(const LoraAdapters& adapters, Digest& digest) {
    for (const auto& [name, stack] : adapters.stacks())
        for (const LoraFactors& factors : stack) {
            digest.add(name);
            digest.addValue(factors.scale);
            for (const kernels::WeightsView* weights : {&factors.down, &factors.up}) {
                digest.addValue(weights->rows);
                digest.addValue(weights->cols);
                digest.addValue(static_cast<uint32_t>(weights->dtype));
                digest.add(bytesOf(weights->data, 0, weights->rows * weights->rowBytes));
            }
        }
}

}  // namespace

base::Hash128 stateFingerprint(const TensorSource& source, const ModelPlan& plan,
                               const StateSettings& settings) {
    Digest digest;
    digest.addValue(kNumericVersion);
    for (const int32_t value :
         {static_cast<int32_t>(settings.isa), static_cast<int32_t>(settings.kvFormat),
          static_cast<int32_t>(settings.simulation), static_cast<int32_t>(settings.promptProducts),
          static_cast<int32_t>(settings.answerProducts), static_cast<int32_t>(settings.keepsDraft)})
        digest.addValue(value);
    addConfiguration(source, digest);
    addTensors(source, digest);
    addPlan(plan, digest);
    if (settings.adapters != nullptr) addAdapters(*settings.adapters, digest);
    return digest.hash();
}

}  // namespace moxie::engine

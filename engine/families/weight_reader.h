// Typed weights of a model by their two names, with every shape checked, and what of the file
// nobody asked for: a tensor left over means a model we do not know.
// Threads: one thread. The source must outlive what it gives.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/make/blueprint.h"
#include "engine/plan/steps.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

// One tensor's two names, without ".weight".
struct TensorName {
    std::string gguf;       // "blk.0.attn_q"
    std::string published;  // "model.layers.0.self_attn.q_proj"
};

// "blk.<layer>.<gguf>" and "model.layers.<layer>.<published>".
TensorName layerTensor(int64_t layer, std::string_view gguf, std::string_view published);

// Columns [begin, begin + count) of every row as a view. Fails: unsupported (inside of a block).
base::Result<kernels::WeightsView> columnsOf(const kernels::WeightsView& weights, int64_t begin,
                                             int64_t count);

enum class Bias { none, ifPresent, required };

class WeightReader {
public:
    // `label`: goes before the names that steps carry, where two files have the same ones.
    explicit WeightReader(const TensorSource& source, std::string label = {});

    // The name this source knows it by, with `suffix`.
    std::string nameOf(const TensorName& name, std::string_view suffix = ".weight") const;

    // The name that a step carries for it.
    std::string stepName(const TensorName& name) const { return label_ + nameOf(name, ""); }

    bool contains(const TensorName& name, std::string_view suffix = ".weight") const;
    // How it is stored; nullopt if it is not there.
    std::optional<kernels::DType> typeOf(const TensorName& name, std::string_view suffix) const;
    // Rows and columns of a matrix whose size nothing else tells. Fails: corrupt (absent).
    base::Result<int64_t> rowsOf(const TensorName& name) const;
    base::Result<int64_t> colsOf(const TensorName& name) const;

    // Fails: corrupt (absent, another shape), unsupported (a type that is no weight), by name.
    base::Result<kernels::WeightsView> matrix(const TensorName& name, int64_t rows, int64_t cols,
                                              std::string_view suffix = ".weight");
    base::Result<Linear> linear(const TensorName& name, int64_t rows, int64_t cols,
                                Bias bias = Bias::none);
    // A copy in float32.
    base::Result<std::vector<float>> vector(const TensorName& name, int64_t size,
                                            std::string_view suffix = ".weight");
    // A copy of a matrix in float32, row after row. The shape is what a file made from it has; one
    // that lies flat is taken too.
    base::Result<std::vector<float>> values(const TensorName& name, int64_t rows, int64_t cols,
                                            std::string_view suffix = ".weight");
    base::Result<RmsNorm> norm(const TensorName& name, int64_t size, float epsilon);
    // Matrix i of a stack of `count`: [count, rows, cols].
    base::Result<std::vector<kernels::WeightsView>> stack(const TensorName& name, int64_t count,
                                                          int64_t rows, int64_t cols,
                                                          std::string_view suffix = ".weight");
    // A table of integers, [rows, cols] of i32 or i64.
    base::Result<kernels::WeightsView> integers(const TensorName& name, int64_t rows, int64_t cols,
                                                std::string_view suffix);

    // Names that carry nothing a result depends on.
    void ignorePrefix(std::string_view prefix);
    void ignoreSuffix(std::string_view suffix);
    // Fails: unsupported, naming the first tensor nobody asked for.
    base::Status checkNothingLeft(std::string_view family) const;

    int64_t bytes() const { return bytes_; }

    int64_t parameters() const { return parameters_; }

    bool isGguf() const { return source_.kind() == SourceKind::gguf; }

private:
    base::Result<const StoredTensor*> find(const TensorName& name, std::string_view suffix,
                                           std::initializer_list<int64_t> dims, TensorRole role);
    base::Result<std::vector<float>> copyOf(const StoredTensor& tensor, int64_t size) const;

    const TensorSource& source_;
    std::string label_;
    const Blueprint* blueprint_;  // nullptr: a real one
    std::set<std::string, std::less<>> seen_;
    std::vector<std::string> ignoredPrefixes_, ignoredSuffixes_;
    int64_t bytes_ = 0;
    int64_t parameters_ = 0;
};

}  // namespace moxie::engine

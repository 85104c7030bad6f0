// Our side of containers_compare.py.
//   moxie_containers data MODEL OUT      prints type, sizes and name of each tensor; writes their
//   data moxie_containers values MODEL OUT    the same with the weights as little-endian float32
//   moxie_containers copy FILE OUT       the same tensors written by our writers
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "engine/safetensors/safetensors_writer.h"
#include "engine/weights/gguf_writer.h"
#include "engine/weights/open_source.h"
#include "kernels/dispatch.h"

namespace moxie {

namespace {

using namespace engine;
using base::Status;

std::span<const std::byte> bytesOf(const StoredTensor& tensor) {
    const kernels::WeightsView& view = tensor.weights;
    return std::as_bytes(std::span(view.data, static_cast<size_t>(view.rows * view.rowBytes)));
}

void printTensor(const StoredTensor& tensor) {
    const std::span<const int64_t> dims(tensor.dims.data(), static_cast<size_t>(tensor.nDims));
    fmt::print("{}\t{}\t{}\n", kernels::blockFormat(tensor.weights.dtype).name,
               fmt::join(dims, "x"), tensor.name);
}

Status writeValues(const StoredTensor& tensor, ByteSink& sink) {
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::Isa::scalar);
    std::vector<float> row(static_cast<size_t>(tensor.weights.cols));
    for (int64_t r = 0; r < tensor.weights.rows; ++r) {
        dispatch.dequantiseRow(tensor.weights, r, row);
        TRY(sink.write(std::as_bytes(std::span(row))));
    }
    return {};
}

Status dump(std::string_view what, std::string_view model, std::string_view out) {
    TRY_ASSIGN(const auto source, openTensorSource(model));
    TRY_ASSIGN(FileSink sink, FileSink::create(out));
    for (const StoredTensor& tensor : source->tensors()) {
        const bool isWeights =
            kernels::blockFormat(tensor.weights.dtype).use == kernels::FormatUse::weights;
        if (what == "values" && !isWeights) continue;
        printTensor(tensor);
        if (what == "values")
            TRY(writeValues(tensor, sink));
        else
            TRY(sink.write(bytesOf(tensor)));
    }
    return sink.commit();
}

Status copyGguf(const GgufFile& file, ByteSink& sink) {
    GgufMetadata metadata;
    metadata.setString("general.architecture",
                       file.string("general.architecture").value_or("none"));
    std::vector<GgufTensorSpec> specs;
    for (const StoredTensor& tensor : file.tensors())
        specs.push_back({.name = std::string(tensor.name),
                         .dtype = tensor.weights.dtype,
                         .dims = {tensor.dims.begin(), tensor.dims.begin() + tensor.nDims}});
    TRY_ASSIGN(GgufWriter writer, GgufWriter::begin(sink, metadata, specs));
    for (const StoredTensor& tensor : file.tensors())
        TRY(writer.write(tensor.name, bytesOf(tensor)));
    return writer.finish();
}

Status copySafetensors(const SafetensorsFile& file, ByteSink& sink) {
    std::vector<SafetensorsSpec> specs;
    for (const SafetensorsTensor& tensor : file.tensors())
        specs.push_back({.name = tensor.name,
                         .type = tensor.type,
                         .shape = {tensor.shape.begin(), tensor.shape.begin() + tensor.nDims}});
    specs = inStorageOrder(std::move(specs));
    TRY_ASSIGN(SafetensorsWriter writer, SafetensorsWriter::begin(sink, specs, file.notes()));
    for (const SafetensorsSpec& spec : specs) {
        const SafetensorsTensor* tensor = file.findTensor(spec.name);
        TRY(writer.write(spec.name, std::as_bytes(std::span(tensor->data, size_t(tensor->bytes)))));
    }
    return writer.finish();
}

Status copy(std::string_view model, std::string_view out) {
    TRY_ASSIGN(FileSink sink, FileSink::create(out));
    if (model.ends_with(".gguf")) {
        TRY_ASSIGN(const GgufFile file, GgufFile::open(model));
        TRY(copyGguf(file, sink));
    } else {
        TRY_ASSIGN(const SafetensorsFile file, SafetensorsFile::open(model));
        TRY(copySafetensors(file, sink));
    }
    return sink.commit();
}

Status run(const std::vector<std::string_view>& args) {
    if (args.size() != 4)
        return base::fail(base::Errc::invalidInput, "usage: data|values|copy MODEL OUT");
    return args[1] == "copy" ? copy(args[2], args[3]) : dump(args[1], args[2], args[3]);
}

}  // namespace

}  // namespace moxie

int main(int argc, char** argv) {
    const auto done = moxie::run({argv, argv + argc});
    if (done) return 0;
    fmt::print(stderr, "{}\n", done.error().message());
    return 1;
}

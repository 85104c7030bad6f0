#include "engine/weights/open_source.h"

#include <string>

#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/safetensors/safetensors_bytes.h"
#include "tests/engine/weights/model_folder.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::ModelFolder;
using moxie::tests::smallGguf;
using moxie::tests::smallSafetensors;

TEST_CASE("a model is opened by what it is, not by its name", "[engine][weights]") {
    ModelFolder folder;
    folder.write("model.bin", smallGguf().bytes());
    const auto gguf = openTensorSource(folder.path() / "model.bin");
    REQUIRE(gguf.has_value());
    REQUIRE((*gguf)->kind() == SourceKind::gguf);
    REQUIRE(asGguf(**gguf)->string("general.architecture") == "llama");
    REQUIRE(asSafetensors(**gguf) == nullptr);
    REQUIRE((*gguf)->findTensor("matrix")->weights.rows == 3);

    folder.write("weights.gguf", smallSafetensors().bytes());
    REQUIRE(openTensorSource(folder.path() / "weights.gguf")
                .error()
                .message()
                .find("config.json beside the safetensors file: ") == 0);
    folder.write("config.json", R"({"model_type": "tiny"})");
    const auto file = openTensorSource(folder.path() / "weights.gguf");
    REQUIRE(file.has_value());
    REQUIRE(asSafetensors(**file)->config().string("model_type") == "tiny");
    REQUIRE(asGguf(**file) == nullptr);

    REQUIRE(openTensorSource(folder.path()).error().kind() == base::Errc::notFound);
    folder.write("weights.safetensors", smallSafetensors().bytes());
    const auto whole = openTensorSource(folder.path());
    REQUIRE(whole.has_value());
    REQUIRE((*whole)->tensors().size() == (*file)->tensors().size());
}

TEST_CASE("what is no model is refused with what it is and what to do", "[engine][weights]") {
    ModelFolder folder;
    const auto messageFor = [&](std::string_view content) {
        folder.write("file", content);
        const auto source = openTensorSource(folder.path() / "file");
        REQUIRE_FALSE(source.has_value());
        return source.error().message();
    };
    REQUIRE(
        openTensorSource(folder.path()).error().message().find("is a folder without config.json") !=
        std::string::npos);
    REQUIRE(openTensorSource(folder.path() / "none").error().kind() == base::Errc::notFound);
    REQUIRE(messageFor("").find("is an empty file") != std::string::npos);
    REQUIRE(messageFor("PK\x03\x04 and so on").find("PyTorch's .bin") != std::string::npos);
    REQUIRE(messageFor("\x80\x02}q").find("a Python pickle") != std::string::npos);
    REQUIRE(messageFor("version https://git-lfs.github.com/spec/v1\n").find("git lfs pull") !=
            std::string::npos);
    REQUIRE(messageFor("{\"architectures\": []}").find("name the model's folder instead") !=
            std::string::npos);
    REQUIRE(messageFor("<!DOCTYPE html>").find("a web page") != std::string::npos);
    REQUIRE(messageFor("once upon a time").find("no model file that we know") != std::string::npos);
    REQUIRE(messageFor("GGUF").find("file ends at 4") != std::string::npos);
}

TEST_CASE("a GGUF model in parts is one source, whichever part is named", "[engine][weights]") {
    using engine::GgufType;
    ModelFolder folder;
    const auto part = [](uint16_t number, uint16_t count, std::string_view tensor) {
        tests::GgufBytes file;
        file.string("general.architecture", number == 0 ? "llama" : "");
        file.number<uint16_t>("split.no", GgufType::u16, number);
        file.number<uint16_t>("split.count", GgufType::u16, count);
        file.number<int32_t>("split.tensors.count", GgufType::i32, 2);
        file.floats(tensor, {2}, {float(number), 2});
        return file.bytes();
    };
    folder.write("m-00001-of-00002.gguf", part(0, 2, "b"));
    REQUIRE(openTensorSource(folder.path() / "m-00001-of-00002.gguf").error().kind() ==
            base::Errc::notFound);
    folder.write("m-00002-of-00002.gguf", part(1, 2, "a"));
    for (const char* name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf"}) {
        const auto model = GgufFile::open(folder.path() / name);
        REQUIRE(model.has_value());
        REQUIRE(model->string("general.architecture") == "llama");
        REQUIRE(model->tensors().size() == 2);
        REQUIRE(model->tensors()[0].name == "a");
        float first = -1;
        std::memcpy(&first, model->findTensor("a")->weights.data, sizeof first);
        REQUIRE(first == 1);
        std::memcpy(&first, model->findTensor("b")->weights.data, sizeof first);
        REQUIRE(first == 0);
    }
    const auto errorFor = [&](const std::vector<std::byte>& second) {
        folder.write("m-00002-of-00002.gguf", second);
        const auto model = GgufFile::open(folder.path() / "m-00001-of-00002.gguf");
        REQUIRE_FALSE(model.has_value());
        return model.error().message();
    };
    REQUIRE(errorFor(part(0, 2, "a")).find("not part 1 of 2 by split.no") != std::string::npos);
    REQUIRE(errorFor(part(1, 3, "a")).find("not part 1 of 2 by split.no") != std::string::npos);
    REQUIRE(errorFor(part(1, 2, "b")).find("tensor b is in two parts") != std::string::npos);
    REQUIRE(errorFor(smallGguf().bytes()).find("not part 1 of 2") != std::string::npos);
    folder.write("renamed.gguf", part(0, 2, "b"));
    REQUIRE(GgufFile::open(folder.path() / "renamed.gguf")
                .error()
                .message()
                .find("expected a name that ends with -00001-of-00002.gguf") != std::string::npos);
    REQUIRE(GgufFile::parse(part(0, 2, "b")).error().kind() == base::Errc::unsupported);
}

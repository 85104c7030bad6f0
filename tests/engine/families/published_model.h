// Tiny models of every family, written to a folder as their makers publish them: weights come from
// names and shapes alone, by the rules that weights.py and stored.py of tests/bench/peers/families
// state.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace moxie::engine {

// float32 values (as double) of the tensor called `name`.
std::vector<float> publishedValues(const std::string& name, const std::vector<int64_t>& shape);

// A model folder that is removed again.
class PublishedModel {
public:
    // `golden`: a file of tests/data/engine/families; `config`: its member with config.json.
    PublishedModel(const nlohmann::json& golden, const std::string& config);
    ~PublishedModel();
    PublishedModel(const PublishedModel&) = delete;
    PublishedModel& operator=(const PublishedModel&) = delete;

    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

nlohmann::json readGolden(const std::string& name);

}  // namespace moxie::engine

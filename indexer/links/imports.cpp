#include "indexer/links/imports.h"

#include <algorithm>

#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr size_t kReachedMax = 4'000;

std::string_view lastPartOf(std::string_view target, std::string_view separators) {
    return target.substr(target.find_last_of(separators) + 1);
}

}  // namespace

base::Result<std::unique_ptr<const Imports>> Imports::load(const Reading& reading,
                                                           const std::vector<NameWorld>& worlds,
                                                           const std::filesystem::path& root) {
    auto made = std::make_unique<Imports>();
    const LiveView& view = reading.view();
    made->worlds_ = worlds;
    for (const LiveFile& file : view.files) {
        made->files_.push_back(file.path);
        made->blobOfFile_.push_back(file.blob);
    }
    for (const LiveBlob& blob : view.blobs)
        made->firstFile_.push_back(blob.file);
    made->paths_ = std::make_unique<ModulePaths>(made->files_, root);
    made->imports_.resize(view.blobs.size());
    made->bindings_.resize(view.blobs.size());
    TRY_ASSIGN(Statement query,
               reading.database().prepare("SELECT blob, target, names FROM imp ORDER BY rowid"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto blob = view.blobById.find(query.integer(0));
        if (blob != view.blobById.end()) made->add(blob->second, query.text(1), query.text(2));
    }
    made->found_.clear();
    return std::unique_ptr<const Imports>(std::move(made));
}

BlobNumbers Imports::blobsOf(const FileNumbers& files) const {
    BlobNumbers blobs;
    for (const int32_t file : files)
        blobs.push_back(blobOfFile_[size_t(file)]);
    return blobs;
}

void Imports::add(int32_t blob, std::string_view target, std::string_view names) {
    const NameWorld world = worlds_[size_t(blob)];
    const std::string& path = pathOf(blob);
    if (world == NameWorld::rust) return bindRust(blob, {}, target);
    std::string key(1, char(world));
    key += std::string(folderOf(path)) + "\n" + std::string(target);
    const auto [at, isNew] = found_.try_emplace(std::move(key));
    if (isNew) at->second = blobsOf(paths_->find(world, path, target));
    imports_[size_t(blob)].push_back({std::string(target), at->second});
    bind(blob, world, target, names);
}

void Imports::bind(int32_t blob, NameWorld world, std::string_view target, std::string_view names) {
    auto& bindings = bindings_[size_t(blob)];
    const auto import = int32_t(imports_[size_t(blob)].size()) - 1;
    if (names.empty() && world == NameWorld::java) {
        const std::string last(lastPartOf(target, "."));
        bindings.push_back({last, last == "*" ? "" : last, import, false});
    }
    if (names.empty() && world == NameWorld::go)
        bindings.push_back({std::string(lastPartOf(target, "/")), "", import, false});
    for (size_t i = 0; i < names.size();) {
        const size_t end = std::min(names.find(' ', i), names.size());
        std::string_view item = names.substr(i, end - i);
        i = end + 1;
        const bool passesOn = item.starts_with('>');
        if (passesOn) item.remove_prefix(1);
        const size_t equal = item.find('=');
        const std::string here(item.substr(0, equal));
        std::string there = equal == item.npos ? here : std::string(item.substr(equal + 1));
        if (there == "*") there.clear();
        if (!here.empty()) bindings.push_back({here, std::move(there), import, passesOn});
    }
}

// "a::{b, c::d as e, f::*}": each name with its own path.
void Imports::bindRust(int32_t blob, std::string_view prefix, std::string_view tree) {
    tree = base::trim(tree);
    const size_t open = tree.find('{');
    if (open != tree.npos) {
        const std::string inner =
            std::string(prefix) + std::string(base::trim(tree.substr(0, open)));
        int depth = 0;
        size_t first = open + 1;
        for (size_t i = open; i < tree.size() && inner.size() < 300; i++) {
            depth += (tree[i] == '{') - (tree[i] == '}');
            const bool isEnd = tree[i] == '}' && depth == 0;
            if (!isEnd && !(tree[i] == ',' && depth == 1)) continue;
            bindRust(blob, inner, tree.substr(first, i - first));
            first = i + 1;
            if (isEnd) break;
        }
        return;
    }
    if (tree.empty()) return;
    const size_t as = tree.find(" as ");
    const std::string path = std::string(prefix) + std::string(base::trim(tree.substr(0, as)));
    const std::string last(lastPartOf(path, ":"));
    const std::string here(as == tree.npos ? last : std::string(base::trim(tree.substr(as + 4))));
    imports_[size_t(blob)].push_back(
        {path, blobsOf(paths_->find(NameWorld::rust, pathOf(blob), path))});
    const auto import = int32_t(imports_[size_t(blob)].size()) - 1;
    bindings_[size_t(blob)].push_back({here, last == "*" ? "" : last, import, false});
}

std::shared_ptr<const BlobNumbers> Imports::reachedFrom(int32_t blob) const {
    {
        std::lock_guard lock(mutex_);
        const auto known = reached_.find(blob);
        if (known != reached_.end()) return known->second;
    }
    auto reached = std::make_shared<BlobNumbers>();
    std::vector<bool> isSeen(imports_.size(), false);
    isSeen[size_t(blob)] = true;
    BlobNumbers queue = {blob};
    for (size_t i = 0; i < queue.size() && queue.size() < kReachedMax; i++)
        for (const Import& import : importsOf(queue[i]))
            for (const int32_t module : import.modules)
                if (!isSeen[size_t(module)]) {
                    isSeen[size_t(module)] = true;
                    queue.push_back(module);
                }
    reached->assign(queue.begin() + 1, queue.end());
    std::sort(reached->begin(), reached->end());
    std::lock_guard lock(mutex_);
    return reached_.try_emplace(blob, std::move(reached)).first->second;
}

int32_t Imports::submodule(int32_t blob, std::string_view name) const {
    const int32_t file = paths_->submodule(worlds_[size_t(blob)], pathOf(blob), name);
    return file < 0 ? -1 : blobOfFile_[size_t(file)];
}

BlobNumbers Imports::folderOfBlob(int32_t blob) const {
    return blobsOf(paths_->filesIn(folderOf(pathOf(blob))));
}

}  // namespace moxie::indexer

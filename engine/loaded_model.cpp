#include "engine/loaded_model.h"

#include "engine/families/families.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

std::vector<const base::MappedFile*> LoadedModel::files() const {
    std::vector<const base::MappedFile*> files = source->files();
    if (draftSource)
        for (const base::MappedFile* file : draftSource->files())
            files.push_back(file);
    return files;
}

base::Result<LoadedModel> loadModel(const std::filesystem::path& path,
                                    const std::filesystem::path& draftFile) {
    LoadedModel model;
    TRY_ASSIGN(model.source, openTensorSource(path));
    TRY_ASSIGN(model.plan, makePlan(*model.source));
    if (!draftFile.empty()) {
        TRY_ASSIGN(model.draftSource, openTensorSource(draftFile));
        TRY(addDrafter(*model.draftSource, model.plan));
    }
    model.guard = std::make_unique<MapGuard>(model.files());
    return model;
}

}  // namespace moxie::engine

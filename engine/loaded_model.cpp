#include "engine/loaded_model.h"

#include "engine/families/families.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

base::Result<LoadedModel> loadModel(const std::filesystem::path& path) {
    LoadedModel model;
    TRY_ASSIGN(model.source, openTensorSource(path));
    TRY_ASSIGN(model.plan, makePlan(*model.source));
    model.guard = std::make_unique<MapGuard>(model.source->files());
    return model;
}

}  // namespace moxie::engine

#include "engine/loaded_model.h"

#include "engine/families/families.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

base::Result<LoadedModel> loadModel(const std::filesystem::path& path) {
    LoadedModel model;
    TRY_ASSIGN(model.source, openTensorSource(path));
    TRY_ASSIGN(model.plan, makePlan(*model.source));
    return model;
}

}  // namespace moxie::engine

#define MOXIE_JSON_INSTANCES
#include "app/setup/cmake/json_instances.h"

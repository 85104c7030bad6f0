// As precompiled.h, for test programs.
#pragma once
#include "app/setup/cmake/precompiled.h"
#include "tests/catch.h"

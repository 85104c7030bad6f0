# What every room's CMakeLists.txt builds on: warnings, sanitizers, the version, system packages and the sources
# that set-up fetched. Included once from the top.

# ---- compiler cache and linker, if present
find_program(MOXIE_CCACHE ccache)
if(MOXIE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${MOXIE_CCACHE})
    # Without this ccache does not cache files that use a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${MOXIE_CCACHE})
endif()
find_program(MOXIE_MOLD mold)
if(MOXIE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# ---- the programs find what lies in ../lib/moxie, in the build folder as where they are installed
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib/moxie")

# ---- -O2: a tenth faster to compile than -O3 and not measurably slower outside the kernels, which ask for more
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# The presets release and dev compile six files of a room at a time (unity builds: half the time), asan and tsan each
# by itself and without precompiled headers, which proves that each file includes what it uses. So a name in an unnamed
# namespace is used once in a room; what two files need moves to a header.

# moxie_precompile(TARGET HEADER): see precompiled.h and json_instances.h
function(moxie_precompile target)
    if(TARGET ${target})
        target_link_libraries(${target} PRIVATE moxie_json)
        target_precompile_headers(${target} PRIVATE
            ${PROJECT_SOURCE_DIR}/app/setup/cmake/${ARGN})
    endif()
endfunction()

# ---- warnings, for our code only. g++ 12 warns of overlapping copies in std::string operator+ where there are none
# (GCC bug 105651), so that one is off; in a unity build it takes our own sources for headers. Other versions have other false alarms: there a warning stays a warning.
if(MOXIE_WERROR AND NOT (CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12[.]"))
    message(STATUS "Warnings are no errors with ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: only with g++ 12")
    set(MOXIE_WERROR OFF)
endif()
add_library(moxie_warnings INTERFACE)
add_library(moxie::warnings ALIAS moxie_warnings)
target_compile_options(moxie_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
    $<$<BOOL:${MOXIE_WERROR}>:-Werror>>)

# ---- the root of the tree as include directory: #include "engine/chat_model.h"
add_library(moxie_sources INTERFACE)
add_library(moxie::sources ALIAS moxie_sources)
target_include_directories(moxie_sources INTERFACE ${PROJECT_SOURCE_DIR})

if(MOXIE_SANITIZE)
    add_compile_options(-fsanitize=${MOXIE_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${MOXIE_SANITIZE})
endif()

# ---- version from git, at build time: #include "moxie_version.h", linking moxie_version
add_custom_target(moxie_write_version
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D OUTPUT=${CMAKE_BINARY_DIR}/generated/moxie_version.h
            -P ${PROJECT_SOURCE_DIR}/app/setup/cmake/version.cmake
    BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/moxie_version.h
    VERBATIM)
add_library(moxie_version INTERFACE)
add_dependencies(moxie_version moxie_write_version)
target_include_directories(moxie_version INTERFACE ${CMAKE_BINARY_DIR}/generated)

# ---- system packages
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(LIBSECRET REQUIRED IMPORTED_TARGET libsecret-1)

add_library(moxie_json STATIC ${PROJECT_SOURCE_DIR}/app/setup/cmake/json_instances.cpp)
target_link_libraries(moxie_json PUBLIC nlohmann_json::nlohmann_json moxie_sources)

# ---- what set-up fetched from a package registry (app/setup/lock.json)
if(DEFINED ENV{MOXIE_HOME})
    set(moxie_cache "$ENV{MOXIE_HOME}/cache")
elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(moxie_cache "$ENV{XDG_CACHE_HOME}/moxie")
else()
    set(moxie_cache "$ENV{HOME}/.cache/moxie")
endif()
set(MOXIE_DEPS "${moxie_cache}/deps" CACHE PATH "Where set-up unpacked the fetched sources")

# ---- accelerators: AUTO never breaks a build without them
set(MOXIE_CUDA AUTO CACHE STRING "CUDA kernels: AUTO or OFF")
set(MOXIE_ASCEND AUTO CACHE STRING "Ascend kernels: AUTO or OFF")
if(MOXIE_CUDA STREQUAL "AUTO")
    include(CheckLanguage)
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        message(STATUS "CUDA toolkit found; this version has no CUDA kernels yet and builds without")
    endif()
endif()

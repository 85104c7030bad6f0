# The tree-sitter core and the grammars, compiled from what set-up fetched (app/setup/lock.json). Each grammar is
# compiled with the headers it came with. The nine below are one shared library; the others are modules beside the programs.
set(moxie_tree_sitter ${MOXIE_DEPS}/tree-sitter-0.26.1/tree_sitter/core/lib)
set(moxie_parsers ${MOXIE_DEPS}/tree-sitter-language-pack-0.13.0/parsers)
set(moxie_grammar_names c cpp python javascript typescript tsx go rust java)

set(moxie_grammar_needs ${moxie_tree_sitter}/src/lib.c)
foreach(grammar ${moxie_grammar_names})
    list(APPEND moxie_grammar_needs ${moxie_parsers}/${grammar}/src/parser.c)
endforeach()
foreach(file ${moxie_grammar_needs})
    if(NOT EXISTS ${file})
        message(FATAL_ERROR "${file} is missing: run ./run or ./check to fetch it")
    endif()
endforeach()

# The core with our memory, counts and table look-ups: syntax_core.c includes its sources.
add_library(moxie_tree_sitter STATIC syntax_core.c)
target_include_directories(moxie_tree_sitter
    SYSTEM PUBLIC ${moxie_tree_sitter}/include
    PRIVATE ${moxie_tree_sitter}/src ${PROJECT_SOURCE_DIR})
# Nobody replaces its functions, so they may call each other directly and be inlined.
target_compile_options(moxie_tree_sitter PRIVATE -w -O3 -fno-semantic-interposition -fvisibility=hidden)
target_compile_definitions(moxie_tree_sitter PRIVATE _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE)
set_target_properties(moxie_tree_sitter PROPERTIES C_STANDARD 11 POSITION_INDEPENDENT_CODE ON)

# -O1: half the compile time of -O2 on these tables, and parsing is about as fast. No sanitizers: generated code.
# A shared library, because two programs use it: 8 MB once instead of twice.
add_library(moxie_grammars SHARED)
foreach(grammar ${moxie_grammar_names})
    set(sources ${moxie_parsers}/${grammar}/src/parser.c)
    if(EXISTS ${moxie_parsers}/${grammar}/src/scanner.c)
        list(APPEND sources ${moxie_parsers}/${grammar}/src/scanner.c)
    endif()
    add_library(moxie_grammar_${grammar} OBJECT ${sources})
    target_include_directories(moxie_grammar_${grammar} PRIVATE ${moxie_parsers}/${grammar}/src)
    target_compile_options(moxie_grammar_${grammar} PRIVATE -w -O1 -g0 -fno-sanitize=all)
    file(STRINGS ${moxie_parsers}/${grammar}/src/tree_sitter/parser.h searches_sets REGEX "bool set_contains")
    if(searches_sets)
        target_compile_options(moxie_grammar_${grammar} PRIVATE -include ${CMAKE_CURRENT_SOURCE_DIR}/grammar_sets.h)
    endif()
    set_target_properties(moxie_grammar_${grammar} PROPERTIES C_STANDARD 11 POSITION_INDEPENDENT_CODE ON)
    target_sources(moxie_grammars PRIVATE $<TARGET_OBJECTS:moxie_grammar_${grammar}>)
endforeach()
set_target_properties(moxie_grammars PROPERTIES LINKER_LANGUAGE C LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/moxie)

# Modules: app/setup/grammars.py compiles each once and keeps it in the cache under the hash of its sources.
# few: what the tests of the default suite need; main: the common languages, for users; all: 156.
if(MOXIE_TESTS)
    set(moxie_grammars_default few)
else()
    set(moxie_grammars_default main)
endif()
set(MOXIE_GRAMMARS ${moxie_grammars_default} CACHE STRING "grammar modules to build: few, main or all")
set(moxie_grammar_folder ${CMAKE_BINARY_DIR}/lib/moxie/grammars)
add_custom_command(
    OUTPUT ${moxie_grammar_folder}/manifest.txt
    COMMAND python3 ${PROJECT_SOURCE_DIR}/app/setup/grammars.py ${MOXIE_GRAMMARS} ${moxie_grammar_folder}
    DEPENDS ${PROJECT_SOURCE_DIR}/app/setup/grammars.py ${CMAKE_CURRENT_SOURCE_DIR}/languages/grammars.def
    COMMENT "Grammar modules (${MOXIE_GRAMMARS})"
    VERBATIM)
add_custom_target(moxie_grammar_modules DEPENDS ${moxie_grammar_folder}/manifest.txt)

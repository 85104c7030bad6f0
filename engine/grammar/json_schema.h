// JSON Schemas as tables that an automaton walks. Taken: type, properties, required, enum, const,
// items, prefixItems, anyOf, oneOf, allOf, additionalProperties, minItems, maxItems, $ref within
// the schema, lengths, patterns and formats of texts, bounds and multiples of numbers. Whatever
// else a schema says of a value is not held to, and notes() tells it.
// Objects with properties are closed unless additionalProperties opens them: a model under a
// grammar is not to invent arguments.
// Threads: one thread while schemas are added; immutable from then on.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/chat/python_json.h"
#include "engine/grammar/byte_dfa.h"
#include "engine/grammar/word_set.h"

namespace moxie::engine {

struct SchemaNode {
    enum class Kind { any, text, words, literals, number, integer, object, array, choice };
    Kind kind = Kind::any;
    int32_t words = -1;    // words: texts; literals: values as JSON
    int32_t shape = 0;     // text, number, integer: of its spelling; 0: any
    int32_t charsMin = 0;  // text without a shape
    int32_t charsMax = INT32_MAX;
    // object: of its keys in `words`, sorted; choice: of each, no choices; array: its first items
    std::vector<int32_t> members = {};
    uint64_t required = 0;  // object: of its keys
    int32_t others = -1;    // object: of members without a name here; -1: none
    int32_t items = -1;     // array
    int32_t itemsMin = 0;
    int32_t itemsMax = INT32_MAX;
    int32_t levels = 0;  // of nesting that its flattest value needs
};

class SchemaTable {
public:
    static constexpr int32_t kAny = 0;
    static constexpr int32_t kLevelsMax = 40;

    SchemaTable();

    // The schema's number. A text that is no JSON, or no value a model could finish, is noted and
    // free. `place` is named in notes.
    int32_t add(std::string_view schemaJson, std::string_view place);
    // The same, and the value is an object in any case.
    int32_t addObject(std::string_view schemaJson, std::string_view place);
    // One of these words, as a text.
    int32_t addWords(std::shared_ptr<const std::vector<std::string>> words);
    // `member` of an object, a text or a list of texts, takes only what `words` takes. False: there
    // is no such member.
    bool restrictMember(int32_t object, std::string_view member, int32_t words);

    const SchemaNode& at(int32_t schema) const { return nodes_[size_t(schema)]; }

    // What a free value may be, one schema for each type.
    const std::vector<int32_t>& kindsOfAny() const { return kindsOfAny_; }

    const WordSet& words(int32_t set) const { return sets_[size_t(set)]; }

    // The texts that a value may be, without quotes and escapes.
    const ByteDfa& shape(int32_t shape) const { return shapes_[size_t(shape)]; }

    const std::vector<std::string>& notes() const { return notes_; }

private:
    int32_t compile(const PythonJson& schema, const std::string& place);
    int32_t compileRef(std::string_view ref, const std::string& place);
    SchemaNode nodeOf(const PythonJson& schema, const std::string& place);
    SchemaNode typed(const PythonJson& schema, std::string_view type, const std::string& place);
    SchemaNode objectOf(const PythonJson& schema, const std::string& place);
    SchemaNode arrayOf(const PythonJson& schema, const std::string& place);
    SchemaNode textOf(const PythonJson& schema, const std::string& place);
    SchemaNode numberOf(const PythonJson& schema, SchemaNode::Kind kind, const std::string& place);
    int32_t addShape(base::Result<ByteDfa> shape, const std::string& place, std::string_view what);
    bool takes(const SchemaNode& node, const PythonJson& value) const;
    SchemaNode valuesOf(const std::vector<PythonJson>& values);
    SchemaNode valuesOf(const PythonJson& schema, const std::vector<PythonJson>& values,
                        const std::string& place);
    int32_t valueNode(const PythonJson& value);
    SchemaNode choiceOf(const PythonJson& schema, std::string_view keyword,
                        const std::string& place);
    int32_t compileTogether(PythonJson rest, const std::vector<PythonJson>& parts,
                            const std::string& place);
    base::Result<PythonJson> together(const PythonJson& a, const PythonJson& b);
    PythonJson resolved(const PythonJson& schema) const;
    void noteShared();
    bool areApart(int32_t a, int32_t b, int32_t levels) const;
    bool areApartObjects(const SchemaNode& a, const SchemaNode& b, int32_t levels) const;
    void noteIgnored(const PythonJson& schema, const std::string& place);
    void note(const std::string& place, std::string_view what);
    void countLevels(size_t first);
    void freeEndless(size_t first, std::string_view place);
    void flattenChoices(size_t first);
    int32_t levelsOf(const SchemaNode& node) const;
    int32_t addSet(std::vector<std::string> words);
    int32_t addNode(SchemaNode node);

    std::vector<SchemaNode> nodes_;
    std::vector<WordSet> sets_;
    std::vector<ByteDfa> shapes_ = {ByteDfa()};
    int64_t shapeStates_ = 0;
    int64_t mergedBytes_ = 0;
    std::vector<std::pair<int32_t, std::string>> exclusive_;  // oneOf: node and place
    std::vector<std::string> notes_;
    std::vector<int32_t> kindsOfAny_;
    const PythonJson* root_ = nullptr;           // of the schema that is being added
    std::map<std::string, int32_t> references_;  // of that schema
    int32_t nesting_ = 0;
};

}  // namespace moxie::engine

// JSON Schemas that are put together of others: allOf, references with more beside them, anyOf and
// oneOf.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/grammar/json_schema.h"
#include "engine/grammar/schema_merge.h"

namespace moxie::engine {

namespace {

constexpr int64_t kMergedBytesMax = 4'000'000;  // of one schema; copies of its parts
constexpr int32_t kReferencesMax = 16;          // in a row
constexpr int32_t kApartLevels = 4;

}  // namespace

// A reference with what stands beside it, as one schema; a chain of them is followed.
PythonJson SchemaTable::resolved(const PythonJson& schema) const {
    const PythonJson* at = &schema;
    for (int32_t n = 0; n < kReferencesMax && at->find("$ref") != nullptr; ++n) {
        const PythonJson* target = pointedAt(*root_, at->stringAt("$ref"));
        if (target == nullptr || (n > 0 && at->keys.size() > 1)) return *at;
        at = target;
    }
    return *at;
}

base::Result<PythonJson> SchemaTable::together(const PythonJson& a, const PythonJson& b) {
    mergedBytes_ += (b.end - b.begin) + (a.end - a.begin);
    if (mergedBytes_ > kMergedBytesMax)
        return base::fail(base::Errc::unsupported, "a schema this large");
    TRY_ASSIGN(PythonJson both, mergedSchemas(a, b));
    both.begin = 0;
    both.end = (a.end - a.begin) + (b.end - b.begin);
    return both;
}

// What `rest` and all of `parts` take.
int32_t SchemaTable::compileTogether(PythonJson rest, const std::vector<PythonJson>& parts,
                                     const std::string& place) {
    for (const auto& part : parts) {
        const bool isReference = part.find("$ref") != nullptr;
        PythonJson whole = isReference ? resolved(part) : part;
        if (isReference && part.keys.size() > 1) {
            auto beside = together(whole, without(part, "$ref"));
            if (beside)
                whole = *std::move(beside);
            else
                note(place, fmt::format("{} beside a reference is not enforced",
                                        beside.error().message()));
        }
        if (whole.type == PythonJson::Type::boolean && whole.text == "true") continue;
        auto both = together(rest, whole);
        if (both)
            rest = *std::move(both);
        else
            note(place, fmt::format("{} of allOf is not enforced", both.error().message()));
    }
    ++nesting_;
    const int32_t schema = compile(rest, place);
    --nesting_;
    return schema;
}

SchemaNode SchemaTable::choiceOf(const PythonJson& schema, std::string_view keyword,
                                 const std::string& place) {
    SchemaNode node = {.kind = SchemaNode::Kind::choice};
    const PythonJson rest = without(schema, keyword);
    const bool isAlone =
        std::ranges::all_of(rest.keys, [](const auto& key) { return isAnnotation(key); });
    for (const auto& one : schema.find(keyword)->values) {
        auto both = isAlone ? base::Result<PythonJson>(one) : together(rest, resolved(one));
        if (!both)
            note(place,
                 fmt::format("{} beside {} is not enforced", both.error().message(), keyword));
        node.members.push_back(compile(both ? *both : one, place));
    }
    return node;
}

// Of oneOf a value is to fit one only: noted where it could fit two.
void SchemaTable::noteShared() {
    for (const auto& [node, place] : exclusive_) {
        const std::vector<int32_t>& members = at(node).members;
        bool areAll = at(node).kind == SchemaNode::Kind::choice;
        for (size_t i = 0; areAll && i < members.size(); ++i)
            for (size_t n = 0; areAll && n < i; ++n)
                areAll = areApart(members[i], members[n], kApartLevels);
        if (!areAll) note(place, "oneOf: a value that fits two of it is taken");
    }
}

// Whether no value is seen to fit both.
bool SchemaTable::areApart(int32_t a, int32_t b, int32_t levels) const {
    using Kind = SchemaNode::Kind;
    const SchemaNode& one = at(a);
    const SchemaNode& other = at(b);
    if (a == b || levels == 0 || one.kind == Kind::any || other.kind == Kind::any) return false;
    const auto apartFromAll = [&](const SchemaNode& choice, int32_t from) {
        return std::ranges::all_of(
            choice.members, [&](int32_t member) { return areApart(member, from, levels - 1); });
    };
    if (one.kind == Kind::choice) return apartFromAll(one, b);
    if (other.kind == Kind::choice) return apartFromAll(other, a);
    const auto isText = [](const SchemaNode& node) {
        return node.kind == Kind::text || node.kind == Kind::words;
    };
    const auto isPlain = [](const SchemaNode& node) {
        return node.kind == Kind::number || node.kind == Kind::integer ||
               node.kind == Kind::literals;
    };
    const auto apartWords = [this](const SchemaNode& x, const SchemaNode& y) {
        const WordSet& words = this->words(x.words);
        const WordSet& others = this->words(y.words);
        for (int32_t i = 0, n = 0; i < words.all().end && n < others.all().end;) {
            const int order = words.word(i).compare(others.word(n));
            if (order == 0) return false;
            ++(order < 0 ? i : n);
        }
        return true;
    };
    if (one.kind == other.kind && (one.kind == Kind::words || one.kind == Kind::literals))
        return apartWords(one, other);
    if (isText(one) && isText(other)) return false;
    if (isPlain(one) && isPlain(other)) return false;
    if (one.kind == Kind::object && other.kind == Kind::object)
        return areApartObjects(one, other, levels);
    return one.kind != other.kind;
}

// By a member that both must have, or that one must have and the other cannot.
bool SchemaTable::areApartObjects(const SchemaNode& a, const SchemaNode& b, int32_t levels) const {
    const auto isToldBy = [&](const SchemaNode& one, const SchemaNode& other) {
        const WordSet& keys = words(one.words);
        const WordSet& others = words(other.words);
        for (int32_t i = 0; i < keys.all().end; ++i) {
            if (!(one.required >> i & 1)) continue;
            int32_t same = 0;
            while (same < others.all().end && others.word(same) != keys.word(i))
                ++same;
            if (same == others.all().end) {
                if (other.others < 0) return true;
            } else if ((other.required >> same & 1) &&
                       areApart(one.members[size_t(i)], other.members[size_t(same)], levels - 1)) {
                return true;
            }
        }
        return false;
    };
    return isToldBy(a, b) || isToldBy(b, a);
}

}  // namespace moxie::engine

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "agent/event_log.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using nlohmann::json;

namespace {

// Random values, with the awkward ones often.
struct Dice {
    std::mt19937_64 random;

    int64_t number(int64_t below) { return int64_t(random() % uint64_t(below)); }

    std::string text() {
        static const std::vector<std::string> kPieces = {"",   "a",        "\"quoted\"",   "line\n",
                                                         "\\", "\xC3\xBC", "\xE4\xB8\xAD", "\x01",
                                                         "\t", "{}",       "null"};
        std::string out;
        for (int64_t i = number(5); i > 0; --i)
            out += kPieces[size_t(number(11))];
        return out;
    }

    engine::Usage usage() { return {number(1 << 20), number(99), number(99), number(9)}; }

    std::vector<std::string> texts() {
        std::vector<std::string> out;
        for (int64_t i = number(4); i > 0; --i)
            out.push_back(text());
        return out;
    }
};

EventBody makeBody(size_t kind, Dice& d) {
    switch (kind) {
        case 0:
            return SessionStarted{d.text(), d.text(),    d.text(), d.text(),
                                  d.text(), d.number(9), d.text()};
        case 1:
            return TurnStarted{d.text(), d.text()};
        case 2: {
            MessageAdded added;
            added.message.role = engine::Role(d.number(4));
            added.message.text = d.text();
            added.message.reasoning = d.text();
            added.message.reasoningBlocks = d.text();
            for (int64_t i = d.number(3); i > 0; --i)
                added.message.toolCalls.push_back({d.text(), d.text(), d.text(), d.number(2) == 0});
            added.message.toolCallId = d.text();
            added.message.isToolError = d.number(2) == 0;
            for (int64_t i = d.number(3); i > 0; --i)
                added.message.images.push_back({d.text(), d.text()});
            return added;
        }
        case 3:
            return RequestSent{d.text(), d.number(1LL << 40), d.text(), int32_t(d.number(99))};
        case 4:
            return ModelAnswering{{d.text(), d.text(), d.text()}};
        case 5:
            return AttemptFailed{{int32_t(d.number(9)), d.number(9999), d.text()}};
        case 6:
            return Delta{"text", d.text()};
        case 7:
            return ToolCallStarted{d.text(), d.text(), d.text(), d.text(), d.text()};
        case 8:
            return ToolOutput{d.text(), d.text()};
        case 9:
            return ToolCallEnded{d.text(),
                                 d.text(),
                                 d.text(),
                                 d.number(2) == 0,
                                 int32_t(d.number(300)) - 1,
                                 d.number(9),
                                 d.texts(),
                                 d.number(2) == 0,
                                 d.texts()};
        case 10:
            return PermissionAsked{d.text(), d.text(), d.text(), d.text(), d.text(), d.text()};
        case 11:
            return PermissionAnswered{d.text(), d.text(), d.text(), d.number(2) == 0, d.text()};
        case 12:
            return CheckpointTaken{d.text(), d.text()};
        case 13:
            return PlanChanged{d.text(), d.number(2) == 0};
        case 14:
            return UsageCounted{d.usage(), d.usage(), double(d.number(1000)) / 64};
        case 15:
            return VerificationRun{
                d.text(), d.text(), int32_t(d.number(3)), d.number(2) == 0, d.number(9), 1, 2, 3};
        case 16:
            return Committed{d.text(), d.text(), d.texts()};
        case 17:
            return Notice{d.text(), d.text(), d.text()};
        case 18:
            return HistoryPruned{{d.number(99), d.number(99)}, d.number(99)};
        default: {
            static constexpr EndStatus kAll[] = {EndStatus::verified, EndStatus::stuck,
                                                 EndStatus::terminated, EndStatus::permission};
            return TurnEnded{kAll[d.number(4)], d.text(), int32_t(d.number(9)), d.number(9)};
        }
    }
}

// The part of JSON Schema 2020-12 that our schema uses, so that the default suite needs no
// validator from outside.
bool fits(const json& schema, const json& root, const json& value) {
    if (const auto ref = schema.find("$ref"); ref != schema.end())
        return fits(root.at(json::json_pointer(ref->get<std::string>().substr(1))), root, value);
    if (const auto any = schema.find("oneOf"); any != schema.end()) {
        int n = 0;
        for (const json& option : *any)
            n += fits(option, root, value) ? 1 : 0;
        return n == 1;
    }
    if (const auto c = schema.find("const"); c != schema.end() && *c != value) return false;
    if (const auto e = schema.find("enum"); e != schema.end())
        if (std::find(e->begin(), e->end(), value) == e->end()) return false;
    const std::string type = schema.value("type", "");
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer();
    if (type == "array") {
        if (!value.is_array()) return false;
        for (const json& item : value)
            if (!fits(schema.at("items"), root, item)) return false;
        return true;
    }
    if (type == "object") {
        if (!value.is_object()) return false;
        for (const json& key : schema.at("required"))
            if (!value.contains(key.get<std::string>())) return false;
        for (const auto& [key, item] : value.items()) {
            const auto property = schema.at("properties").find(key);
            if (property == schema.at("properties").end()) return false;
            if (!fits(*property, root, item)) return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("every kind of event survives the way to JSON and back", "[agent][event]") {
    Dice dice{std::mt19937_64(7)};
    for (int round = 0; round < 2000; ++round) {
        const size_t kind = size_t(round) % std::variant_size_v<EventBody>;
        const Event event{dice.number(1LL << 50), dice.number(1LL << 50), int32_t(dice.number(100)),
                          makeBody(kind, dice)};
        CAPTURE(round, kind);
        REQUIRE(event.body.index() == kind);
        const std::string line = toJsonLine(event);
        REQUIRE(line.find('\n') == std::string::npos);
        const auto back = eventFromJson(json::parse(line));
        REQUIRE(back);
        REQUIRE(toJsonLine(*back) == line);
    }
}

TEST_CASE("every kind of event fits the published schema", "[agent][event]") {
    std::ifstream in(std::string(MOXIE_SOURCE_DIR) + "/agent/event.schema.json");
    const json schema = json::parse(in, nullptr, false);
    REQUIRE(schema.is_object());
    Dice dice{std::mt19937_64(11)};
    for (size_t i = 0; i < 400; ++i) {
        const Event event{int64_t(i) + 1, 5, 1, makeBody(i % 20, dice)};
        CAPTURE(toJsonLine(event));
        REQUIRE(fits(schema, schema, toJson(event)));
    }
    json broken = toJson({1, 2, 3, TurnStarted{"x"}});
    broken.erase("task");
    CHECK_FALSE(fits(schema, schema, broken));
}

// Needs an interpreter with the jsonschema package: MOXIE_PYTHON=/path/to/venv/bin/python3.
TEST_CASE("the jsonschema package takes every kind of event", "[agent][event][.schema]") {
    const char* python = getenv("MOXIE_PYTHON");
    REQUIRE(python != nullptr);
    const tests::TempFolder folder;
    Dice dice{std::mt19937_64(13)};
    std::string lines;
    for (size_t i = 0; i < 4000; ++i)
        lines +=
            toJsonLine({int64_t(i) + 1, 5, 1, makeBody(i % std::variant_size_v<EventBody>, dice)}) +
            "\n";
    tests::writeText(folder.path / "events.jsonl", lines);
    const std::string source = MOXIE_SOURCE_DIR;
    const std::string command = std::string(python) + " '" + source +
                                "/tests/agent/validate_events.py' '" + source +
                                "/agent/event.schema.json' events.jsonl";
    CHECK(std::system(("cd '" + folder.path.string() + "' && " + command).c_str()) == 0);
}

TEST_CASE("a broken event is refused with the name of the field", "[agent][event]") {
    json good = toJson({1, 2, 3, Delta{"text", "x"}});
    json missing = good;
    missing.erase("channel");
    REQUIRE_FALSE(eventFromJson(missing));
    CHECK(eventFromJson(missing).error().message() == "event: field \"channel\" is missing");
    json wrong = good;
    wrong["turn"] = 1LL << 40;
    CHECK_FALSE(eventFromJson(wrong));
    wrong = good;
    wrong["type"] = "no such";
    CHECK_FALSE(eventFromJson(wrong));
    CHECK_FALSE(eventFromJson(json::array()));
}

TEST_CASE("the log gives back what was appended, and only one may drive it", "[agent][log]") {
    tests::TempFolder folder;
    base::SystemClock clock;
    auto log = EventLog::create(folder.path, clock);
    REQUIRE(log);
    const std::string id = (*log)->sessionId();
    REQUIRE((*log)->append(0, SessionStarted{id, "/r", "v", "auto", "", 0, ""}));
    REQUIRE((*log)->append(1, TurnStarted{"do it"}));
    REQUIRE((*log)->append(1, TurnEnded{EndStatus::stuck, "circles", 3, 4}));

    auto second = EventLog::open(folder.path, id, EventLog::Access::drive, clock);
    REQUIRE_FALSE(second);
    CHECK(second.error().kind() == base::Errc::busy);
    auto reader = EventLog::open(folder.path, id, EventLog::Access::readOnly, clock);
    REQUIRE(reader);
    const auto events = (*reader)->read(1, 10);
    REQUIRE(events);
    REQUIRE(events->size() == 2);
    CHECK((*events)[0].seq == 2);

    auto sessions = EventLog::list(folder.path);
    REQUIRE(sessions);
    REQUIRE(sessions->size() == 1);
    CHECK((*sessions)[0].firstTask == "do it");
    CHECK((*sessions)[0].lastStatus == "stuck");
    CHECK((*sessions)[0].isLeased);
    log->reset();
    CHECK_FALSE((*EventLog::list(folder.path))[0].isLeased);
    CHECK(EventLog::open(folder.path, "../x", EventLog::Access::readOnly, clock).error().kind() ==
          base::Errc::notFound);
}

// Prints what the conversation costs beside the goals of the desktop (CPU time of the GUI thread).
#include <QScrollBar>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>

#include "tests/desktop/conversation/conversation_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

double cpuMs() {
    timespec now = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

template <class Step>
std::vector<double> timed(int steps, Step step) {
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) {
        const double begin = cpuMs();
        step(i);
        QApplication::processEvents();
        times.push_back(cpuMs() - begin);
    }
    std::sort(times.begin(), times.end());
    return times;
}

double percentile(const std::vector<double>& sorted, double share) {
    return sorted[std::min(sorted.size() - 1, size_t(double(sorted.size()) * share))];
}

void print(const char* what, const std::vector<double>& times, const char* goal) {
    std::printf("  %-46s p50 %6.2f  p99 %6.2f  max %6.2f ms   goal %s\n", what,
                percentile(times, 0.5), percentile(times, 0.99), times.back(), goal);
}

std::vector<agent::EventBody> shortTurn(int number) {
    const std::string n = std::to_string(number);
    std::string answer =
        "Answer " + n + " says some words about the part, and then a few more.\n\n";
    answer += number % 3 == 0 ? "- first\n- second `code`\n- third, see src/a.cpp:" + n + "\n"
              : number % 3 == 1
                  ? "```cpp\nint a = " + n + ";\nint b = a;\n```\n\nThat is all.\n"
                  : "Another paragraph with plain words, long enough to be broken into lines when "
                    "it is shown in a column of a hundred characters.\n";
    return {agent::TurnStarted{"message " + n + ", please look at the tokenizer"},
            call("r" + n, "read", R"({"path":"src/a.cpp"})"), result("r" + n, "text"), said(answer),
            agent::TurnEnded{agent::EndStatus::verified, "ok", 1, 400}};
}

}  // namespace

TEST_CASE("cost of a conversation of 100,000 messages", "[.bench][desktop][conversation]") {
    application();
    FakeSession session;
    ConversationModel model;
    for (int turn = 1; turn <= 50'000; ++turn)
        for (agent::EventBody& body : shortTurn(turn)) {
            agent::Event event;
            event.timeMs = session.timeMs += 100;
            event.turn = turn;
            event.body = std::move(body);
            model.apply(event);
        }
    session.view().conversation = model.now();
    Appearance appearance;
    ActionRegistry registry;
    tests::FakeClock clock;
    session.set(SessionModel::State::ready);
    const double begin = cpuMs();
    ConversationScreen screen(session, appearance, registry, clock);
    showActive(screen, {900, 1'000});
    const double opened = cpuMs() - begin;
    auto* canvas = screen.findChild<BlockCanvas*>();
    std::printf("  100,000 messages: open and first paint %.1f ms, %lld blocks   goal G7 200 ms\n",
                opened, static_cast<long long>(canvas->itemCount()));
    CHECK(opened < 200.0);
    const int64_t first = canvas->itemCount();
    const double before = cpuMs();
    CHECK(waitUntil([&] { return canvas->itemCount() > 2 * first; }));
    std::printf("  the earlier ones arrive: %.1f ms, %lld blocks\n", cpuMs() - before,
                static_cast<long long>(canvas->itemCount()));
    QScrollBar* bar = canvas->verticalScrollBar();
    std::mt19937 random(1);
    canvas->scrollToItem(1'000);
    print("scroll by 3 lines",
          timed(500, [&](int) { bar->setValue(bar->value() + 3 * bar->singleStep()); }),
          "G7 p99 8 ms");
    print("scroll by a page", timed(300, [&](int) { bar->setValue(bar->value() + 900); }),
          "G7 p99 16 ms");
    print("jump anywhere",
          timed(300,
                [&](int) {
                    canvas->scrollToItem(int64_t(random() % uint64_t(canvas->itemCount())));
                }),
          "G7 p99 16 ms");
    print("fold and unfold in the middle",
          timed(40,
                [&](int) {
                    const ItemRange visible = canvas->visibleItems();
                    for (int64_t item = visible.begin; item < visible.end; ++item)
                        for (const CanvasControl& control : canvas->controls(item))
                            if (control.name.contains(QLatin1String("1 step")))
                                return canvas->activate(item, control);
                }),
          "G16 50 ms");
}

TEST_CASE("cost of a flush into an answer of 200 kB", "[.bench][desktop][conversation]") {
    for (const char* kind : {"prose", "code"}) {
        Rig rig;
        rig.screen.resize(900, 1'000);
        std::string answer = kind[0] == 'c' ? "```cpp\n" : "";
        while (answer.size() < 200'000)
            answer += kind[0] == 'c'
                          ? "    int64_t value = compute(first, second);\n"
                          : "A paragraph with **some** words and `code`, see a.cpp:12, and "
                            "more words that fill it.\n\n- one\n- two\n\n";
        rig.play({agent::TurnStarted{"write"}, agent::RequestSent{"m", 1, "h", 1},
                  agent::Delta{"text", answer}});
        const std::string piece = kind[0] == 'c' ? "    more = 1;\n" : "more words, ";
        std::vector<double> times;
        for (int i = 0; i < 600; ++i) {
            // The model's own cost is the session's, not the screen's.
            ConversationChange change = {ConversationChange::Kind::itemChanged, 0, 0};
            auto& item =
                rig.session.view().conversation.turns.edit(0).items.edit(0).get<TextItem>();
            item.text += i % 20 == 19 ? "\n\nA new one. " + piece : piece;
            const double begin = cpuMs();
            emit rig.session.changed({change});
            QApplication::processEvents();
            times.push_back(cpuMs() - begin);
        }
        CHECK(rig.canvas->isAtEnd());
        CHECK(rig.canvas->itemText(rig.canvas->itemCount() - 2).contains("more"));
        std::sort(times.begin(), times.end());
        print(kind, times, "G6 p99 4 ms");
        CHECK(percentile(times, 0.99) < 8.0);
    }
}

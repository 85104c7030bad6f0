// The block drafter of DeepSeek V4's later snapshots against float64 NumPy written from its
// specification (tests/bench/peers/families/reference_v4_drafter.py).
#include "tests/catch.h"
#include "tests/engine/families/golden_run.h"

namespace moxie::engine {

namespace {

std::vector<int32_t> guessesOf(const nlohmann::json& chain) {
    std::vector<int32_t> sure;
    for (size_t i = 0; i < chain["tokens"].size(); ++i) {
        if (chain["confidences"][i].get<double>() < 0) break;
        sure.push_back(chain["tokens"][i]);
    }
    return sure;
}

Session sessionOf(const Loaded& model, WorkerPool& pool, kernels::Isa isa,
                  QuantSimulation simulation = QuantSimulation::off) {
    return Session::make(model.plan, pool, kernels::dispatchFor(isa),
                         {.contextTokens = 512, .simulation = simulation, .keepsDraft = true})
        .value();
}

}  // namespace

TEST_CASE("a block drafter's first guesses have the exact logits", "[engine][families][drafter]") {
    const Loaded model = load("v4_block_drafter", "config");
    REQUIRE(model.plan.blockDrafter.has_value());
    REQUIRE(model.plan.blockDrafter->blocks.size() == 3);
    for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()}) {
        CAPTURE(int(isa));
        const Run exact = run(model.plan, model.tokens, {.isa = isa, .keepsDraft = true});
        requireAgreement(exact.draft, model.golden["sim_off"]["mtp"]);
        const Run rounded =
            run(model.plan, model.tokens,
                {.isa = isa, .keepsDraft = true, .simulation = QuantSimulation::on});
        REQUIRE(compare(rounded.draft, model.golden["sim_on"]["mtp"]).relativeRms <= 5e-3);
    }
}

TEST_CASE("a block drafter guesses until it thinks itself wrong", "[engine][families][drafter]") {
    const Loaded model = load("v4_block_drafter", "config");
    for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()})
        for (const auto& chain : model.golden["sim_off"]["chains"]) {
            const auto next = chain["position"].get<size_t>() + 1;
            CAPTURE(int(isa), next);
            WorkerPool pool(2);
            Session session = sessionOf(model, pool, isa);
            session.evaluate(std::span(model.tokens).first(next)).value();
            REQUIRE(session.draft(model.tokens[next], 16).value() == guessesOf(chain));
            auto two = guessesOf(chain);
            two.resize(std::min<size_t>(2, two.size()));
            REQUIRE(session.draft(model.tokens[next], 2).value() == two);
        }
}

TEST_CASE("chunks and threads change no bit of a block drafter", "[engine][families][drafter]") {
    const Loaded model = load("v4_block_drafter", "config");
    const auto drafts = [&](int64_t chunk, int32_t threads) {
        return run(model.plan, model.tokens,
                   {.isa = kernels::detectIsa(),
                    .chunkTokens = chunk,
                    .threads = threads,
                    .keepsDraft = true})
            .draft;
    };
    const Rows whole = drafts(8192, 1);
    REQUIRE(whole.size() == model.tokens.size() - 1);
    for (const int64_t chunk : {1, 3, 16, 17, 18, 64, 127, 128, 129, 200})
        REQUIRE(drafts(chunk, chunk % 2 == 0 ? 2 : 1) == whole);
}

TEST_CASE("guessing leaves the session as it was", "[engine][families][drafter]") {
    const Loaded model = load("v4_block_drafter", "config");
    const auto tokens = std::span(model.tokens);
    WorkerPool pool(1);
    Session plain = sessionOf(model, pool, kernels::detectIsa());
    Session guessing = sessionOf(model, pool, kernels::detectIsa());
    for (size_t at = 0; at < 290; at += 10) {
        plain.evaluate(tokens.subspan(at, 10)).value();
        guessing.evaluate(tokens.subspan(at, 10)).value();
        // A wrong guess is checked and taken back, as speculation does.
        const auto guessed = guessing.draft(tokens[at + 10], 5).value();
        std::vector<int32_t> wrong = {tokens[at + 10]};
        wrong.insert(wrong.end(), guessed.begin(), guessed.end());
        guessing.evaluate(wrong, {.endsWithPoint = false}).value();
        REQUIRE(guessing.rewind(int64_t(at) + 10).has_value());
    }
    const auto tail = tokens.subspan(290);
    const auto expected = plain.evaluate(tail).value();
    REQUIRE(std::ranges::equal(guessing.evaluate(tail).value(), expected));
    REQUIRE(guessing.draft(7, 5).value() == plain.draft(7, 5).value());
}

}  // namespace moxie::engine

#include "app/desktop/core/shared_list.h"

#include <random>
#include <string>

#include "tests/catch.h"

namespace moxie::desktop {

TEST_CASE("a copy of a shared list never sees what happens to the other", "[desktop]") {
    std::mt19937 random(7);
    std::vector<SharedList<std::string>> lists(1);
    std::vector<std::vector<std::string>> plain(1);
    for (int step = 0; step < 4000; ++step) {
        const size_t which = random() % lists.size();
        SharedList<std::string>& list = lists[which];
        std::vector<std::string>& model = plain[which];
        const std::string text = std::to_string(step);
        switch (random() % 8) {
            case 0:
                if (lists.size() < 6) {
                    lists.push_back(list);
                    plain.push_back(model);
                } else {
                    lists[random() % 6] = lists[which];  // which may be itself
                    plain.assign(6, {});
                    for (size_t i = 0; i < 6; ++i)
                        for (int64_t k = 0; k < lists[i].size(); ++k)
                            plain[i].push_back(lists[i][k]);
                }
                break;
            case 1:
                if (model.empty()) break;
                // Mostly a few, now and then a part of any size.
                model.resize(step % 50 == 0
                                 ? random() % (model.size() + 1)
                                 : model.size() - random() % std::min<size_t>(model.size(), 3));
                list.truncate(int64_t(model.size()));
                break;
            case 2:
            case 3:
                if (model.empty()) break;
                list.edit(int64_t(step) % list.size()) += "x";
                model[size_t(step) % model.size()] += "x";
                break;
            default:
                list.append(text);
                model.push_back(text);
                break;
        }
        for (size_t i = 0; i < lists.size(); ++i) {
            REQUIRE(lists[i].size() == int64_t(plain[i].size()));
            const auto at = int64_t(random() % (plain[i].size() + 1));
            if (at < lists[i].size()) REQUIRE(lists[i][at] == plain[i][size_t(at)]);
        }
    }
    for (size_t i = 0; i < lists.size(); ++i)
        for (int64_t k = 0; k < lists[i].size(); ++k)
            REQUIRE(lists[i][k] == plain[i][size_t(k)]);
}

}  // namespace moxie::desktop

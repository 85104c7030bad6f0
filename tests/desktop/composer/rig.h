// A composer over fakes, in a window of its own.
#pragma once
#include <QTemporaryDir>
#include <QVBoxLayout>
#include <QWidget>
#include <utility>
#include <vector>

#include "app/desktop/screens/composer/composer_screen.h"
#include "app/desktop/screens/composer/draft_store.h"
#include "app/desktop/screens/composer/suggester.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"

namespace moxie::desktop::testing {

// Keeps the questions; the test answers when it likes.
class FakeSuggester final : public Suggester {
public:
    void suggest(const QString& query, QObject&, Answer answer) override {
        questions.push_back({query, std::move(answer)});
    }

    struct Question {
        QString query;
        Answer answer;
    };

    std::vector<Question> questions;
};

struct ComposerRig {
    ComposerRig() {
        window.setObjectName(QStringLiteral("window"));
        auto* layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(notices);
        layout->addStretch(1);
        layout->addWidget(screen);
        notices->serve(window);
        showActive(window, {720, 600});
        edit->setFocus();
    }

    template <class Part>
    Part* part(const char* name) const {
        auto* found = window.findChild<Part*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found;
    }

    void type(const QString& text) const { QTest::keyClicks(edit, text); }

    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) const {
        QTest::keyClick(edit, key, modifiers);
    }

    QApplication& app = application();  // before every widget
    QTemporaryDir folder;
    FakeSession session;
    FakeSuggester suggester;
    DraftStore drafts{folder.path().toStdString() + "/drafts"};
    Appearance appearance;
    ActionRegistry registry;
    QWidget window;
    NoticeStrip* notices = new NoticeStrip(appearance, &window);
    ComposerScreen* screen =
        new ComposerScreen(session, suggester, drafts, appearance, registry, &window);
    MessageEdit* edit = screen->findChild<MessageEdit*>();
};

}  // namespace moxie::desktop::testing

#include "app/desktop/screens/welcome/start_page.h"

#include <QVBoxLayout>

namespace moxie::desktop {

StartPage::StartPage(WelcomeModel& model, Appearance& appearance)
    : WelcomePage(model, appearance),
      folder_(makeButton(this, QStringLiteral("welcome.start.folder"))),
      demo_(makeButton(this, QStringLiteral("welcome.start.demo"))),
      folderHelp_(makeText(this, QStringLiteral("welcome.start.folder.help"))),
      demoHelp_(makeText(this, QStringLiteral("welcome.start.demo.help"))) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(2));
    for (QPushButton* button : {folder_, demo_})
        button->setMinimumSize(grid(64), grid(9));
    layout->addWidget(folder_, 0, Qt::AlignLeft);
    layout->addWidget(folderHelp_);
    layout->addSpacing(grid(4));
    layout->addWidget(demo_, 0, Qt::AlignLeft);
    layout->addWidget(demoHelp_);
    layout->addStretch();
    connect(folder_, &QPushButton::clicked, this, &StartPage::folderWanted);
    connect(demo_, &QPushButton::clicked, this, &StartPage::demoWanted);
    StartPage::applyLook();
    StartPage::retranslate();
}

QString StartPage::title() const {
    return tr("Where to begin");
}

QString StartPage::lead() const {
    return tr(
        "Moxie works in a folder, best in a Git repository. Everything it changes can be "
        "taken back.");
}

QString StartPage::nextText() const {
    return tr("Done");
}

void StartPage::applyLook() {
    const Look& look = appearance_.look();
    dress(*folderHelp_, look, TextRole::small, Role::textMuted);
    dress(*demoHelp_, look, TextRole::small, Role::textMuted);
}

void StartPage::retranslate() {
    folder_->setText(tr("Open a folder…"));
    folderHelp_->setText(tr("Your own project."));
    demo_->setText(tr("Try it on a sample repository"));
    demoHelp_->setText(
        tr("A small repository with a failing test, made in a temporary folder: watch the agent "
           "find and mend it."));
}

}  // namespace moxie::desktop

#include "app/desktop/screens/welcome/machine_page.h"

#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>
#include <cmath>

namespace moxie::desktop {

namespace {

QString bytesText(double bytes) {
    return QLocale().formattedDataSize(qint64(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

}  // namespace

MachinePage::MachinePage(WelcomeModel& model, Appearance& appearance)
    : WelcomePage(model, appearance),
      factsTitle_(makeText(this, QStringLiteral("welcome.machine.facts"))),
      verdictsTitle_(makeText(this, QStringLiteral("welcome.machine.verdicts"))),
      advice_(makeText(this, QStringLiteral("welcome.machine.advice"))) {
    auto* table = new QGridLayout;
    table->setHorizontalSpacing(grid(6));
    table->setVerticalSpacing(grid(2));
    table->setColumnStretch(1, 1);
    int line = 0;
    const auto addRow = [&](Row& row, const QString& name) {
        row = {makeText(this, name + QStringLiteral(".name")), makeText(this, name)};
        row.name->setWordWrap(false);
        table->addWidget(row.name, line, 0, Qt::AlignTop);
        table->addWidget(row.value, line, 1, Qt::AlignTop);
        ++line;
    };
    table->addWidget(factsTitle_, line++, 0, 1, 2);
    for (size_t i = 0; i < facts_.size(); ++i)
        addRow(facts_[i], QStringLiteral("welcome.machine.fact.%1").arg(i));
    table->setRowMinimumHeight(line++, grid(3));
    table->addWidget(verdictsTitle_, line++, 0, 1, 2);
    for (size_t i = 0; i < verdicts_.size(); ++i)
        addRow(verdicts_[i], QStringLiteral("welcome.machine.verdict.%1").arg(i));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(4));
    layout->addLayout(table);
    layout->addWidget(advice_);
    layout->addStretch();
    connect(&model_, &WelcomeModel::machineMeasured, this, &MachinePage::showFacts);
    MachinePage::applyLook();
    MachinePage::retranslate();
}

QString MachinePage::title() const {
    return tr("What this computer can do");
}

QString MachinePage::lead() const {
    return tr(
        "Models can run here, without any network. How well depends on memory: how much, "
        "and how fast.");
}

void MachinePage::enter() {
    if (!model_.machine()) model_.measure();
}

void MachinePage::leave() {
    model_.cancelMeasure();
}

void MachinePage::applyLook() {
    const Look& look = appearance_.look();
    dress(*factsTitle_, look, TextRole::title, Role::text);
    dress(*verdictsTitle_, look, TextRole::title, Role::text);
    dress(*advice_, look, TextRole::body, Role::text);
    for (const auto* rows : {facts_.data(), verdicts_.data()})
        for (size_t i = 0; i < facts_.size(); ++i) {
            dress(*rows[i].name, look, TextRole::body, Role::textMuted);
            dress(*rows[i].value, look, TextRole::body, Role::text);
        }
    showFacts();
}

void MachinePage::retranslate() {
    factsTitle_->setText(tr("This computer"));
    verdictsTitle_->setText(tr("Models"));
    const QString names[] = {tr("Processor"), tr("Memory"), tr("Speed of the memory"), tr("Disk"),
                             tr("Graphics card")};
    for (size_t i = 0; i < facts_.size(); ++i)
        facts_[i].name->setText(names[i]);
    const QString sizes[] = {tr("Tiny: for trying"), tr("Small: 3 billion parameters"),
                             tr("Medium: 8 billion"), tr("Large: 14 billion"),
                             tr("Very large: 32 billion")};
    for (size_t i = 0; i < verdicts_.size(); ++i)
        verdicts_[i].name->setText(sizes[i]);
    showFacts();
}

void MachinePage::showFacts() {
    if (!model_.machine()) {
        for (const Row& row : facts_)
            row.value->setText(tr("measuring…"));
        for (const Row& row : verdicts_)
            row.value->setText(QStringLiteral("…"));
        advice_->clear();
        return;
    }
    const MachineFacts& facts = *model_.machine();
    const app::Machine& machine = facts.machine;
    facts_[0].value->setText(tr("%1, threads: %2, %3")
                                 .arg(QString::fromStdString(machine.cpu))
                                 .arg(machine.processors)
                                 .arg(QString::fromStdString(machine.kernels)));
    facts_[1].value->setText(tr("%1, of which %2 are free")
                                 .arg(bytesText(double(machine.memoryBytes)),
                                      bytesText(double(machine.memoryAvailableBytes))));
    facts_[2].value->setText(facts.memoryBytesPerSecond > 0
                                 ? tr("%1 in a second").arg(bytesText(facts.memoryBytesPerSecond))
                                 : tr("could not be measured"));
    facts_[3].value->setText(
        facts.diskBytesPerSecond > 0
            ? tr("%1 free, reads %2 in a second")
                  .arg(bytesText(double(machine.diskAvailableBytes)),
                       bytesText(facts.diskBytesPerSecond))
            : tr("%1 free").arg(bytesText(double(machine.diskAvailableBytes))));
    facts_[4].value->setText(machine.accelerator.empty()
                                 ? tr("none found; models run on the processor")
                                 : tr("found, but this version runs models on the processor"));
    showVerdicts(facts);
}

void MachinePage::showVerdicts(const MachineFacts& facts) {
    const Look& look = appearance_.look();
    for (size_t i = 0; i < verdicts_.size(); ++i) {
        const ModelVerdict verdict = verdictOf(kModelClasses[i], facts);
        const QString needs = bytesText(double(verdict.bytesNeeded));
        const int speed = int(std::lround(verdict.tokensPerSecondMax));
        QLabel& value = *verdicts_[i].value;
        switch (verdict.fit) {
            case Fit::good:
                value.setText(tr("✓ runs well, up to %1 tokens a second").arg(speed));
                break;
            case Fit::slow:
                value.setText(tr("– runs slowly, up to %1 tokens a second").arg(speed));
                break;
            case Fit::tight:
                value.setText(tr("– needs %1: close other programs first").arg(needs));
                break;
            case Fit::no:
                value.setText(tr("✗ does not fit, it needs %1").arg(needs));
                break;
        }
        dress(value, look, TextRole::body,
              verdict.fit == Fit::good ? Role::success
              : verdict.fit == Fit::no ? Role::textMuted
                                       : Role::warning);
    }
    advice_->setText(
        isTooSmallForWork(facts)
            ? tr("For real work this computer is on the small side. Choose a server in the next "
                 "step; small models still do for short edits and for trying.")
            : tr("This computer is strong enough to work with a model of its own."));
}

}  // namespace moxie::desktop

// What the search found inside conversations: title, age and one line with the words marked.
// Threads: GUI thread only.
#pragma once
#include <QListView>

#include "app/desktop/session/session_store_model.h"

namespace moxie::base {
class Clock;
}

namespace moxie::desktop {

class Appearance;

class SearchHits final : public QListView {
    Q_OBJECT

public:
    SearchHits(const base::Clock& clock, Appearance& appearance, QWidget* parent = nullptr);

    void setHits(std::vector<SessionHit> hits);
    int hitCount() const;

signals:
    void hitChosen(const moxie::desktop::SessionHit& hit);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    class Model;

    void choose(const QModelIndex& index);
    void applyLook();

    Appearance& appearance_;
    Model* model_;
};

}  // namespace moxie::desktop

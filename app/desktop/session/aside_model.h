// Questions on the side: what a session's model answers to them is seen here and nowhere else. It
// knows all that the session knows; the session learns nothing of it, nothing is written, no tool
// runs. Screens know only this; LiveAside is the real one. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <vector>

#include "app/desktop/model/conversation_model.h"

namespace moxie::desktop {

class AsideModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    // A turn for each question.
    virtual const Conversation& now() const = 0;
    virtual bool isAsking() const = 0;
    // Of all answers; in no sum of the session. 0: the model did not say.
    virtual int64_t tokens() const = 0;

    // While one is being answered another one waits for it to be stopped: it is not taken then.
    virtual void ask(const QString& question) = 0;
    virtual void stop() = 0;

signals:
    // To be played back on what the view had, as of SessionModel.
    void changed(const std::vector<moxie::desktop::ConversationChange>& changes);
    // isAsking() or tokens() is different.
    void statusChanged();
};

}  // namespace moxie::desktop

"""PyPI smooch: the six calls of ConversationApi."""

import smooch

from trial import Trial, base_url

APP, USER = "5f0c2a9b7d31e84612a0c9f5", "customer-1042"

# The SDK's configuration is one object for the whole program.
smooch.configuration.host = base_url("smooch")
smooch.configuration.api_key["Authorization"] = "any-token-will-do"
smooch.configuration.api_key_prefix["Authorization"] = "Bearer"
api = smooch.ConversationApi()

trial = Trial("smooch", "smooch", [
    "conversation_activity",
    "delete_message",
    "delete_messages",
    "get_messages",
    "post_message",
    "reset_unread_count",
])

# The newest hundred of 250, and the hundred before them.
newest = trial.call(api.get_messages, APP, USER, check=lambda a: len(a.messages) == 100 and a.conversation.unread_count == 3)
trial.call(api.get_messages, APP, USER, before=str(newest.messages[0].received),
           check=lambda a: len(a.messages) == 100 and a.messages[-1].received < newest.messages[0].received and a.next)
trial.call(api.reset_unread_count, APP, USER)

posted = trial.call(api.post_message, APP, USER, smooch.MessagePost(role="appMaker", type="text", text="Good morning!"),
                    check=lambda a: a.message.id and a.message.role == "appMaker" and a.message.received > 1_500_000_000)
trial.call(api.get_messages, APP, USER, after=str(newest.messages[-1].received),
           check=lambda a: [m.id for m in a.messages] == [posted.message.id] and a.conversation.unread_count == 1)
menu = smooch.MessagePost(role="appMaker", type="carousel", items=[
    smooch.MessageItem(title="Tea", actions=[smooch.Action(type="link", text="Buy", uri="https://example.com/tea")]),
])
trial.call(api.post_message, APP, USER, menu, check=lambda a: a.message.items[0].actions[0].uri)
trial.call(api.conversation_activity, APP, USER, smooch.ConversationActivity(role="appMaker", type="typing:start"),
           check=lambda a: a.conversation.id)

trial.call(api.delete_message, APP, USER, posted.message.id)
trial.refused(404, api.delete_message, APP, USER, posted.message.id)
trial.call(api.delete_messages, APP, USER)
trial.call(api.get_messages, APP, USER, check=lambda a: a.messages == [])
trial.finish()

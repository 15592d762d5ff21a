"""PyPI sib-api-v3-sdk: the nine calls of ConversationsApi."""

import sib_api_v3_sdk as sdk

from trial import Trial, base_url

VISITOR, AGENT = "kZMvWhf8npAu3H6qd", "d9nKoegKSjmCtyK78"

configuration = sdk.Configuration()
configuration.host = base_url("brevo")
configuration.api_key["api-key"] = "any-key-will-do"
api = sdk.ConversationsApi(sdk.ApiClient(configuration))

trial = Trial("sib-api-v3-sdk", "brevo", [
    "conversations_agent_online_ping_post",
    "conversations_messages_id_delete",
    "conversations_messages_id_get",
    "conversations_messages_id_put",
    "conversations_messages_post",
    "conversations_pushed_messages_id_delete",
    "conversations_pushed_messages_id_get",
    "conversations_pushed_messages_id_put",
    "conversations_pushed_messages_post",
])

trial.call(api.conversations_agent_online_ping_post, sdk.Body12(agent_id=AGENT))
# An agent without an id: e-mail, name and origin take its place.
trial.call(api.conversations_agent_online_ping_post,
           sdk.Body12(agent_email="liz@example.com", agent_name="Liz", received_from="trial"))

sent = trial.call(api.conversations_messages_post, sdk.Body8(visitor_id=VISITOR, text="Good morning!", agent_id=AGENT),
                  check=lambda m: m.id and m.type == "agent" and m.agent_name == "Liz" and not m.is_pushed)
trial.call(api.conversations_messages_id_get, sent.id,
           check=lambda m: m.text == "Good morning!" and m.visitor_id == VISITOR and m.created_at > 1_500_000_000_000)
trial.call(api.conversations_messages_id_put, sent.id, body=sdk.Body9(text="Good evening!"),
           check=lambda m: m.text == "Good evening!")
trial.call(api.conversations_messages_id_get, "v1sitorSa1dHe11oX", check=lambda m: m.type == "visitor")
trial.call(api.conversations_messages_id_delete, sent.id)
trial.refused(404, api.conversations_messages_id_delete, sent.id)

pushed = trial.call(api.conversations_pushed_messages_post, sdk.Body10(visitor_id=VISITOR, text="It is on its way."),
                    check=lambda m: m.id and m.is_pushed)
trial.call(api.conversations_pushed_messages_id_get, pushed.id, check=lambda m: m.text == "It is on its way.")
trial.call(api.conversations_pushed_messages_id_put, pushed.id, sdk.Body11(text="It is here."),
           check=lambda m: m.text == "It is here.")
trial.call(api.conversations_pushed_messages_id_delete, pushed.id)
trial.refused(404, api.conversations_pushed_messages_id_get, pushed.id)
trial.finish()

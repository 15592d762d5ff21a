"""PyPI ultracart-rest-sdk: the eleven calls of ConversationApi that this project covers. Newer ones are left out."""

import time

import ultracart
from ultracart.api.conversation_api import ConversationApi
from ultracart.model.conversation_start_request import ConversationStartRequest
from ultracart.model.conversation_webchat_queue_status_update_request import ConversationWebchatQueueStatusUpdateRequest

from trial import Trial, base_url

# `ConversationApi.fromApiKey` is the vendor's way in, but it raises a NameError in 4.1.208; these lines are its own.
configuration = ultracart.Configuration(host=base_url("ultracart"))
configuration.api_key["x-ultracart-simple-key"] = "any-key-will-do"
api = ConversationApi(ultracart.ApiClient(configuration, header_name="X-UltraCart-Api-Version", header_value="2017-03-01"))

trial = Trial("ultracart-rest-sdk", "ultracart", [
    "get_agent_keep_alive",
    "get_agent_websocket_authorization",
    "get_conversation",
    "get_conversation_messages",
    "get_conversation_multimedia_upload_url",
    "get_conversation_webchat_queue_statuses",
    "get_conversations",
    "join_conversation",
    "leave_conversation",
    "start_conversation",
    "update_conversation_webchat_queue_status",
])

trial.call(api.get_agent_keep_alive)
trial.call(api.get_agent_websocket_authorization, check=lambda a: a.agent_auth.jwt and a.agent_auth.websocket_url)

started = trial.call(api.start_conversation, ConversationStartRequest(add_conversation_participant_arns=[]),
                     check=lambda a: a.conversation.conversation_uuid)
# Three conversations, two to a page.
first = trial.call(api.get_conversations, limit=2, offset=0,
                   check=lambda a: len(a.conversations) == 2 and a.metadata.result_set.more)
rest = trial.call(api.get_conversations, limit=2, offset=first.metadata.result_set.next_offset,
                  check=lambda a: len(a.conversations) == 1 and not a.metadata.result_set.more)
waiting = next(c for c in first.conversations + rest.conversations if c.unread_messages).conversation_uuid

trial.call(api.join_conversation, waiting)
trial.call(api.get_conversation, waiting, limit=1, check=lambda a: len(a.conversation.messages) == 1)
trial.call(api.get_conversation_messages, waiting, 0, check=lambda a: len(a.conversation_messages) == 3)
trial.call(api.get_conversation_messages, waiting, int((time.time() - 60) * 1000), limit=10,
           check=lambda a: [m.type for m in a.conversation_messages] == ["notice"])
trial.call(api.leave_conversation, waiting)
trial.refused(400, api.leave_conversation, waiting)

trial.call(api.update_conversation_webchat_queue_status, "Customer Service",
           ConversationWebchatQueueStatusUpdateRequest(agent_status="busy"))
trial.call(api.get_conversation_webchat_queue_statuses,
           check=lambda a: {q.queue_name: q.agent_busy_count for q in a.queue_statuses}["Customer Service"] == 2)
trial.call(api.get_conversation_multimedia_upload_url, "png",
           check=lambda a: a.conversation_multimedia_upload_url.url.startswith("https://"))
trial.finish()

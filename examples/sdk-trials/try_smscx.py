"""PyPI smscx-client: the six calls of ConversationsApi."""

import smscx_client
from smscx_client.api.conversations_api import ConversationsApi
from smscx_client.model.conversation_reply_sms_request import ConversationReplySmsRequest
from smscx_client.model.conversation_reply_viber_request import ConversationReplyViberRequest
from smscx_client.model.conversation_reply_whatsapp_request import ConversationReplyWhatsappRequest

from trial import Trial, base_url

api = ConversationsApi(smscx_client.ApiClient(smscx_client.Configuration(host=base_url("smscx"), api_key="any-key-will-do")))

trial = Trial("smscx-client", "smscx", [
    "get_conversation",
    "get_converstions_list",
    "mark_conversation_as_read",
    "send_conversation_reply_sms",
    "send_conversation_reply_viber",
    "send_conversation_reply_whatsapp",
])

listed = trial.call(api.get_converstions_list, check=lambda a: len(a.data) == 3)
waiting = next(c for c in listed.data if c.unread_messages == 2).conversation_id
trial.call(api.get_conversation, waiting, check=lambda a: len(a.data) == 3 and a.info.phone_number)
trial.call(api.mark_conversation_as_read, waiting)
trial.call(api.get_converstions_list, check=lambda a: {c.conversation_id: c.unread_messages for c in a.data}[waiting] == 0)

card = {"imageUrl": "https://example.com/a.png", "buttonCaption": "Look", "targetUrl": "https://example.com"}
trial.call(api.send_conversation_reply_sms, waiting, ConversationReplySmsRequest(text="By SMS"),
           check=lambda a: a.info.total_cost > 0 and a.data)
trial.call(api.send_conversation_reply_viber, waiting, ConversationReplyViberRequest(text="By Viber", rich_media=card),
           check=lambda a: a.info.total_cost > 0 and a.data)
trial.call(api.send_conversation_reply_whatsapp, waiting, ConversationReplyWhatsappRequest(text="By WhatsApp", rich_media={}),
           check=lambda a: a.info.total_cost > 0 and a.data)
trial.call(api.get_conversation, waiting,
           check=lambda a: len(a.data) == 6 and {"By SMS", "By Viber", "By WhatsApp"} <= {m.text for m in a.data}
           and all(m.cost > 0 for m in a.data if m.text.startswith("By ")))
trial.refused(404, api.get_conversation, "00000000-0000-4000-8000-000000000000")
trial.finish()

//! Every type of every provider by name, so that bodies can be read into it and written back.

use crate::folder::{PROVIDERS, generated};
use conversations::{brevo, smooch, smscx, ultracart};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeSet;

/// A type, and how a body goes through it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    /// The provider.
    pub(crate) provider: &'static str,
    /// The name in the provider's `types`.
    pub(crate) name: &'static str,
    /// Reads a body into the type and writes the value back.
    pub(crate) through: fn(&[u8]) -> Result<Value, String>,
}

fn through<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<Value, String> {
    let value: T = serde_json::from_slice(body).map_err(|it| it.to_string())?;
    Ok(serde_json::to_value(value).expect("a typed value is JSON"))
}

macro_rules! types {
    ($($provider:ident: $($name:ident)+;)+) => {
        &[$($(Type {
            provider: stringify!($provider),
            name: stringify!($name),
            through: through::<$provider::types::$name>,
        },)+)+]
    };
}

/// All types, sorted by provider and name.
pub(crate) const ALL: &[Type] = types! {
    brevo:
        AgentOnlinePing ConversationsMessage ConversationsMessageType CreateAutomatedMessage
        EmailAddress ErrorModel ErrorModelCode ForwardStatus ImageInfo MessageAttachment
        MessageAttachmentIsInline MessageFile SendMessage UpdateMessage;
    smooch:
        Action ActionSize ActionState ActionType ActivityResponse Conversation ConversationActivity
        ConversationActivityType Coordinates Destination DisplaySettings Error ErrorEnvelope
        GetMessagesResponse ImageAspectRatio IntegrationType Message MessageItem MessageItemSize
        MessageOverride MessageOverrideWhatsapp MessagePost MessageResponse MessageType Role Source;
    smscx:
        ConversationDetailsResponse ConversationReadResponse ConversationReplySmsRequest
        ConversationReplySmsResponse ConversationReplyViberRequest ConversationReplyViberResponse
        ConversationReplyWhatsappRequest ConversationReplyWhatsappResponse ConversationsListResponse
        DataConversation DataConversationChannel DataConversationReply DataConversationReplyStatus
        DataConversationStatus DataConversationType DataConversations DataViber DataViberStatus
        Error ErrorType ErrorEnvelope InfoConversation InfoConversationReply InfoId RichMedia
        TextAnalysis;
    ultracart:
        Conversation ConversationAgentAuth ConversationAgentAuthResponse ConversationMedium
        ConversationMessage ConversationMessageTransportStatus
        ConversationMessageTransportStatusStatus ConversationMessageType
        ConversationMessagesResponse ConversationMultimediaUploadUrl
        ConversationMultimediaUploadUrlResponse ConversationParticipant ConversationResponse
        ConversationStartRequest ConversationStartResponse ConversationSummary
        ConversationSummaryMedium ConversationTwilioAccount ConversationWebchatQueueStatus
        ConversationWebchatQueueStatusAgent ConversationWebchatQueueStatusAgentAgentStatus
        ConversationWebchatQueueStatusQueueEntry ConversationWebchatQueueStatusUpdateRequest
        ConversationWebchatQueueStatusUpdateRequestAgentStatus
        ConversationWebchatQueueStatusesResponse ConversationsResponse Error ErrorResponse
        GetConversationsMedium ResponseMetadata ResultSet Warning;
};

/// The type that a component of the document became.
pub(crate) fn of_component(provider: &str, component: &str) -> Option<Type> {
    ALL.iter().find(|it| it.provider == provider && it.name == component).copied()
}

#[test]
fn every_type_is_listed() {
    let listed: BTreeSet<_> = ALL.iter().map(|it| (it.provider, it.name)).collect();
    let mut public = BTreeSet::new();
    for provider in PROVIDERS {
        let items = generated(provider).surface.items.keys();
        let names = items.filter_map(|it| it.strip_prefix("types::"));
        public.extend(names.filter(|it| !it.contains("::")).map(|it| (provider, it)));
    }
    assert_eq!(listed, public);
}

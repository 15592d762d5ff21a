//! `BREVO_API_KEY=… WEBHOOK_SECRET=… cargo run -p axum-bot`; then register `https://…/hook/<secret>` with the vendor.

use axum_bot::{Bot, router};
use conversations::brevo::Client;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bot = Bot {
        client: Client::builder().api_key(std::env::var("BREVO_API_KEY")?).build()?,
        secret: std::env::var("WEBHOOK_SECRET")?.into(),
        seen: Default::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, router(bot)).await?)
}

//! The ceiling of `bench/run.py`: bare actix-web that checks a token and answers with a fixed body. A service cannot
//! be faster than this on the same machine.
//!
//! `ceiling --token` prints a token; `ceiling FOLDER ADDRESS` serves each file of a folder under its name.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const KEY: &[u8] = b"a key for the bench alone";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
}

struct Served {
    bodies: HashMap<String, Bytes>,
    key: DecodingKey,
    validation: Validation,
}

async fn answer(request: HttpRequest, served: Data<Served>) -> HttpResponse {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let valid = token.is_some_and(|token| {
        jsonwebtoken::decode::<Claims>(token, &served.key, &served.validation)
            .is_ok_and(|data| data.claims.sub == "bench")
    });
    if !valid {
        return HttpResponse::Unauthorized().finish();
    }
    match served.bodies.get(request.match_info().get("name").unwrap_or_default()) {
        Some(body) => HttpResponse::Ok().content_type("application/json").body(body.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

fn token() -> Result<String, Box<dyn std::error::Error>> {
    let exp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 86_400;
    let claims = Claims { sub: "bench".to_owned(), exp };
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(KEY))?)
}

#[expect(clippy::print_stdout, reason = "what it prints is its answer")]
#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(first), second) = (args.next(), args.next()) else {
        return Err("usage: ceiling --token | FOLDER ADDRESS".into());
    };
    if first == "--token" {
        println!("{}", token()?);
        return Ok(());
    }
    let mut bodies = HashMap::new();
    for entry in std::fs::read_dir(PathBuf::from(first))? {
        let entry = entry?;
        bodies.insert(entry.file_name().to_string_lossy().into_owned(), Bytes::from(std::fs::read(entry.path())?));
    }
    let key = DecodingKey::from_secret(KEY);
    let served = Data::new(Served { bodies, key, validation: Validation::new(Algorithm::HS256) });
    let app = move || App::new().app_data(served.clone()).route("/{name}", web::get().to(answer));
    HttpServer::new(app).bind(second.ok_or("an address is wanted")?)?.run().await?;
    Ok(())
}

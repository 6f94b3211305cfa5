use super::*;

// The example that the Standard Webhooks libraries test themselves with.
const SECRET: &str = "whsec_plJ3nmyCDGBKInavdOK15jsl";
const ID: &str = "msg_loFOjxBNrRLzqYUf";
const AT: i64 = 1_731_705_121;
const BODY: &[u8] = br#"{"event_type":"ping","data":{"success":true}}"#;
const SIGNATURE: &str = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=";

fn verifier(secrets: &[&str]) -> StandardWebhooks {
    let secrets = secrets.iter().map(|s| ("k".to_owned(), Secret::new((*s).to_owned()))).collect();
    StandardWebhooks::new(secrets).unwrap().unwrap()
}

fn verify(headers: &[(&str, &str)], body: &[u8], now: i64) -> Result<(), HookError> {
    verify_with(&verifier(&[SECRET]), headers, body, now)
}

fn verify_with(v: &StandardWebhooks, headers: &[(&str, &str)], body: &[u8], now: i64) -> Result<(), HookError> {
    let header =
        |name: &str| headers.iter().filter(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()).collect::<Vec<_>>();
    v.verify(&header, body, Timestamp(now * 1000))
}

fn headers<'a>(id: &'a str, at: &'a str, signature: &'a str) -> [(&'a str, &'a str); 3] {
    [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature)]
}

#[test]
fn the_published_example_is_genuine() {
    assert_eq!(verify(&headers(ID, "1731705121", SIGNATURE), BODY, AT), Ok(()));
}

#[test]
fn another_body_id_time_key_or_scheme_is_no_signature() {
    let good = headers(ID, "1731705121", SIGNATURE);
    assert_eq!(verify(&good, b"{}", AT), Err(HookError::Signature));
    assert_eq!(verify(&headers("msg_other", "1731705121", SIGNATURE), BODY, AT), Err(HookError::Signature));
    assert_eq!(verify(&headers(ID, "1731705122", SIGNATURE), BODY, AT), Err(HookError::Signature));
    let other = verifier(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    assert_eq!(verify_with(&other, &good, BODY, AT), Err(HookError::Signature));
    for wrong in [SIGNATURE.replace("v1,", "v1a,"), SIGNATURE.replace("v1,", ""), "v1,".to_owned(), String::new()] {
        assert_eq!(verify(&headers(ID, "1731705121", &wrong), BODY, AT), Err(HookError::Signature), "{wrong}");
    }
}

#[test]
fn a_time_beyond_the_tolerance_is_stale_both_ways() {
    let good = headers(ID, "1731705121", SIGNATURE);
    for (now, ok) in [(AT - 301, false), (AT - 300, true), (AT + 300, true), (AT + 301, false)] {
        let expected = if ok { Ok(()) } else { Err(HookError::Stale { tolerance_seconds: 300 }) };
        assert_eq!(verify(&good, BODY, now), expected, "{now}");
    }
}

#[test]
fn each_header_stands_exactly_once_and_is_well_formed() {
    let good = headers(ID, "1731705121", SIGNATURE);
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let without: Vec<_> = good.iter().copied().filter(|(n, _)| *n != name).collect();
        let twice: Vec<_> = good.iter().chain(good.iter().filter(|(n, _)| *n == name)).copied().collect();
        for bad in [without, twice] {
            assert!(matches!(verify(&bad, BODY, AT), Err(HookError::Header(n)) if n == name), "{name}");
        }
    }
    for id in ["", "a.b", "ä", &"x".repeat(65)] {
        assert_eq!(verify(&headers(id, "1731705121", SIGNATURE), BODY, AT), Err(HookError::Header("webhook-id")));
    }
    for at in ["", "+731705121", "173170512", "17317051210", "1731705 21", "-9223372036854775808"] {
        assert_eq!(verify(&headers(ID, at, SIGNATURE), BODY, AT), Err(HookError::Header("webhook-timestamp")), "{at}");
    }
    let many = [SIGNATURE; 9].join(" ");
    assert_eq!(verify(&headers(ID, "1731705121", &many), BODY, AT), Err(HookError::Header("webhook-signature")));
}

#[test]
fn while_a_secret_is_exchanged_both_are_good() {
    let both = verifier(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SECRET]);
    let two = format!("v1,AAAA {SIGNATURE}");
    assert_eq!(verify_with(&both, &headers(ID, "1731705121", &two), BODY, AT), Ok(()));
}

use crate::fixture::Rt;
use adapter_internal_rt::{Config, preflight};
use ports::Unfit;

#[tokio::test]
async fn a_sound_rt_passes_and_tells_its_version() {
    let Some(rt) = Rt::get() else { return };
    let version = preflight(&rt.ready(), "internal.rt").await.unwrap();
    assert!(version.starts_with("5."), "{version}");
}

#[tokio::test]
async fn a_misspelt_field_queue_or_swapped_tokens_are_named() {
    let Some(rt) = Rt::get() else { return };
    let keys = async |config: Config| -> Vec<String> {
        let found = match preflight(&config.check("internal.rt").unwrap(), "internal.rt").await {
            Err(Unfit::Wrong(mistakes)) => mistakes,
            other => panic!("{other:?}"),
        };
        found.into_iter().map(|m| m.key).collect()
    };
    let misspelt = Config { external_id_field: "TG Case ID ".into(), ..rt.config() };
    assert!(keys(misspelt).await.contains(&"internal.rt.external_id_field".to_owned()));
    let queue = Config { queues: vec!["Partner Cases".into(), "Nowhere".into()], ..rt.config() };
    assert_eq!(keys(queue).await, ["internal.rt.queues", "internal.rt.queues"]);
    let swapped = Config {
        sync_token_file: rt.config().partner_token_file,
        partner_token_file: rt.config().sync_token_file,
        ..rt.config()
    };
    let found = keys(swapped).await;
    for name in ["sync_user", "partner_user"] {
        assert!(found.contains(&format!("internal.rt.{name}")), "{name} in {found:?}");
    }
    let nobody = Config { url: "http://127.0.0.1:9".into(), ..rt.config() };
    let silent = preflight(&nobody.check("internal.rt").unwrap(), "internal.rt").await.unwrap_err();
    assert!(matches!(silent, Unfit::Silent(_)), "a server that is away says nothing of its set-up: {silent:?}");
}

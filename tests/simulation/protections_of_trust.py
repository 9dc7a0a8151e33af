"""The protections of trust: signatures, keys, rights; each with the tests that fail without it."""

from tests.simulation.mutation import Protection

_SIGNING = "tests/unit/trust/test_event_signatures.py::"
_SPEAKING = "tests/unit/trust/test_authority.py::"
_KEYS = "tests/unit/trust/test_keys_and_grants.py::"
_STREAMS = "tests/integration/bus/test_streams_of_publishers.py::"
_FULL = "tests/integration/bus/test_full_streams.py::"
_PARKED = "tests/contract/eventlog/test_room_for_parked_events.py::"
_SHARES = "tests/integration/trust/test_shares_of_publishers.py::"
_SEALED = "tests/unit/reporting/audit/test_sealed_export.py::"
_CHECKPOINTS = "tests/unit/console/test_audit_of_checkpoints.py::"
_REDACTING = "tests/unit/rules/test_redactions.py::"
_RECORDS = "tests/contract/eventlog/test_redacted_records.py::"
_FORWARDED = "tests/contract/eventlog/test_forwarded_events.py::"
_COPIES = "tests/contract/eventlog/test_a_copy_that_forwards.py::"
_FORWARDING = "tests/integration/trust/test_a_province_forwards.py::"
_READING = "tests/integration/people/test_publishers_read_their_own.py::"

PROTECTIONS_OF_TRUST = (
    Protection(
        "the signature of an event",
        {
            "shared.trust.signature_check:_RequestCheck._verified": lambda _check, _key, _signed, _root: (
                True
            )
        },
        (
            f"{_SIGNING}test_an_event_signed_for_another_realm_is_void",
            f"{_SIGNING}test_a_signature_with_the_order_added_is_refused",
        ),
        "None == 'bad_signature'",
    ),
    Protection(
        "the rules ask for a signature and a right, as the door does",
        {
            "shared.deciders.stream_decider:StreamDecider._not_speaking": (
                lambda _decider, _event, _day: None
            ),
        },
        (f"{_SPEAKING}test_an_unsigned_event_is_refused_by_the_rules_too",),
        "None == 'unsigned'",
    ),
    Protection(
        "a key signs for its own publisher only",
        {"shared.trust.authority:PublisherKey.belongs_to": lambda _key, _publisher: True},
        (f"{_SPEAKING}test_a_key_of_another_publisher_is_refused_by_the_rules_too",),
        "None == 'foreign_key'",
    ),
    Protection(
        "a revoked key signs nothing",
        {"shared.trust.authority:PublisherKey.is_revoked": lambda _key: False},
        (f"{_KEYS}test_an_event_of_a_revoked_key_is_refused_whatever_its_days_say",),
        "None == 'key_revoked'",
    ),
    Protection(
        "a right covers every unit of an event",
        {
            "shared.trust.authority_rules:Coverage._covers": lambda _coverage, _root, _unit, _day: (
                True
            )
        },
        (
            f"{_SPEAKING}test_a_province_speaks_for_itself_and_all_below_it_and_for_no_other",
            f"{_SPEAKING}test_decisions_on_another_provinces_registration_are_refused",
            f"{_SPEAKING}test_a_unit_divided_over_two_provinces_is_spoken_of_by_the_centre_alone",
        ),
        "None == 'outside_grant'",
    ),
    Protection(
        "what a root sends waits for the approval of another",
        {
            "shared.trust.authority:Authority.needs_approval": (
                lambda _authority, _payload, _sender, _signer: False
            ),
        },
        (f"{_KEYS}test_an_event_of_a_root_takes_effect_when_a_second_root_has_approved_it",),
        "waits for approval",
    ),
    Protection(
        "the proof that a new key is held",
        {"shared.trust.authority_events:_is_held": lambda _public, _stated, _proof: True},
        (
            f"{_KEYS}test_a_key_is_added_only_by_its_holder",
            f"{_KEYS}test_trust_begins_once_with_keys_that_are_held",
        ),
        "None == 'no_possession'",
    ),
    Protection(
        "a weak key is not added",
        {"shared.trust.authority_events:_is_unsafe": lambda _public: False},
        (f"{_KEYS}test_trust_begins_once_with_keys_that_are_held",),
        "== 'weak_key'",
    ),
    Protection(
        "an event comes by the stream of its own publisher",
        {"shared.bus.intake:_is_foreign": lambda _event, _publisher: False},
        (f"{_STREAMS}test_an_event_of_another_in_ones_own_stream_is_answered_to_oneself_alone",),
        "'accepted'.* != .*'foreign_stream'",
    ),
    Protection(
        "a run of the stream ends with a chain of the log",
        {"shared.bus.consumer:Consumer._is_of_the_log": lambda _consumer, _reached: True},
        (
            "tests/unit/bus/test_consumer.py::test_forged_entries_that_continue_the_chain_are_not_taken",
        ),
        "another history",
    ),
    Protection(
        "a stream that its publisher has ended begins again",
        {"shared.bus.stream_limits:_is_ahead": lambda _info, _now_us: False},
        (
            f"{_STREAMS}test_a_stream_that_was_ended_by_its_publisher_begins_again_once_it_is_empty[the greatest id]",
        ),
        "equal or smaller than|exhausted the last possible ID",
    ),
    Protection(
        "a stream that is too full has its user switched off",
        {
            "shared.bus.stream_limits:StreamLimits._is_too_full": (
                lambda _limits, _entries, _used: False
            ),
        },
        (
            f"{_FULL}test_a_stream_with_too_many_bytes_has_its_user_switched_off",
            f"{_FULL}test_a_stream_with_too_many_entries_has_its_user_switched_off_and_the_others_go_on",
        ),
        r"== \{'p-a'\}",
    ),
    Protection(
        "a publisher's share of the parked events",
        {"shared.appending.parked_room:ParkedRoom._has_its_share": lambda _room, _source: False},
        (
            f"{_PARKED}test_a_publisher_that_parks_its_share_is_refused_and_the_others_park_on[sqlite]",
            f"{_PARKED}test_the_share_is_a_tenth_of_50_000",
        ),
        "'Parked' != 'parked_quota'",
    ),
    Protection(
        "a publisher's share of the queue and of the bodies in hand",
        {
            "shared.appending.shares:PublisherShares._is_beyond": (
                lambda _shares, _held, _amounts: False
            ),
        },
        (
            f"{_SHARES}test_bytes_of_records_are_shared_as_events_are",
            f"{_SHARES}test_a_publisher_with_a_quarter_of_the_bodies_has_to_come_again_and_no_other",
            f"{_SHARES}test_a_publisher_with_a_quarter_of_the_queue_has_to_come_again_and_no_other",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "a signature of a read is that of its request",
        {
            "shared.trust.reads.request_signature:RequestSignature.is_of": (
                lambda _signature, _public, _request: True
            ),
        },
        (f"{_READING}test_a_signature_for_one_request_opens_no_other",),
        "200 == 401",
    ),
    Protection(
        "a signature of a read is of this moment",
        {"shared.web.signin.publisher_reads:_is_now": lambda _created, _now: True},
        (
            f"{_READING}test_a_signature_holds_for_five_minutes[-310-401]",
            f"{_READING}test_a_signature_holds_for_five_minutes[310-401]",
        ),
        "200 == 401",
    ),
    Protection(
        "a publisher reads only what is its own",
        {"shared.web.signin.publisher_reads:_asks_for": lambda _request, _source: True},
        (f"{_READING}test_what_is_anothers_is_refused_by_id_filter_and_cursor",),
        "200",
    ),
    Protection(
        "a redaction changes free texts and nothing else",
        {"shared.events.redacted_record:is_free": lambda _payload, _path: True},
        (
            f"{_REDACTING}test_a_replacement_of_anything_but_a_free_text_is_refused[/unit_id]",
            f"{_REDACTING}test_a_replacement_of_anything_but_a_free_text_is_refused[/field_code]",
        ),
        "None == 'not_free_text'",
    ),
    Protection(
        "a record is replaced only by the one that a redaction in the log states",
        {"shared.eventlog.migrations:_sqlite_door": lambda: ()},
        (
            f"{_RECORDS}test_any_other_change_of_a_row_is_refused[original-sqlite]",
            f"{_RECORDS}test_any_other_change_of_a_row_is_refused[no redaction-sqlite]",
        ),
        "DID NOT RAISE",
    ),
    Protection(
        "each run of an export is bound to the root of its checkpoint",
        {"services.reporting.audit.verification:_is_bound": lambda _root, _sealed: True},
        (
            f"{_SEALED}test_a_changed_body_with_a_chain_that_fits_is_broken_at_its_run",
            f"{_SEALED}test_the_first_event_of_a_run_is_bound_by_the_root_alone",
            f"{_SEALED}test_another_checkpoint_is_not_theirs",
        ),
        r"assert (\[\] == \[|5 in \[)",
    ),
    Protection(
        "a checkpoint is cosigned by a quorum of the policy",
        {"shared.trust.policy:Policy.is_quorum": lambda _policy, _names: True},
        (f"{_CHECKPOINTS}test_a_cosignature_from_the_future_does_not_count",),
        "readings differ",
    ),
    Protection(
        "a forwarded event continues the chain of its ledger",
        {
            "shared.appending.origins.receiving:_OriginLedger._continues": lambda _ledger, _origin: (
                True
            )
        },
        (f"{_FORWARDED}test_the_chain_is_computed_again[sqlite-the record]",),
        "assert \\['Accepted'\\] == \\['origin_forked'\\]",
    ),
    Protection(
        "a ledger that begins later is a copy up to its first event",
        {"shared.appending.origins.receiving:_OriginLedger._begins": lambda _ledger, _origin: True},
        (f"{_COPIES}test_it_cannot_begin_behind_an_event_that_only_it_has[sqlite]",),
        "assert \\['Accepted', 'Accepted'\\] == \\['origin_gap', 'origin_gap'\\]",
    ),
    Protection(
        "an origin is believed from a request of its ledger only",
        {"shared.trust.signature_check:_is_unproved": lambda _origin, _sender: False},
        (f"{_FORWARDING}test_an_origin_is_believed_only_from_its_ledger[not signed]",),
        "== {'origin_unproved'}",
    ),
    Protection(
        "an export goes on from the checkpoint that its auditor kept",
        {"services.console.trust.audited_checkpoint:_continues": lambda _root, _kept: True},
        (f"{_CHECKPOINTS}test_a_past_that_was_rewritten_and_sealed_is_another_history[True-3]",),
        "It continues the kept checkpoint",
    ),
)
